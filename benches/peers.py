"""What people do without this package, and the floor under it.

Runs in each environment, so it imports nothing but the standard library.
"""

from __future__ import annotations

import os
import re
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
