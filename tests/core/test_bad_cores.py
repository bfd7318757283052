"""What is no core file, or lies: an error that says what and where."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import procmaps
from procmaps import ParseError
from support import core_composer as core
from support.core_composer import FORM, FORMS, File, Form, Load

if TYPE_CHECKING:
    from pathlib import Path

LOADS = [Load(0x10000, 0x12000, "r-x"), Load(0x12000, 0x13000, "rw-", b"data")]
FILES = [File(0x10000, 0x12000, b"/usr/bin/demo")]
WHOLE = core.compose(LOADS, [core.files_note(FORM, FILES)])
NOTES_AT = 64 + 3 * 56
NO_CORE = "offset 0x0: expected an ELF core file"
PACKED = "offset 0x0: expected a core file, found one packed by"


def refusal(directory: Path, content: bytes) -> ParseError:
    path = directory / "core"
    path.write_bytes(content)
    with pytest.raises(ParseError) as caught:
        procmaps.from_core(path)
    error = caught.value
    assert str(error) == f"offset {error.offset:#x}: {error.reason}"
    assert (error.line_number, error.line) == (0, "")
    assert error.args == (0, "", error.reason, error.offset)
    return error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"{NO_CORE}, found an empty file"),
        (b"\x7fEL", f'{NO_CORE}, found "\\x7fEL"'),
        (b"1000-2000", f'{NO_CORE}, found "1000"'),
        (b"\x7fELF\3\1", f"{NO_CORE}, found an unknown class or byte order"),
        (b"\x28\xb5\x2f\xfd\x04", f"{PACKED} zstd: unpack it (zstd -d)"),
        (b"\xfd7zXZ\0", f"{PACKED} xz: unpack it (xz -d)"),
        (b"\x04\x22\x4d\x18", f"{PACKED} lz4: unpack it (lz4 -d)"),
        (b"\x1f\x8b\x08", f"{PACKED} gzip: unpack it (gzip -d)"),
        (WHOLE[:17], "offset 0x11: ELF header: cut short here"),
        (WHOLE[:57], "offset 0x39: ELF header: cut short here"),
        (
            core.header(FORM, 0, kind=3),
            (
                "offset 0x10: ELF header: expected a core file (type 4), "
                "found type 3 (a library, or a program that can lie anywhere)"
            ),
        ),
    ],
)
def test_what_is_no_core_file(content: bytes, message: str, tmp_path: Path) -> None:
    assert str(refusal(tmp_path, content)) == message


def test_what_packs_cores_is_named_for_real_files(tmp_path: Path) -> None:
    gzip = pytest.importorskip("gzip")
    lzma = pytest.importorskip("lzma")
    for packed, tool in [(gzip.compress(WHOLE), "gzip"), (lzma.compress(WHOLE), "xz")]:
        assert f"packed by {tool}:" in refusal(tmp_path, packed).reason


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_program_headers_that_are_cut_short(form: Form, tmp_path: Path) -> None:
    content = core.compose(LOADS, form=form)
    start, entry = (64, 56) if form.bits == 64 else (52, 32)
    for size in range(start, start + 3 * entry):
        error = refusal(tmp_path, content[:size])
        number = (size - start) // entry
        assert error.reason == (
            f"program header {number}: expected 3 of them, found the end of the file"
        )
        assert error.offset == size


def test_program_headers_of_another_size(tmp_path: Path) -> None:
    content = bytearray(WHOLE)
    content[54] = 32
    error = refusal(tmp_path, bytes(content))
    assert str(error) == (
        "offset 0x36: ELF header: expected program headers of 56 bytes, found 32 bytes"
    )


def test_a_count_that_stands_nowhere(tmp_path: Path) -> None:
    content = core.header(FORM, core.PN_XNUM, sections_offset=1 << 40)
    assert "found the end" in refusal(tmp_path, content).reason
    section = FORM.pack("IIWWWWIIWW", *[0] * 7, 2**32 - 1, 0, 0)
    content = core.header(FORM, core.PN_XNUM, sections_offset=64) + section
    assert str(refusal(tmp_path, content)) == (
        "offset 0x6c: section header 0: expected at most 16777216 program headers, "
        "found 4294967295"
    )


@pytest.mark.parametrize(
    ("loads", "message"),
    [
        (
            [Load(2**64 - 0x1000, 2**64)],
            (
                "offset 0x78: program header 1: expected a range of memory, "
                "found 0x1000 bytes at 0xfffffffffffff000"
            ),
        ),
        (
            [Load(0x3000, 0x5000), Load(0x1000, 0x3001)],
            (
                "offset 0x78: program header: expected no overlap with 0x1000-0x3001, "
                "found 0x3000-0x5000"
            ),
        ),
    ],
)
def test_ranges_that_wrap_or_overlap(
    loads: list[Load], message: str, tmp_path: Path
) -> None:
    assert str(refusal(tmp_path, core.compose(loads))) == message


def files_content(count: int, *words: int, names: bytes = b"/a\0") -> bytes:
    content = FORM.pack("WW" + "W" * len(words), count, 4096, *words) + names
    return core.compose(LOADS, [core.note(FORM, core.NT_FILE, content)])


CONTENT_AT = NOTES_AT + 20


@pytest.mark.parametrize(
    ("content", "at", "reason"),
    [
        (
            files_content(2**63, 1, 2, 3),
            0,
            "expected at most 1 of them, found 9223372036854775808",
        ),
        (files_content(2, 1, 2, 3), 0, "expected at most 1 of them, found 2"),
        (
            files_content(1, 0x2000, 0x1000, 0),
            16,
            "expected a range of file 0, found 0x2000-0x1000 at 0 times 4096",
        ),
        (
            files_content(1, 0x1000, 0x2000, 2**60),
            16,
            (
                "expected a range of file 0, "
                "found 0x1000-0x2000 at 1152921504606846976 times 4096"
            ),
        ),
        (
            files_content(1, 0x1000, 2**64 - 1, 2**51),
            16,
            (
                "expected a range of file 0, "
                "found 0x1000-0xffffffffffffffff at 2251799813685248 times 4096"
            ),
        ),
        (
            files_content(1, 0x1000, 0x2000, 0, names=b"/a"),
            40,
            "expected the name of file 0, found its end",
        ),
        (
            files_content(1, 0x1000, 0x2000, 0, names=b" /a\0"),
            40,
            "expected a name of file 0 without a space at its beginning",
        ),
        (
            files_content(2, 1, 4, 0, 3, 5, 0, names=b"/a\0/b\0"),
            40,
            "expected no overlap with 0x1-0x4, found 0x3-0x5",
        ),
    ],
)
def test_a_note_of_files_that_lies(
    content: bytes, at: int, reason: str, tmp_path: Path
) -> None:
    error = refusal(tmp_path, content)
    assert error.reason == f"note of files: {reason}"
    assert error.offset == CONTENT_AT + at


def test_a_note_longer_than_its_segment(tmp_path: Path) -> None:
    for sizes in [(5, 2**32 - 1), (2**32 - 1, 5), (5, 17)]:
        content = core.compose(
            LOADS, [FORM.pack("III", *sizes, 1) + b"CORE\0\0\0\0" * 2]
        )
        error = refusal(tmp_path, content + bytes(100))
        assert error.reason.startswith("note: expected at most 28 bytes")
        assert error.offset == NOTES_AT


def test_a_core_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "core"
    names = {
        size: [map_.pathname for map_ in _read(path, WHOLE[:size])]
        for size in range(NOTES_AT, len(WHOLE) + 1)
    }
    end_of_note = len(WHOLE) - len(b"data")
    for size, found in names.items():
        is_named = size >= end_of_note - 2  # padding
        assert found == ["/usr/bin/demo" if is_named else None, None]


def _read(path: Path, content: bytes) -> list[procmaps.Map]:
    path.write_bytes(content)
    return procmaps.from_core(path)


def test_a_sparse_file_is_no_reason_to_read_it(tmp_path: Path) -> None:
    path = tmp_path / "core"
    size = 1 << 44
    huge = [Load(0x10000, 0x10000 + size, "rw-")]
    content = bytearray(core.compose(huge, [core.files_note(FORM, FILES)]))
    content[64 + 56 + 32 : 64 + 56 + 40] = FORM.pack("W", size)
    path.write_bytes(content)
    os.truncate(path, size // 4)
    assert [map_.size for map_ in procmaps.from_core(path)] == [0x2000, size - 0x2000]


@pytest.mark.not_on("windows", reason="has no such files")
def test_what_can_not_be_read_at_any_place(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(OSError, match="seek") as caught:
        procmaps.from_core(fifo)
    assert caught.value.filename == str(fifo)
    with pytest.raises(IsADirectoryError):
        procmaps.from_core(tmp_path)
    with pytest.raises(FileNotFoundError):
        procmaps.from_core(tmp_path / "none")
    with pytest.raises(TypeError):
        procmaps.from_core(1.5)  # type: ignore[arg-type]
