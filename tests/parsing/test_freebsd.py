"""FreeBSD's /proc/<pid>/map, read by whatever reads maps text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps
from procmaps import AddressSpace, Map, ParseError
from support import oracle
from support.helpers import TESTS, row_of, stored
from support.strategies import names, u64

if TYPE_CHECKING:
    from pathlib import Path

# As FreeBSD 13 and 14 print it: COW for a private mapping of a file, NCOW for memory
# of its own; without an object, and one that a 64-bit kernel hides from 32 bits.
DOCUMENT = (TESTS / "data/freebsd/map.txt").read_bytes()
EXPECTED = [
    Map(0x200000, 0x20A000, "r--p", pathname="/bin/sh"),
    Map(0x20A000, 0x21F000, "r-xp", pathname="/bin/sh"),
    Map(0x220000, 0x221000, "rw-p", pathname="/bin/sh"),
    Map(0x800221000, 0x800223000, "rw-p"),
    Map(0x800223000, 0x800224000, "r--s", pathname="/a b c"),
    Map(0x800300000, 0x800310000, "rw-s"),
    Map(0x800310000, 0x800320000, "rw-p"),
    Map(0x7FFFDFFFF000, 0x7FFFFFFDF000, "---p"),
    Map(0x7FFFFFFFF000, 0x800000000000, "r-xs"),
]


def test_all_that_reads_text_reads_it(tmp_path: Path) -> None:
    path = stored(tmp_path, DOCUMENT)
    assert procmaps.from_bytes(DOCUMENT) == EXPECTED
    assert procmaps.from_str(DOCUMENT.decode()) == EXPECTED
    assert procmaps.from_path(path) == EXPECTED
    for space in (
        AddressSpace.from_bytes(DOCUMENT),
        AddressSpace.from_str(DOCUMENT.decode()),
        AddressSpace.from_path(path),
    ):
        assert list(space) == EXPECTED


def test_kind_and_path_follow() -> None:
    kinds = [(map_.kind, map_.path) for map_ in procmaps.from_bytes(DOCUMENT)]
    assert kinds[0] == ("file", "/bin/sh")
    assert kinds[3] == kinds[5] == ("anonymous", None)
    device = DOCUMENT.splitlines()[5].replace(b" - ", b" /dev/pts/0 ")
    (map_,) = procmaps.from_bytes(device)
    assert (map_.kind, map_.path) == ("device", "/dev/pts/0")


def test_linprocfs_prints_the_form_of_linux() -> None:
    document = b"00200000-0020a000 r--p 00000000 00:00 1234 /bin/sh\n" + DOCUMENT
    assert procmaps.from_bytes(document)[0] == Map(
        0x200000, 0x20A000, "r--p", inode=1234, pathname="/bin/sh"
    )
    assert procmaps.from_bytes(document)[1:] == EXPECTED


def test_an_error_names_line_and_field() -> None:
    document = DOCUMENT.replace(b"r-x 2 1 0x1000 COW", b"r-x 2 1 0x1000 CAT")
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(document)
    assert str(caught.value) == (
        'line 2: copy-on-write: expected "COW" or "NCOW" and a space, '
        'found "CAT NC vnode /bin/sh NCH -1"'
    )
    assert caught.value.line == document.decode().splitlines()[1]


def test_it_is_no_smaps() -> None:
    with pytest.raises(ParseError, match='"0x200000 0x20a000 10 22'):
        procmaps.smaps_from_bytes(DOCUMENT)


count = st.integers(0, 2**31 - 1)
paths = st.just("-") | names


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    begin, end = sorted([draw(u64), draw(u64)])
    access = "".join(draw(st.sampled_from(pair)) for pair in ("r-", "w-", "x-"))
    words = [
        *(f"{begin:#x}", f"{end:#x}", draw(count), draw(count)),
        *(draw(st.sampled_from(["0", "0xfffff80003d5b000"])), access),
        *(draw(count), draw(count), f"{draw(count):#x}"),
        *(draw(st.sampled_from(["COW", "NCOW"])), draw(st.sampled_from(["NC", "NNC"]))),
        draw(st.sampled_from(oracle.FREEBSD[-1][1].decode().split("|"))),
        *(draw(paths), draw(st.sampled_from(["CH", "NCH"]))),
        draw(st.integers(-(2**31), 2**31 - 1)),
    ]
    return " ".join(map(str, words)).encode("utf-8", "surrogateescape")


def outcome(line: bytes) -> object:
    try:
        return [row_of(map_) for map_ in procmaps.from_bytes(line + b"\n\n")]
    except ParseError as error:
        return error.reason.partition(":")[0]


def oracles_outcome(line: bytes) -> object:
    try:
        return oracle.parse(line + b"\n\n")
    except oracle.RefusedError as error:
        return error.field


@given(lines())
def test_whatever_can_be_printed_is_read(line: bytes) -> None:
    (map_,) = procmaps.from_bytes(line + b"\n\n")
    assert row_of(map_) == oracle.parse_freebsd(line)
    assert procmaps.from_str(f"{map_}\n\n") == [map_]


@given(lines(), st.data())
def test_mutated_lines_are_read_as_the_oracle_reads_them(
    line: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(2, len(line)))
    removed = data.draw(st.integers(0, 3))
    added = data.draw(st.lists(st.sampled_from(b" x0-1aCNHrwW\t\0"), max_size=2))
    mutated = line[:at] + bytes(added) + line[at + removed :]
    if mutated.startswith(b"0x"):
        assert outcome(mutated) == oracles_outcome(mutated)
