"""The table of what tests need names tests that are there."""

from __future__ import annotations

import ast
import platform
import sys

import pytest

import platforms
from helpers import TESTS

TABLES = (platforms.PROCESS_TESTS, platforms.PYPY_TESTS, platforms.MUSL_TESTS)


def test_every_module_is_there() -> None:
    named = (
        platforms.PROCESS_MODULES
        | platforms.POSIX_MODULES
        | platforms.ELSEWHERE_MODULES
        | platforms.PYPY_OPEN_MODULES
        | platforms.EMULATED_OPEN_MODULES
        | platforms.MUSL_MODULES
        | set().union(*TABLES)
    )
    assert named <= {path.stem for path in TESTS.glob("test_*.py")}


@pytest.mark.parametrize(
    ("table", "module"),
    [(table, module) for table in TABLES for module in table],
)
def test_every_test_is_there(table: dict[str, set[str]], module: str) -> None:
    tree = ast.parse((TESTS / f"{module}.py").read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert table[module] <= tests


def test_cpython_on_linux_has_what_every_test_needs() -> None:
    assert platforms.IS_LINUX == (sys.platform == "linux")
    assert platforms.IS_PYPY == (platform.python_implementation() == "PyPy")
    if platforms.IS_LINUX and not (
        platforms.IS_PYPY or platforms.IS_MUSL or platforms.IS_EMULATED
    ):
        assert platforms.ignored_modules() == {"test_elsewhere"}
        assert all(
            platforms.runs(module, test)
            for table in TABLES
            for module, tests in table.items()
            for test in tests
        )
