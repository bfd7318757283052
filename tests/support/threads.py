"""The threads of this process that read files for tables."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path


def reading_threads() -> int:
    """Return how many there are, by the names that the system has."""
    names = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            names.append((task / "comm").read_text().strip())
    return names.count("procmaps-arrow")


def wait_for_threads(count: int) -> None:
    """Wait until there are so many of them."""
    deadline = time.monotonic() + 30
    while reading_threads() != count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert reading_threads() == count
