"""What tests of many processes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.scans import wait_for_threads
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def pids() -> Iterator[list[int]]:
    """Give the pids, in their order, of processes that wait."""
    targets = [Target() for _ in range(6)]
    yield sorted(target.pid for target in targets)
    for target in targets:
        target.__exit__()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Let no test end before the threads of its scans have."""
    yield
    wait_for_threads()
