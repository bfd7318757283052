"""C code in real processes: compiled, loaded, and read as an ELF file.

Every machine that can build this package has a C compiler, for it links the
extension module; so its absence is a failure and nothing to skip for.
"""

from __future__ import annotations

import ctypes
import struct
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

PT_LOAD, PT_INTERP = 1, 3


def compile_c(source: str, output: Path, *options: str) -> Path:
    """Compile C to a program, or to a library with -shared."""
    subprocess.run(
        ["cc", "-g", "-fPIC", "-x", "c", "-", "-o", output, *options],
        input=source.encode(),
        check=True,
    )
    return output


class Segment(NamedTuple):
    """A program header: a part of the file, and where it belongs."""

    kind: int
    offset: int
    address: int
    file_size: int
    memory_size: int


def headers_offset(path: Path | str) -> int:
    """Return where in an ELF file its program headers are."""
    return _headers(Path(path).read_bytes())[0]


def segments(path: Path | str) -> list[Segment]:
    """Return the program headers of an ELF file, of 32 or 64 bits."""
    image = Path(path).read_bytes()
    table, size, count = _headers(image)
    order = "<>"[image[5] - 1]
    # In 64 bits the flags follow the kind.
    form = order + ("IIIIII" if image[4] == 1 else "I4xQQQQQ")
    headers = (
        struct.unpack_from(form, image, table + size * number)
        for number in range(count)
    )
    return [
        Segment(kind, offset, address, file_size, memory_size)
        for kind, offset, address, _physical, file_size, memory_size in headers
    ]


def _headers(image: bytes) -> tuple[int, int, int]:
    """Return the offset, size and number of the program headers (elf(5))."""
    assert image[:4] == b"\x7fELF"
    form = "28xI10xHH" if image[4] == 1 else "32xQ14xHH"
    table, size, count = struct.unpack_from("<>"[image[5] - 1] + form, image)
    return table, size, count


def virtual_address(path: Path | str, file_offset: int) -> int:
    """Return the address in the ELF file of a byte of it."""
    for segment in segments(path):
        distance = file_offset - segment.offset
        if segment.kind == PT_LOAD and 0 <= distance < segment.file_size:
            return segment.address + distance
    raise AssertionError(f"{file_offset:#x} is in no segment of {path}")


def symbols_at(path: Path | str, address: int, *options: str) -> set[str]:
    """Return the names that nm gives for the code at an address of an ELF file."""
    command = ["nm", "--print-size", "--defined-only", *options, str(path)]
    names = set()
    for line in subprocess.check_output(command, text=True).splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tTWi":
            begin, size = int(fields[0], 16), int(fields[1], 16)
            if begin <= address < begin + size:
                names.add(fields[3].partition("@")[0])
    return names


class LoadedObject(NamedTuple):
    """An object as the dynamic linker has loaded it."""

    name: str
    bias: int


class _PhdrInfo(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("name", ctypes.c_char_p))


@lru_cache(maxsize=1)
def _visitor_type() -> type:
    return ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(_PhdrInfo), ctypes.c_size_t, ctypes.c_void_p
    )


def loaded_objects() -> list[LoadedObject]:
    """Return what dl_iterate_phdr(3) lists in this process."""
    objects = []

    def visit(info: ctypes._Pointer[_PhdrInfo], _size: int, _data: None) -> int:
        name, address = info.contents.name, info.contents.address
        objects.append(LoadedObject((name or b"").decode(), address or 0))
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(_visitor_type()(visit), None)
    return objects
