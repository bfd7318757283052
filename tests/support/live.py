"""Real mappings, made with mmap(2) itself, and what is printed about them."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support import oracle
from support.helpers import raw_maps, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = mmap.PAGESIZE
READ_WRITE = mmap.PROT_READ | mmap.PROT_WRITE

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [
    *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_long),
]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
libc.prctl.argtypes = [
    *(ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p),
    *(ctypes.c_size_t, ctypes.c_char_p),
]


def call(function: Any, *arguments: object) -> int:
    """Call a function of the C library, and raise the OSError that it means."""
    result: int | None = function(*arguments)
    # A pointer to address zero comes back as None, and -1 as the widest pointer.
    if result in {-1, 2 ** (8 * ctypes.sizeof(ctypes.c_void_p)) - 1}:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result or 0


def call_or_skip(function: Any, *arguments: object) -> int:
    """Call what this kernel may have been built without, or may not allow."""
    try:
        return call(function, *arguments)
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENODEV}:
            pytest.skip(f"not offered by this kernel: {error}")
        raise


@contextmanager
def mapped(
    file: int = -1,
    *,
    length: int = PAGE,
    protection: int = mmap.PROT_READ,
    flags: int = mmap.MAP_PRIVATE,
    offset: int = 0,
) -> Iterator[int]:
    """Map a file, or anonymous memory, and give its address."""
    if file == -1:
        flags |= mmap.MAP_ANONYMOUS
    address = call(libc.mmap, None, length, protection, flags, file, offset)
    try:
        yield address
    finally:
        call(libc.munmap, address, length)


@contextmanager
def opened(path: str | bytes, flags: int = os.O_RDWR | os.O_CREAT) -> Iterator[int]:
    """Open a file, a new one with a page of data."""
    file = os.open(path, flags, 0o600)
    try:
        if flags & os.O_CREAT:
            os.write(file, bytes(PAGE))
        yield file
    finally:
        os.close(file)


def map_at(address: int, pid: int | None = None) -> procmaps.Map:
    """Return the one map there as the text has it, once it was compared with the
    kernel's own line and with what the ioctl says.
    """
    pid = os.getpid() if pid is None else pid
    (other,) = [map_ for map_ in procmaps.from_pid(pid) if address in map_]
    with procmaps.Process(pid, query=False) as process:
        (found,) = [map_ for map_ in process.maps() if address in map_]
    assert other == found
    assert other.kind == found.kind
    assert other.is_deleted == found.is_deleted
    raw = raw_maps(pid)
    (row,) = [
        row
        for row in oracle.parse(raw)
        if row.begin_address <= address < row.end_address
    ]
    assert row_of(found) == row
    assert os.fsencode(str(found)) in raw.split(b"\n")
    assert found.kind == oracle.kind(row)
    assert found.path == oracle.path(row)
    assert found.is_deleted == oracle.is_deleted(row)
    return found
