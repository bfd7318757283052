"""The layout of an address space at a glance: ``procmaps show --by module``."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import procmaps
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.text import human_size, printable_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmaps import Map

COLUMNS = (
    Column("range", style="address"),
    Column("size", right=True),
    Column("maps", right=True),
    Column("permissions"),
    Column("module"),
)
FIELDS = (
    *("begin_address", "end_address", "size", "maps", "permissions"),
    *("kind", "name", "path", "is_deleted"),
)

SINGLE = ("heap", "stack", "vdso", "vvar", "vsyscall")
"""Kinds of which a process has one or two, so that each has a row of its own."""

ALERT = "!"
"""Stands after the permissions of maps that are writable and executable at once."""


class Part(NamedTuple):
    """A row: a module, or a map that is not part of one."""

    maps: tuple[Map, ...]
    kind: str
    name: str
    path: str | None
    is_deleted: bool


def parts(maps: Sequence[Map]) -> list[Part]:
    """Return the modules that maps form, and the heap, the stack and their like.

    They are in the order of addresses.
    """
    space = procmaps.AddressSpace(maps)
    found = [
        Part(tuple(each.maps), each.maps[0].kind, each.name, each.path, each.is_deleted)
        for each in space.modules
    ]
    found += [
        Part((map_,), map_.kind, map_.pathname or "", None, is_deleted=False)
        for map_ in space
        if map_.kind in SINGLE
    ]
    return sorted(found, key=lambda part: part.maps[0])


def sheet(found: Sequence[Part]) -> Sheet:
    """Return the table of some modules."""
    return Sheet(COLUMNS, [row(part) for part in found])


def row(part: Part) -> Row:
    """Return the row of a module; one writable and executable at once is marked."""
    name = printable_name(part.path or part.name)
    style = ""
    if part.is_deleted:
        name, style = f"{name} (deleted)", "gone"
    permissions = " ".join(_permissions(part))
    if any(map_.is_writable and map_.is_executable for map_ in part.maps):
        permissions, style = permissions + ALERT, "alert"
    size = human_size(sum([map_.size for map_ in part.maps]))
    return Row((_range(part), size, str(len(part.maps)), permissions, name), style)


def record(part: Part) -> dict[str, object]:
    """Return a module as JSON and CSV have it."""
    return {
        "begin_address": part.maps[0].begin_address,
        "end_address": part.maps[-1].end_address,
        "size": sum([map_.size for map_ in part.maps]),
        "maps": len(part.maps),
        "permissions": [map_.permissions for map_ in part.maps],
        "kind": part.kind,
        "name": part.name,
        "path": part.path,
        "is_deleted": part.is_deleted,
    }


def _range(part: Part) -> str:
    return f"{part.maps[0].begin_address:08x}-{part.maps[-1].end_address:08x}"


def _permissions(part: Part) -> list[str]:
    """Return the permissions of the maps, once for several that have the same.

    Nearly all maps are private: the p is left out.
    """
    each = [map_.permissions.rstrip("p") for map_ in part.maps]
    return [permissions for permissions, _ in groupby(each)]
