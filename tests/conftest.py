"""No test can hang: one that takes too long ends the run, and shows where it stood.

Property tests are not timed: a busy machine makes no test fail.
"""

from __future__ import annotations

import faulthandler
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from helpers import IS_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

# The longest test builds the crate twice.
LONGEST_TEST = 600.0

settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

_stderr = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    # While a test runs, the descriptor itself is redirected.
    config.stash[_stderr] = os.dup(2)


@pytest.fixture(autouse=True)
def no_hang(request: pytest.FixtureRequest) -> Iterator[None]:
    is_long = IS_LONG or request.node.get_closest_marker("distribution") is not None
    seconds = LONGEST_TEST if is_long else LONGEST_TEST / 10
    file = request.config.stash[_stderr]
    faulthandler.dump_traceback_later(seconds, exit=True, file=file)
    yield
    faulthandler.cancel_dump_traceback_later()
