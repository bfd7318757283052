"""Sizes and names as people read them."""

from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps.cli.render.text
from procmaps.cli.render.text import (
    cells,
    human_size,
    printable,
    printable_name,
    shorten,
)

pytestmark = pytest.mark.not_on(
    "pypy", reason="some of its tests fail, not all for a known reason"
)

UNITS = {"B": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4, "PiB": 5, "EiB": 6}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1025, "1.0 KiB"),
        (4096, "4 KiB"),
        (1536, "1.5 KiB"),
        (102348, "99.9 KiB"),
        (102349, "100 KiB"),
        ((1 << 20) - 4096, "1020 KiB"),
        ((1 << 20) - 1, "1024 KiB"),
        (1 << 20, "1 MiB"),
        (67043328, "63.9 MiB"),
        (3 << 40, "3 TiB"),
        (2**64 - 1, "16.0 EiB"),
        (2**75, "32768 EiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert human_size(size) == text


@given(st.integers(0, 2**70))
def test_a_size_is_near_what_is_shown(size: int) -> None:
    number, unit = human_size(size).split()
    shown = float(number) * 1024 ** UNITS[unit]
    assert abs(shown - size) <= size * 0.05
    assert shown == size or re.fullmatch(r"\d{3,}|\d\d?\.\d", number)


names = st.binary(max_size=30).map(lambda b: b.decode("utf-8", "surrogateescape"))


@given(names)
def test_a_printable_name_gives_its_bytes_back(name: str) -> None:
    shown = printable_name(name)
    assert shown.isprintable()
    assert not shown.endswith(" ")

    def unescape(match: re.Match[str]) -> bytes:
        kind, digits = match[0][1], match[0][2:]
        if kind == "\\":
            return b"\\"
        if kind == "x":
            return bytes([int(digits, 16)])
        return chr(int(digits, 16)).encode()

    pieces = re.split(r"(\\\\|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})", shown)
    pattern = re.compile(r".*", re.DOTALL)
    data = b"".join(
        unescape(match) if index % 2 else piece.encode()
        for index, piece in enumerate(pieces)
        if (match := pattern.fullmatch(piece))
    )
    assert data == name.encode("utf-8", "surrogateescape")


@given(names)
def test_printable_text_holds_nothing_that_acts(text: str) -> None:
    assert printable(text).isprintable()
    if text.isprintable():
        assert printable(text) == text


@given(st.text(alphabet="ab/é漢\u0301", max_size=40), st.integers(3, 40))
def test_shortened_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = shorten(text, width)
    if cells(text) <= width:
        assert short == text
        return
    assert width - 3 <= cells(short) <= width
    begin, end = short.split("…")
    assert text.startswith(begin)
    assert text.endswith(end)
    assert end


def test_the_last_part_of_a_path_is_kept_if_it_fits() -> None:
    path = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"
    assert shorten(path, 20) == "/usr…/libcrypto.so.3"
    assert shorten(path, 17) == "/…/libcrypto.so.3"
    assert shorten(path, 16) == "/…libcrypto.so.3"
    assert shorten(path, 20, "~") == "/usr~/libcrypto.so.3"


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(procmaps.cli.render.text) == (0, 2)
