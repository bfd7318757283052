"""What the functions of procmaps.arrow refuse, and how they say so."""

from __future__ import annotations

import doctest
import os
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from procmaps import arrow
from support.arrow_stream import rows_of
from support.helpers import LINE

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.not_on("pypy", reason="reads capsules with CPython's API")

A_USAGE = procmaps.smaps_from_str(f"{LINE}\nRss: 4 kB\n")[0]
A_MAP = A_USAGE.map

REFUSED: list[tuple[str, Callable[[], object], type[Exception], str]] = [
    (
        "a usage is no map",
        lambda: arrow.from_maps([A_MAP, A_USAGE]),  # type: ignore[list-item]
        TypeError,
        "each of maps must be a Map, not MemoryUsage",
    ),
    (
        "a map is no usage",
        lambda: arrow.from_usages([A_MAP]),  # type: ignore[list-item]
        TypeError,
        "each of usages must be a MemoryUsage, not Map",
    ),
    (
        "a path is not many",
        lambda: arrow.from_paths("/proc/self/maps"),
        TypeError,
        "paths must be an iterable of paths, not str",
    ),
    (
        "a number is no path",
        lambda: arrow.from_paths([3]),  # type: ignore[list-item]
        TypeError,
        "expected str, bytes or os.PathLike object, not int",
    ),
    (
        "another kind of text",
        lambda: arrow.from_paths([], what="status"),  # type: ignore[arg-type]
        ValueError,
        "what must be 'maps' or 'smaps', not 'status'",
    ),
    (
        "another way with errors",
        lambda: arrow.from_documents([], errors="strict"),  # type: ignore[arg-type]
        ValueError,
        "errors must be 'raise', 'skip' or 'column', not 'strict'",
    ),
    (
        "no text at all",
        lambda: arrow.from_pids([], errors=None),  # type: ignore[arg-type]
        TypeError,
        "errors must be a str, not NoneType",
    ),
    (
        "no thread",
        lambda: arrow.from_paths([], threads=0),
        ValueError,
        "threads must be at least 1, not 0",
    ),
    (
        "less than none",
        lambda: arrow.from_paths([], threads=-1),
        OverflowError,
        "threads does not fit in 64 bits",
    ),
    (
        "no pair",
        lambda: arrow.from_documents([3]),  # type: ignore[list-item]
        TypeError,
        "each of pairs must be a pair (name, content), not int",
    ),
    (
        "three of a pair",
        lambda: arrow.from_documents([("a", "b", "c")]),  # type: ignore[list-item]
        TypeError,
        "each of pairs must be a pair (name, content), not tuple",
    ),
    (
        "content that is no text",
        lambda: arrow.from_documents([("a", 3)]),  # type: ignore[list-item]
        TypeError,
        "content must be bytes, bytearray or memoryview, not int",
    ),
    (
        "no pid",
        lambda: arrow.from_pids(["1"]),  # type: ignore[list-item]
        TypeError,
        "pid must be an integer, not str",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [row[1:] for row in REFUSED],
    ids=[r[0] for r in REFUSED],
)
def test_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message


def test_a_bad_document_is_named() -> None:
    pairs = [("good", LINE), ("h\0st-7", f"{LINE}\n\nnonsense\n"), ("last", LINE)]
    with pytest.raises(procmaps.ParseError) as raised:
        arrow.from_documents(pairs)
    error = raised.value
    assert (error.line_number, error.line) == (3, "nonsense")
    assert error.reason.endswith(r"""found "nonsense" (in 'h\x00st-7')""")
    rows = rows_of(arrow.from_documents(pairs, errors="skip"))
    assert [row["source"] for row in rows] == ["good", "last"]
    rows = rows_of(arrow.from_documents(pairs, errors="column"))
    assert [row["source"] for row in rows] == ["good", "h\0st-7", "last"]
    assert [row["error"] is None for row in rows] == [True, False, True]
    bad = rows[1]
    assert bad["error"].startswith("line 3: begin address: expected hexadecimal")
    assert {
        value for name, value in bad.items() if name not in {"source", "error"}
    } == {None}


def test_what_an_iterable_raises_stands() -> None:
    def pairs() -> Any:
        yield ("good", LINE)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        arrow.from_documents(pairs())


@pytest.mark.needs_processes
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_process_that_may_not_be_read() -> None:
    with pytest.raises(PermissionError) as raised:
        arrow.from_pids([1], errors="raise")
    assert raised.value.filename == "/proc/1/maps"


def test_examples_run() -> None:
    assert doctest.testmod(arrow) == (0, 3)
