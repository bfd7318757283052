"""Every stored line gives what it must, alone and inside a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

import procmaps
from support import oracle
from support.helpers import LINE, bad_lines, good_vectors, map_of, row_of, stored

if TYPE_CHECKING:
    from pathlib import Path

    from support.helpers import Vector

    Reader = Callable[[bytes], list[procmaps.Map]]

GOOD = good_vectors()
BAD = bad_lines()

ADDRESS = "expected hexadecimal digits (at most 64 bits) and"
BEGIN = f'begin address: {ADDRESS} "-", found '
END = f"end address: {ADDRESS} a space, found "
BACKWARDS = "end address: expected at least the begin address, "
PERMISSIONS = 'permissions: expected four characters such as "r-xp" and a space, found '
OFFSET = f"offset: {ADDRESS} a space, found "
DEVICE = "expected hexadecimal digits (at most 32 bits) and"
MAJOR = f'device major: {DEVICE} ":", found '
MINOR = f"device minor: {DEVICE} a space, found "
INODE = (
    "inode: expected decimal digits (at most 64 bits), then a space or the end, found "
)
NOTHING = "the end of the line"

# What each line of bad.json is refused for, in its order.
SMAPS = "(this is smaps text, for smaps_from_str and the like)"
REASONS = [
    BEGIN + '" 7f0000000000-7f0000001000 r--p 00000000 fe:00 12 "',
    END + NOTHING,
    PERMISSIONS + NOTHING,
    INODE + NOTHING,
    MINOR + NOTHING,
    BEGIN + '"7f0000000000 7f0000001000 r--p 00000000 fe:00 12 "',
    BACKWARDS + '7f0000001000, found "7f0000000000"',
    BEGIN + '"7f000000000g-7f0000001000 r--p 00000000 fe:00 12 "',
    BEGIN + '"+7f000000000-7f0000001000 r--p 00000000 fe:00 12 "',
    BEGIN + '"10000000000000000-10000000000001000 r--p 00000000 fe:00 12 "',
    OFFSET + '"10000000000000000 fe:00 12 "',
    MAJOR + '"100000000:00 12 /x"',
    INODE + '"-1 /x"',
    INODE + '"12/x"',
    PERMISSIONS + '"wr-p 00000000 fe:00 12 /x"',
    PERMISSIONS + '"r-x- 00000000 00:00 12 /init"',
    PERMISSIONS + '"r--pp 00000000 fe:00 12 /x"',
    END + r'"7f0000001000\tr--p\t00000000\tfe:00\t12\t/x"',
    r'pathname: expected no NUL byte, found "\x00y"',
    MAJOR + '"/bin/demo"',
    BEGIN + "\"    0000007a'10000000-0000007a'10003fff rw-         0      4\"...",
    BEGIN + '"Size:                  4 kB" ' + SMAPS,
    BEGIN + r'"\xef\xbb\xbf7f0000000000-7f0000001000 r--p 00000000 fe:00 12 "',
]


@pytest.fixture(params=["bytes", "str", "path"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Reader:
    def from_str(document: bytes) -> list[procmaps.Map]:
        return procmaps.from_str(document.decode("utf-8", "surrogateescape"))

    def from_path(document: bytes) -> list[procmaps.Map]:
        return procmaps.from_path(stored(tmp_path, document))

    readers: dict[str, Reader] = {
        "bytes": procmaps.from_bytes,
        "str": from_str,
        "path": from_path,
    }
    return readers[request.param]


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.note)
@pytest.mark.parametrize("end", [b"", b"\n"], ids=["no LF", "LF"])
def test_good_line_alone(read: Reader, vector: Vector, end: bytes) -> None:
    (map_,) = read(vector.line + end)
    assert row_of(map_) == vector.row
    assert map_ == map_of(vector.row)


def test_good_lines_as_one_document(read: Reader) -> None:
    document = b"\n\n".join(vector.line for vector in GOOD)
    assert [row_of(map_) for map_ in read(document)] == [vector.row for vector in GOOD]


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.note)
def test_derived_attributes_agree_with_the_oracle(vector: Vector) -> None:
    (map_,) = procmaps.from_bytes(vector.line)
    assert oracle.parse(vector.line) == [vector.row]
    assert map_.kind == oracle.kind(vector.row)
    assert map_.path == oracle.path(vector.row)
    assert map_.is_deleted == oracle.is_deleted(vector.row)
    assert str(map_) == oracle.text(vector.row)


@pytest.mark.parametrize(
    "vector",
    [
        vector
        for vector in GOOD
        if vector.note.startswith("[mainline]") and "32-bit KERNEL" not in vector.note
    ],
    ids=lambda vector: vector.note,
)
def test_mainline_lines_come_back_byte_for_byte(vector: Vector) -> None:
    (map_,) = procmaps.from_bytes(vector.line)
    assert str(map_).encode("utf-8", "surrogateescape") == vector.line


@pytest.mark.parametrize(("line", "reason"), list(zip(BAD, REASONS)))
def test_bad_line_alone(read: Reader, line: bytes, reason: str) -> None:
    with pytest.raises(procmaps.ParseError) as caught:
        read(line)
    error = caught.value
    assert (error.line_number, error.reason) == (1, reason)
    assert error.line.encode("utf-8", "surrogateescape") == line
    assert str(error) == f"line 1: {reason}"


@pytest.mark.parametrize(("line", "reason"), list(zip(BAD, REASONS)))
def test_bad_line_in_a_document(read: Reader, line: bytes, reason: str) -> None:
    good = LINE.encode()
    with pytest.raises(procmaps.ParseError) as caught:
        read(b"\n".join([good, b"", good, line, good, b"also bad"]))
    error = caught.value
    assert (error.line_number, error.reason) == (4, reason)
    assert error.line.encode("utf-8", "surrogateescape") == line


def test_every_bad_line_has_its_reason() -> None:
    assert len(BAD) == len(REASONS)
