"""Answers as plain values: what JSON and CSV give, with integers in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procmaps import Map

MAP_FIELDS = (
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
    "size",
    "kind",
    "path",
    "is_deleted",
)


def map_record(map_: Map) -> dict[str, object]:
    """Return the seven fields of a map, and what follows from them."""
    return {name: getattr(map_, name) for name in MAP_FIELDS}
