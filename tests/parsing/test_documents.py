"""Where lines and fields begin and end: "Meanings, settled", sentence by sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from procmaps import Map, ParseError
from support import oracle
from support.helpers import LINE, MAXIMUM, row_of, stored
from support.oracle import Row

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "1000-3000 r-xp 00002000 08:01 42"
FIRST = LINE.encode()
SECOND = b"5000-6000 rw-p 00000000 00:00 0 "


def names(document: bytes) -> list[str | None]:
    return [map_.pathname for map_ in procmaps.from_bytes(document)]


@pytest.mark.parametrize(
    "separator",
    ["\t", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"],
)
def test_only_lf_separates_lines(separator: str) -> None:
    name = f"/a{separator}1000-2000 r-xp 0 0:0 0"
    line = f"{HEADER} {name}"
    assert [map_.pathname for map_ in procmaps.from_str(line)] == [name]
    assert names(line.encode() + b"\n" + FIRST) == [name, "/usr/bin/true"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"X a\r\nX b\r\n", ["a", "b"]),
        (b"X a\r\n\r\nX b\r\n", ["a", "b"]),
        (b"X a\r\nX b", ["a", "b"]),
        (b"X a\r\r\nX b\r\n", ["a\r", "b"]),
        (b"X a\r\nX b\n", ["a\r", "b"]),
        (b"X a\r\n\nX b\r\n", ["a\r", "b\r"]),
        (b"X a\nX b\r\n", ["a", "b\r"]),
        (b"X a\r\nX b\r", ["a", "b\r"]),
        (b"X a\r", ["a\r"]),
        (b"X\r\n", [None]),
        (b"X \r\n", [None]),
    ],
)
def test_a_cr_goes_where_every_line_ends_in_crlf(
    document: bytes, expected: list[str | None], tmp_path: Path
) -> None:
    document = document.replace(b"X", HEADER.encode())
    assert names(document) == expected
    stored_maps = procmaps.from_path(stored(tmp_path, document))
    assert [map_.pathname for map_ in stored_maps] == expected
    stored_maps = procmaps.from_str(document.decode())
    assert [map_.pathname for map_ in stored_maps] == expected


def test_a_cr_that_stays_is_part_of_the_inode() -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_str(f"{HEADER}\r\n{HEADER}\n")
    assert (caught.value.line_number, caught.value.line) == (1, f"{HEADER}\r")


def test_a_line_break_of_crlf_is_no_part_of_the_line_in_an_error() -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_str(f"{HEADER}\r\nnonsense\r\n")
    assert (caught.value.line_number, caught.value.line) == (2, "nonsense")


@pytest.mark.parametrize("spaces", [" ", "  ", " " * 50])
def test_fields_are_separated_by_spaces(spaces: str) -> None:
    line = spaces.join([*HEADER.split(), "/a  b"])
    assert procmaps.from_str(line) == [
        Map(0x1000, 0x3000, "r-xp", 0x2000, (8, 1), 42, "/a  b")
    ]


@pytest.mark.parametrize("blank", ["\t", "\v", "\xa0", "\u3000"])
@pytest.mark.parametrize("field", range(5))
def test_nothing_else_separates_fields(blank: str, field: int) -> None:
    fields = [*HEADER.split(), "/a"]
    line = " ".join(fields[:field]) + " " * (field > 0) + fields[field] + blank
    with pytest.raises(ParseError):
        procmaps.from_str(line + " ".join(fields[field + 1 :]))


def test_digits_in_either_case_and_leading_zeros() -> None:
    lower = "abcdef-abcdff r--p fe fe:fa 10"
    upper = "00000000000000ABCDEF-000000000000000000ABCDFF r--p 0FE FE:00fA 0010"
    (map_,) = procmaps.from_str(lower)
    assert map_ == Map(0xABCDEF, 0xABCDFF, "r--p", 0xFE, (0xFE, 0xFA), 10)
    assert procmaps.from_str(upper) == [map_]


def test_the_widest_numbers() -> None:
    most = "f" * 16
    line = f"{most}-{most} ---p {most} ffffffff:ffffffff {MAXIMUM}"
    device = (2**32 - 1, 2**32 - 1)
    assert [row_of(map_) for map_ in procmaps.from_str(line)] == [
        Row(MAXIMUM, MAXIMUM, "---p", MAXIMUM, device, MAXIMUM, None)
    ]
    (map_,) = procmaps.from_str("8000000000000000-ffffffffff601000 --xp 0 fff:fffff 0")
    assert (map_.begin_address, map_.device) == (2**63, (0xFFF, 0xFFFFF))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("10000000000000000-2 ---p 0 0:0 0", "begin address"),
        ("1-10000000000000000 ---p 0 0:0 0", "end address"),
        ("1-2 ---p 10000000000000000 0:0 0", "offset"),
        ("1-2 ---p 0 100000000:0 0", "device major"),
        ("1-2 ---p 0 0:100000000 0", "device minor"),
        ("1-2 ---p 0 0:0 18446744073709551616", "inode"),
        (f"1-2 ---p 0 0:0 {'9' * 100_000}", "inode"),
        ("0x1-2 ---p 0 0:0 0", "begin address"),
        ("1-0x2 ---p 0 0:0 0", "end address"),
        ("1-+2 ---p 0 0:0 0", "end address"),
        ("1-2 ---p 1_0 0:0 0", "offset"),
        ("1-2 ---p 0 0:0 1a", "inode"),
        ("1-2 ---p 0 0:0 \u0661", "inode"),
        ("1-2 \u2010--p 0 0:0 0", "permissions"),
        ("\uff11-2 ---p 0 0:0 0", "begin address"),
    ],
)
def test_what_is_no_number_names_its_field(line: str, field: str) -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_str(line)
    assert caught.value.reason.split(":")[0] == field
    with pytest.raises(oracle.RefusedError) as refused:
        oracle.parse(line.encode())
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("", None),
        (" ", None),
        (" " * 30, None),
        (" x", "x"),
        ("    x ", "x "),
        (" /a  b   ", "/a  b   "),
        (" \t", "\t"),
        (" \t /x", "\t /x"),
        (" \xa0", "\xa0"),
        (" /a\\040b", "/a\\040b"),
        (" /e\u0301", "/e\u0301"),
    ],
)
def test_the_name_is_the_rest_of_the_line(rest: str, name: str | None) -> None:
    (map_,) = procmaps.from_str(HEADER + rest)
    assert map_.pathname == name


@pytest.mark.parametrize(
    "line", [LINE + "\0", "\0" + LINE, HEADER + "\0", HEADER + " \0"]
)
def test_a_nul_is_refused(line: str) -> None:
    with pytest.raises(ParseError):
        procmaps.from_str(line)


def test_an_end_below_the_begin_is_refused_and_at_it_is_not() -> None:
    with pytest.raises(ParseError, match="at least the begin address, 2, found"):
        procmaps.from_str("2-1 ---p 0 0:0 0")
    (empty,) = procmaps.from_str("2-2 ---p 0 0:0 0")
    assert (empty.size, 2 in empty) == (0, False)


@pytest.mark.parametrize("document", [b"", b"\n", b"\n\n\n", b"\r\n", b"\r\n\r\n"])
def test_a_document_without_lines(document: bytes) -> None:
    assert procmaps.from_bytes(document) == []


def test_empty_lines_are_skipped_and_counted() -> None:
    document = b"\n\n" + FIRST + b"\n\n" + SECOND + b"\n\nnonsense"
    assert names(document[:-8]) == ["/usr/bin/true", None]
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(document)
    assert caught.value.line_number == 7


@pytest.mark.parametrize("blanks", [b" ", b"   ", b"\t", b" \t "])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_blanks_counts_as_empty(blanks: bytes, end: bytes) -> None:
    document = end.join([blanks, FIRST, blanks, SECOND, blanks])
    assert names(document) == ["/usr/bin/true", None]
    assert procmaps.from_bytes(blanks) == []
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(end.join([FIRST, blanks, b"nonsense", b""]))
    assert (caught.value.line_number, caught.value.line) == (3, "nonsense")


@pytest.mark.parametrize("blank", [b"\r", b"\v", b"\x0c", b"\xc2\xa0"])
def test_other_blanks_are_no_empty_line(blank: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(FIRST + b"\n" + blank + b"\n")
    assert (caught.value.line_number, caught.value.line) == (2, blank.decode())


def test_lines_in_any_order_overlapping_and_twice() -> None:
    begins = [0x5000, 0x1000, 0x1000, 0x2000]
    document = "".join(f"{begin:x}-8000 ---p 0 0:0 0\n" for begin in begins)
    assert [map_.begin_address for map_ in procmaps.from_str(document)] == begins


def test_the_first_bad_line_is_the_one_that_is_named() -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(FIRST + b"\nbad one\nbad two\n")
    assert (caught.value.line_number, caught.value.line) == (2, "bad one")


@pytest.mark.parametrize(
    "wrap", [bytes, bytearray, memoryview, lambda text: memoryview(bytearray(text))]
)
def test_any_buffer_is_read(wrap: Any) -> None:
    assert procmaps.from_bytes(wrap(FIRST)) == procmaps.from_bytes(FIRST)


def test_a_strided_buffer_is_read_in_its_own_order() -> None:
    spread = b"".join(bytes([byte, 0xFF]) for byte in FIRST)
    assert procmaps.from_bytes(memoryview(spread)[::2]) == procmaps.from_bytes(FIRST)
    assert procmaps.from_bytes(memoryview(FIRST[::-1])[::-1]) == procmaps.from_bytes(
        FIRST
    )


def test_neighbours_of_one_name_and_others_keep_their_own() -> None:
    tails = [" /a", " /a", "", " /b", " /a", " /a ", " /a"]
    maps = procmaps.from_str("\n".join(HEADER + tail for tail in tails))
    assert [map_.pathname for map_ in maps] == [tail[1:] or None for tail in tails]
