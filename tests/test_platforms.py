"""The table of what tests need names tests that are there."""

from __future__ import annotations

import ast
import sys

import pytest

import platforms
from helpers import TESTS


def test_every_module_is_there() -> None:
    named = (
        platforms.PROCESS_MODULES
        | platforms.POSIX_MODULES
        | platforms.ELSEWHERE_MODULES
        | set(platforms.PROCESS_TESTS)
    )
    assert named <= {path.stem for path in TESTS.glob("test_*.py")}


@pytest.mark.parametrize("module", platforms.PROCESS_TESTS)
def test_every_test_is_there(module: str) -> None:
    tree = ast.parse((TESTS / f"{module}.py").read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert platforms.PROCESS_TESTS[module] <= tests


def test_linux_has_what_every_test_needs() -> None:
    assert platforms.IS_LINUX == (sys.platform == "linux")
    if platforms.IS_LINUX:
        assert platforms.ignored_modules() == {"test_elsewhere"}
        assert all(
            platforms.runs(module, test)
            for module, tests in platforms.PROCESS_TESTS.items()
            for test in tests
        )
