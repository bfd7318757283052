"""A process to look at, and the ways to an answer about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import procmaps

if TYPE_CHECKING:
    from collections.abc import Iterator

# Elsewhere there is nothing that it could look at, nor what it is made of.
if sys.platform == "linux":
    from support.target import WAYS, Target

    @pytest.fixture
    def target() -> Iterator[Target]:
        with Target() as target:
            yield target

    @pytest.fixture(params=WAYS)
    def process(
        target: Target, request: pytest.FixtureRequest
    ) -> Iterator[procmaps.Process]:
        with procmaps.Process(target.pid, query=request.param) as process:
            yield process
