"""Real maps to measure with.

Runs in each environment, so it imports nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import mmap
import os
from pathlib import Path

SNAPSHOT = "PROCMAPS_BENCH_SNAPSHOT"
"""The environment variable that names the file which holds the maps of all
processes of this machine, taken once per run."""

PAGE = mmap.PAGESIZE
ANONYMOUS = -1


def take_snapshot(path: Path) -> int:
    """Write the maps of all processes, one after the other; return the lines."""
    processes = sorted(
        (entry for entry in Path("/proc").iterdir() if entry.name.isdigit()),
        key=lambda entry: int(entry.name),
    )
    with path.open("wb") as snapshot:
        for process in processes:
            # Others are not ours to read, or gone meanwhile.
            with contextlib.suppress(OSError):
                snapshot.write((process / "maps").read_bytes())
    return path.read_bytes().count(b"\n")


def text(lines: int) -> str:
    """So many lines of the machine's own maps, from the beginning again if need be."""
    snapshot = Path(os.environ[SNAPSHOT]).read_bytes().splitlines(keepends=True)
    repeated = itertools.islice(itertools.cycle(snapshot), lines)
    return b"".join(repeated).decode("utf-8", "surrogateescape")


def loaded(maps: int, files: int) -> bytes:
    """So many maps of so many files, each laid out as a loader does it."""
    parts = ("r--p", "r-xp", "r--p", "rw-p", None)
    lines = []
    address = 0x7F00_0000_0000
    for number in range(maps):
        file, part = divmod(number, maps // files)
        offset = part * PAGE
        permissions = parts[part % len(parts)]
        header = f"{address:x}-{address + PAGE:x}"
        if permissions is None:
            lines.append(f"{header} rw-p 00000000 00:00 0 ")
        else:
            lines.append(
                f"{header} {permissions} {offset:08x} 08:01 {file + 1}".ljust(73)
                + f"/usr/lib/x86_64-linux-gnu/lib{file}.so.6"
            )
        address += PAGE
    return "\n".join(lines).encode()


def grow_to(maps: int) -> None:
    """Give this process so many mappings, as a loader lays them out.

    Each shared library on the machine is mapped as five segments (read-only,
    code, read-only, read-only, data) with anonymous memory after it, and then
    once more, until there are enough.
    """
    wanted = maps - Path("/proc/self/maps").read_bytes().count(b"\n")
    libraries = sorted(Path("/usr/lib").rglob("*.so*"))
    files = [path for path in libraries if path.is_file() and path.stat().st_size]
    segments = (
        (path, protection)
        for path in itertools.cycle(files)
        for protection in (
            mmap.PROT_READ,
            mmap.PROT_READ | mmap.PROT_EXEC,
            mmap.PROT_READ,
            0,
            mmap.PROT_READ | mmap.PROT_WRITE,
            None,
        )
    )
    # One range, so that the segments lie side by side as those of a process do.
    address = _mmap(None, (wanted + 1) * PAGE, 0, ANONYMOUS)
    is_even = False
    for path, protection in itertools.islice(segments, wanted):
        if protection is None:
            # Anonymous neighbours of equal protection would merge.
            is_even = not is_even
            write = mmap.PROT_WRITE if is_even else 0
            _mmap(address, PAGE, mmap.PROT_READ | write, ANONYMOUS)
        else:
            descriptor = os.open(path, os.O_RDONLY)
            _mmap(address, PAGE, protection, descriptor)
            os.close(descriptor)
        address += PAGE


def map_anonymous(maps: int, *, is_shared: bool) -> None:
    """Give this process so many mappings more of anonymous memory, one page each.

    Shared ones have a name, `/dev/zero (deleted)`, private ones have none.
    """
    address = _mmap(None, maps * PAGE, 0, ANONYMOUS)
    flags = mmap.MAP_SHARED if is_shared else mmap.MAP_PRIVATE
    for number in range(maps):
        # Private neighbours of equal protection would merge.
        write = mmap.PROT_WRITE if number % 2 else 0
        _mmap(address, PAGE, mmap.PROT_READ | write, ANONYMOUS, flags)
        address += PAGE


MAP_FIXED = 0x10
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]


def _mmap(
    address: int | None,
    size: int,
    protection: int,
    descriptor: int,
    flags: int = mmap.MAP_PRIVATE,
) -> int:
    """mmap(2), which the module of that name does not give an address."""
    if descriptor == ANONYMOUS:
        flags |= mmap.MAP_ANONYMOUS
    if address is not None:
        flags |= MAP_FIXED
    mapped: int | None = _LIBC.mmap(address, size, protection, flags, descriptor, 0)
    if mapped is None or mapped == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return mapped
