"""What several test modules share: vectors, rows, and the raw text of a process."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import procmaps
from support.oracle import Row

TESTS = Path(__file__).parent.parent
MAXIMUM = 2**64 - 1

# Whether tests run for minutes that otherwise take seconds: `make soak`.
IS_LONG = "PROCMAPS_SOAK" in os.environ

# A line that is legal and differs from every line that a test puts beside it.
LINE = "1000-3000 r-xp 00002000 08:01 42 /usr/bin/true"


class Vector(NamedTuple):
    """A line and what it must give."""

    line: bytes
    row: Row
    note: str


def _bytes(text: str) -> bytes:
    """Read the vectors' notation, in which \\xNN stands for a byte."""
    pieces = re.split(r"\\x([0-9a-f]{2})", text)
    return b"".join(
        bytes.fromhex(piece) if index % 2 else piece.encode()
        for index, piece in enumerate(pieces)
    )


def good_vectors() -> list[Vector]:
    """All lines that must be read."""
    vectors = []
    for entry in json.loads((TESTS / "vectors/good.json").read_bytes()):
        name = entry["pathname"]
        if name is not None:
            name = _bytes(name).decode("utf-8", "surrogateescape")
        major, minor = entry["device"]
        row = Row(
            entry["begin_address"],
            entry["end_address"],
            entry["permissions"],
            entry["offset"],
            (major, minor),
            entry["inode"],
            name,
        )
        vectors.append(Vector(_bytes(entry["line"]), row, entry["note"]))
    return vectors


def bad_lines() -> list[bytes]:
    """All lines that must be refused."""
    entries = json.loads((TESTS / "vectors/bad.json").read_bytes())
    return [_bytes(entry["line"]) for entry in entries]


def row_of(map_: procmaps.Map) -> Row:
    """Read the seven fields of a map, attribute by attribute."""
    return Row(
        map_.begin_address,
        map_.end_address,
        map_.permissions,
        map_.offset,
        map_.device,
        map_.inode,
        map_.pathname,
    )


def map_of(row: Row) -> procmaps.Map:
    """Make the map with these fields."""
    return procmaps.Map(*row)


def raw_maps(pid: int | str = "self") -> bytes:
    """Read what the kernel prints."""
    return Path(f"/proc/{pid}/maps").read_bytes()


def stored(directory: os.PathLike[str], document: bytes) -> Path:
    """Keep a document in a file."""
    path = Path(directory) / "maps"
    path.write_bytes(document)
    return path
