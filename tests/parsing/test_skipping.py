"""errors="skip": maps that stand inside other text."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps
from procmaps import AddressSpace, Map, ParseError
from support import oracle
from support.helpers import LINE, TESTS, row_of, stored
from support.strategies import maps

if TYPE_CHECKING:
    from pathlib import Path

# What glibc printed when it found the heap corrupt, up to glibc 2.25.
REPORT = """\
*** Error in `./demo': double free or corruption (fasttop): 0x0000000001d3b010 ***
======= Backtrace: =========
/lib/x86_64-linux-gnu/libc.so.6(+0x777e5)[0x7f1b2f0a17e5]
./demo[0x400597]
======= Memory map: ========
00400000-00401000 r-xp 00000000 08:01 1311013                            /srv/demo
00600000-00601000 r--p 00000000 08:01 1311013                            /srv/demo
01d3b000-01d5c000 rw-p 00000000 00:00 0                                  [heap]
7f1b2f02a000-7f1b2f1ea000 r-xp 00000000 08:01 2621  /lib/x86_64-linux-gnu/libc-2.23.so
7ffd6a3a5000-7ffd6a3c6000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0                  [vsyscall]
Aborted (core dumped)
"""
EXPECTED = [
    Map(0x400000, 0x401000, "r-xp", 0, (8, 1), 1311013, "/srv/demo"),
    Map(0x600000, 0x601000, "r--p", 0, (8, 1), 1311013, "/srv/demo"),
    Map(0x1D3B000, 0x1D5C000, "rw-p", pathname="[heap]"),
    Map(
        *(0x7F1B2F02A000, 0x7F1B2F1EA000, "r-xp", 0, (8, 1), 2621),
        "/lib/x86_64-linux-gnu/libc-2.23.so",
    ),
    Map(0x7FFD6A3A5000, 0x7FFD6A3C6000, "rw-p", pathname="[stack]"),
    Map(0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000, "r-xp", pathname="[vsyscall]"),
]
INDENTED = "".join(f"\t  {line}\n" for line in REPORT.splitlines())


@pytest.mark.parametrize("report", [REPORT, INDENTED, REPORT.replace("\n", "\r\n")])
def test_maps_in_a_report_are_found(report: str, tmp_path: Path) -> None:
    path = stored(tmp_path, report.encode())
    assert procmaps.from_str(report, errors="skip") == EXPECTED
    assert procmaps.from_bytes(report.encode(), errors="skip") == EXPECTED
    assert procmaps.from_path(path, errors="skip") == EXPECTED
    for space in (
        AddressSpace.from_str(report, errors="skip"),
        AddressSpace.from_bytes(report.encode(), errors="skip"),
        AddressSpace.from_path(path, errors="skip"),
    ):
        assert list(space) == EXPECTED


def test_strict_is_what_happens_without_a_word() -> None:
    for read in (procmaps.from_str, AddressSpace.from_str):
        with pytest.raises(ParseError, match="line 1: begin address"):
            read(REPORT)
        with pytest.raises(ParseError, match="line 1: begin address"):
            read(REPORT, errors="strict")


def test_freebsds_form_is_found_as_well() -> None:
    document = (TESTS / "data/freebsd/map.txt").read_text()
    report = f"crash\n  {document}".replace("\n", "\n  ")
    found = procmaps.from_str(report, errors="skip")
    assert found == procmaps.from_str(document)


def test_lines_that_nearly_are_maps_lines_are_left_out() -> None:
    report = f"{LINE}\0\n2000-1000 ---p 0 0:0 0\n1000-2000 ---p 0 0:0\n  {LINE}\n"
    assert procmaps.from_str(report, errors="skip") == procmaps.from_str(LINE)


def test_a_line_with_a_stray_surrogate_is_left_out() -> None:
    report = f"{LINE}\ud800\nx\udfff\n{LINE}\udcff"
    (map_,) = procmaps.from_str(report, errors="skip")
    assert map_.pathname == "/usr/bin/true\udcff"


@pytest.mark.parametrize("read", [procmaps.from_str, AddressSpace.from_str])
def test_other_words_are_refused(read: Any) -> None:
    message = r"^errors must be 'strict' or 'skip', not 'ignore'"
    with pytest.raises(ValueError, match=message):
        read(LINE, errors="ignore")
    with pytest.raises(TypeError, match=r"^errors must be a str, not NoneType"):
        read(LINE, errors=None)
    with pytest.raises(TypeError):
        read(LINE, "skip")


@pytest.mark.not_on("windows", reason="has no alarm")
def test_ctrl_c_is_answered_among_lines_that_are_no_maps_lines() -> None:
    document = b"no maps line\n" * 5_000_000
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        procmaps.from_bytes(document, errors="skip")
    assert time.monotonic() - started < 2


lines = st.one_of(
    maps.map(bytes),
    maps.map(lambda map_: b" \t" + bytes(map_)),
    st.binary(max_size=40),
    st.just(b""),
).map(lambda line: line.replace(b"\n", b""))


def row(line: bytes) -> oracle.Row | None:
    text = line.lstrip(b" \t")
    try:
        rows = oracle.parse(text + b"\n\n")
    except oracle.RefusedError:
        return None
    return rows[0] if rows else None


@given(st.lists(lines))
def test_every_maps_line_is_found_and_no_other(document: list[bytes]) -> None:
    text = b"\n".join([*document, b"", b""])
    found = procmaps.from_bytes(text, errors="skip")
    expected = [found for found in map(row, document) if found is not None]
    assert [row_of(map_) for map_ in found] == expected
