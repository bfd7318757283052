"""Sizes and names as people read them."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import unicodedata

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

import procmaps.cli.render.text
from procmaps.cli.render.text import (
    cells,
    escape,
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
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    if text.isascii() and text.isprintable():
        assert shown == text


def test_what_unicode_ignores_by_default_is_escaped() -> None:
    r"""perl has Unicode's properties: `\p{DI}` is Default_Ignorable_Code_Point."""
    perl = shutil.which("perl") or pytest.skip("perl is not installed")
    code = r"for (0..0x10ffff) { print qq($_\n) if chr =~ /\p{DI}/ }"
    ignored = subprocess.check_output([perl, "-e", code], text=True).split()
    assert len(ignored) > 4000
    for number in map(int, ignored):
        assert printable(chr(number)) == escape(chr(number))
        assert printable_name(f"l{chr(number)}ibc") == f"l{escape(chr(number))}ibc"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("l\ufe0fibc.so", r"l\ufe0fibc.so"),
        ("\u3164", r"\u3164"),
        ("a\U000e0100", r"a\U000e0100"),
        ("\u2800", r"\u2800"),
        ("e\u0301 한 漢 größe", "e\u0301 한 漢 größe"),
    ],
)
def test_names_with_nothing_to_see(name: str, shown: str) -> None:
    assert printable(name) == printable_name(name) == shown


# Unicode 16 made these wide, see its EastAsianWidth.txt: hexagrams and counting rods.
WIDE_SINCE_16 = re.compile(
    "[\u2630-\u2637\u268a-\u268f\u4dc0-\u4dff\U0001d300-\U0001d376]"
)


def test_columns_are_those_that_wcwidth_has() -> None:
    others = [
        character
        for character in map(chr, range(0x110000))
        if printable(character) == character
        and cells(character) != wcwidth.wcwidth(character)
        # Two of them are a flag, of two columns: wcwidth counts two for half of one.
        and not "\U0001f1e6" <= character <= "\U0001f1ff"
    ]
    if unicodedata.unidata_version < "16":
        others = [each for each in others if not WIDE_SINCE_16.match(each)]
    assert others == []


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
