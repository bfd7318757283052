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


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return collection_path.stem in platforms.ignored_modules() or None


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        name = getattr(item, "originalname", item.name)
        (kept if platforms.runs(item.path.stem, name) else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


def pytest_configure(config: pytest.Config) -> None:
    # What a shell runs in the background ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # While a test runs, the descriptor itself is redirected.
    config.stash[_stderr] = os.dup(2)


@pytest.fixture(autouse=True)
def no_hang(request: pytest.FixtureRequest) -> Iterator[None]:
    is_long = IS_LONG or platforms.IS_EMULATED
    is_long = is_long or request.node.get_closest_marker("distribution") is not None
    seconds = LONGEST_TEST if is_long else LONGEST_TEST / 10
    file = request.config.stash[_stderr]
    faulthandler.dump_traceback_later(seconds, exit=True, file=file)
    yield
    faulthandler.cancel_dump_traceback_later()
