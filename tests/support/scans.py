"""The threads that each_process() starts."""

from __future__ import annotations

import threading

from support.children import wait_until


def reading_threads() -> list[threading.Thread]:
    """Return those that run."""
    return [thread for thread in threading.enumerate() if thread.name == "procmaps"]


def wait_for_threads() -> None:
    """Wait until each has ended, as it has to without being told."""
    wait_until(lambda: not reading_threads())
