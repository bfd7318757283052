"""Where a test runs, by the marks that stand beside it.

CPython on Linux with the GNU C library runs every test but those of systems without
/proc. A test that another system can't run says so, with the reason:

    @pytest.mark.not_on("musl", "pypy", reason="...")

`needs_processes` and `needs_programs` are short for what many tests need. As the
`pytestmark` of a module a mark keeps it from being imported, since it may import what
is not there, and so has to be written out, without names of the module's own.
"""

from __future__ import annotations

import ast
import os
import platform
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Whether an emulator runs the program of another machine; who starts the tests says
#: so. It writes /proc/self/maps in its own way, others' maps are the emulator's, it
#: knows no ioctl(2) of maps, and it is slow.
IS_EMULATED = "PROCMAPS_EMULATED" in os.environ

SYSTEMS = frozenset({"linux", "elsewhere", "windows", "musl", "emulator", "pypy"})

#: What each mark that is short for `not_on` leaves out, and why.
SHORT = {
    "needs_processes": (("elsewhere", "emulator"), "reads living processes"),
    "needs_programs": (("windows", "emulator", "pypy"), "starts programs"),
}


def systems() -> Iterator[str]:
    """Give the names among SYSTEMS that fit where this runs."""
    if sys.platform == "linux":
        yield "linux"
        if platform.libc_ver()[0] != "glibc":
            yield "musl"
    else:
        yield "elsewhere"
    if sys.platform == "win32":
        yield "windows"
    if IS_EMULATED:
        yield "emulator"
    if sys.implementation.name == "pypy":
        yield "pypy"


HERE = frozenset(systems())


def left_out(marks: Iterable[pytest.Mark]) -> str | None:
    """Return why marks keep a test from running here, or None if they don't."""
    for mark in marks:
        if mark.name in SHORT:
            names, reason = SHORT[mark.name]
        elif mark.name == "not_on":
            names, reason = mark.args, mark.kwargs["reason"]
        else:
            continue
        unknown = set(names) - SYSTEMS
        if unknown:
            raise pytest.UsageError(f"not_on names no system: {sorted(unknown)}")
        if HERE.intersection(names):
            return f"not on {', '.join(sorted(HERE.intersection(names)))}: {reason}"
    return None


def module_marks(path: Path) -> list[pytest.Mark]:
    """Return the marks for systems of a module that is not imported."""
    for statement in ast.parse(path.read_bytes()).body:
        if isinstance(statement, ast.Assign) and _names(statement) == ["pytestmark"]:
            value = statement.value
            marks = value.elts if isinstance(value, ast.List) else [value]
            return [_mark(mark) for mark in marks if _is_of_systems(mark)]
    return []


def _names(statement: ast.Assign) -> list[str]:
    return [ast.unparse(target) for target in statement.targets]


def _is_of_systems(mark: ast.expr) -> bool:
    name = ast.unparse(mark.func if isinstance(mark, ast.Call) else mark)
    return name.rpartition("pytest.mark.")[2] in {"not_on", *SHORT}


def _mark(mark: ast.expr) -> pytest.Mark:
    code = compile(ast.Expression(mark), "pytestmark", "eval")
    decorator: pytest.MarkDecorator = eval(code, {"pytest": pytest})
    return decorator.mark
