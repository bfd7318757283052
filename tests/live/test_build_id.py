"""The build ID of the file that is mapped at an address."""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.target import PAGE, Target, kernel_answers_queries

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]


# ELFDATA2LSB or ELFDATA2MSB.
NATIVE = 1 if sys.byteorder == "little" else 2


def _elf(
    notes: bytes,
    *,
    bits: int = 64,
    kind: int = 3,
    data: int = NATIVE,
    size: int | None = None,
) -> bytes:
    """An ELF file with one segment of notes, after another one."""
    identity = b"\x7fELF" + bytes([bits // 32, data, 1]) + bytes(9)
    wide = bits == 64
    header_size, entry_size = (64, 56) if wide else (52, 32)
    header = struct.pack(
        "=HHIQQQIHHHHHH" if wide else "=HHIIIIIHHHHHH",
        *(kind, 62, 1, 0, header_size, 0, 0, header_size, entry_size, 2, 0, 0, 0),
    )
    offset = header_size + 2 * entry_size
    size = len(notes) if size is None else size
    if wide:
        entries = struct.pack("=IIQQQQQQ", 1, 5, 0, 0, 0, 0, 0, 4096)
        entries += struct.pack("=IIQQQQQQ", 4, 4, offset, 0, 0, size, size, 4)
    else:
        entries = struct.pack("=IIIIIIII", 1, 0, 0, 0, 0, 0, 5, 4096)
        entries += struct.pack("=IIIIIIII", 4, offset, 0, 0, size, size, 4, 4)
    return identity + header + entries + notes


def _note(content: bytes, name: bytes = b"GNU\0", kind: int = 3) -> bytes:
    note = struct.pack("=III", len(name), len(content), kind)
    for part in (name, content):
        note += part + bytes(-len(part) % 4)
    return note


ID = bytes(range(1, 21))
FILES = {
    "twenty bytes": (_elf(_note(ID)), ID),
    "32 bits": (_elf(_note(ID), bits=32), ID),
    "an executable": (_elf(_note(ID), kind=2), ID),
    "eight bytes": (_elf(_note(ID[:8])), ID[:8]),
    "one byte": (_elf(_note(ID[:1])), ID[:1]),
    "after other notes": (
        _elf(_note(b"abc", b"stapsdt\0") + _note(b"12345", kind=1) + _note(ID)),
        ID,
    ),
    "the first of two": (_elf(_note(ID[:9]) + _note(ID)), ID[:9]),
    "a longer one than the kernel takes": (_elf(_note(bytes(21))), bytes(21)),
    "a very long one": (_elf(_note(bytes(3000))), bytes(3000)),
    "another byte order": (_elf(_note(ID), data=2 if NATIVE == 1 else 1), None),
    "an empty one": (_elf(_note(b"")), None),
    "another name": (_elf(_note(ID, b"GNV\0")), None),
    "a name without its end": (_elf(_note(ID, b"GNU")), None),
    "cut short": (_elf(_note(ID), size=len(_note(ID)) - 4), None),
    "beyond the file": (_elf(struct.pack("=III", 4, 20, 3), size=36), None),
    "no notes": (_elf(b""), None),
    "an object file": (_elf(_note(ID), kind=1), None),
    "no ELF file": (b"#!/bin/sh" + bytes(100), None),
    "an empty file": (b"", None),
    "half a header": (_elf(_note(ID))[:40], None),
    "headers beyond the file": (_elf(_note(ID))[:70], None),
}


@pytest.mark.parametrize(("content", "build_id"), FILES.values(), ids=FILES)
def test_build_id(
    target: Target,
    process: procmaps.Process,
    tmp_path: Path,
    content: bytes,
    build_id: bytes | None,
) -> None:
    address = target.map_file(tmp_path / "file", content)
    assert process.build_id(address) == build_id
    assert process.build_id(address + PAGE - 1) == build_id


def test_both_ways_give_the_build_ids_of_a_real_process(target: Target) -> None:
    with procmaps.Process(target.pid, query=False) as process:
        maps = process.maps()
        expected = {map_: process.build_id(map_.begin_address) for map_ in maps}
        assert sum(build_id is not None for build_id in expected.values()) > 4
        assert process.build_id(0) is None
    if kernel_answers_queries():
        with procmaps.Process(target.pid) as process:
            for map_, build_id in expected.items():
                assert process.build_id(map_.begin_address) == build_id, map_
                assert process.build_id(map_.end_address - 1) == build_id, map_


@pytest.mark.skipif(os.getuid() != 0, reason="takes root")
def test_the_build_id_of_a_deleted_file(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    address = target.map_file(tmp_path / "file", _elf(_note(ID)))
    (tmp_path / "file").unlink()
    assert process.build_id(address) == ID
