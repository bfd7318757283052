"""No test can hang: one that takes too long ends the run, and shows where it stood.

Property tests are not timed: a busy machine makes no test fail.
"""

from __future__ import annotations

import faulthandler
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from support import platforms
from support.helpers import IS_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The longest test builds the crate twice.
LONGEST_TEST = 600.0

settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

_stderr = pytest.StashKey[int]()


class LeftOut(pytest.File):
    """A module that is not imported, since this system lacks what it needs."""

    reason = ""

    def collect(self) -> list[pytest.Item]:
        pytest.skip(self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.File | None:
    reason = platforms.left_out(platforms.module_marks(module_path))
    if reason is None:
        return None
    module = LeftOut.from_parent(parent, path=module_path)
    module.reason = reason
    return module


def pytest_runtest_setup(item: pytest.Item) -> None:
    reason = platforms.left_out(item.iter_markers())
    if reason is not None:
        pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    # What a shell runs in the background ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # While a test runs, the descriptor itself is redirected.
    config.stash[_stderr] = os.dup(2)


@pytest.fixture(autouse=True)
def no_hang(request: pytest.FixtureRequest) -> Iterator[None]:
    is_long = IS_LONG or platforms.IS_EMULATED
    marks = {mark.name for mark in request.node.iter_markers()}
    is_long = is_long or not marks.isdisjoint({"distribution", "engines"})
    seconds = LONGEST_TEST if is_long else LONGEST_TEST / 10
    file = request.config.stash[_stderr]
    faulthandler.dump_traceback_later(seconds, exit=True, file=file)
    yield
    faulthandler.cancel_dump_traceback_later()
