"""What people do without this package, and the floor under it.

Runs in each environment, so it imports nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import io
import os
import re
import struct
from typing import NamedTuple


class Mapping(NamedTuple):
    """What the loops that people write by hand make of a line."""

    begin_address: int
    end_address: int
    permissions: str
    offset: int
    device: tuple[int, int]
    inode: int
    pathname: str | None


def split_loop(text: str) -> list[Mapping]:
    """Parse with `split`."""
    maps = []
    for line in text.splitlines():
        addresses, permissions, offset, device, inode, *name = line.split(None, 5)
        begin, end = addresses.split("-")
        major, minor = device.split(":")
        maps.append(
            Mapping(
                int(begin, 16),
                int(end, 16),
                permissions,
                int(offset, 16),
                (int(major, 16), int(minor, 16)),
                int(inode),
                name[0] if name else None,
            )
        )
    return maps


_LINE = re.compile(
    r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][ps]) ([0-9a-f]+) "
    r"([0-9a-f]+):([0-9a-f]+) ([0-9]+) *(.*)"
)


def re_loop(text: str) -> list[Mapping]:
    """Parse with `re`."""
    maps = []
    for found in _LINE.finditer(text):
        begin, end, permissions, offset, major, minor, inode, name = found.groups()
        maps.append(
            Mapping(
                int(begin, 16),
                int(end, 16),
                permissions,
                int(offset, 16),
                (int(major, 16), int(minor, 16)),
                int(inode),
                name or None,
            )
        )
    return maps


_BUFFER = bytearray(64 * 1024)


def bare_read(path: str) -> None:
    """Read a file to its end into one buffer, and look at nothing."""
    buffers = [_BUFFER]
    descriptor = os.open(path, os.O_RDONLY)
    while os.readv(descriptor, buffers):
        pass
    os.close(descriptor)


def bare_query(address: int) -> tuple[io.FileIO, int, bytearray, object]:
    """Return what `fcntl.ioctl` takes to ask for one mapping of this process.

    An open file, the number of PROCMAP_QUERY and its structure, and the buffer for
    the name, which has to live on.
    """
    name = ctypes.create_string_buffer(256)
    query = bytearray(104)
    struct.pack_into("QQQ", query, 0, len(query), 0, address)
    struct.pack_into("I", query, 80, len(name))
    struct.pack_into("Q", query, 88, ctypes.addressof(name))
    return io.FileIO("/proc/self/maps"), 0xC0686611, query, name
