"""What several maps have in common, by which --by adds them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from procmaps.cli.render.records import map_record
from procmaps.cli.render.text import printable_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procmaps import Map, MemoryUsage


class By(NamedTuple):
    """One way to form groups: what a map counts for, and how that is called."""

    name: str
    """The word after --by, and the title of the column."""
    key: Callable[[Map], Any]
    """What the maps of a group have in common."""
    label: Callable[[Any], str]
    """What a table calls the group of a key."""
    record: Callable[[Any], dict[str, object]]
    """What JSON and CSV call it."""
    fields: tuple[str, ...]
    """The fields of that."""


def _module_key(map_: Map) -> tuple[str | None, str]:
    """Return the mapped file; of what is mapped without one, the kind."""
    return map_.path, map_.kind


def _module_label(key: tuple[str | None, str]) -> str:
    path, kind = key
    # A path begins with a slash, so that it is told from a kind.
    return f"({kind})" if path is None else printable_name(path)


BY_MAP = By(
    "map",
    key=lambda map_: map_,
    label=lambda map_: printable_name(map_.pathname or ""),
    record=lambda map_: {"map": map_record(map_)},
    fields=("map",),
)

GROUPS = {
    by.name: by
    for by in (
        By(
            "path",
            key=lambda map_: map_.pathname,
            label=lambda name: "(no name)" if name is None else printable_name(name),
            record=lambda name: {"path": name},
            fields=("path",),
        ),
        By(
            "module",
            key=_module_key,
            label=_module_label,
            record=lambda key: {"module": key[0], "kind": key[1]},
            fields=("module", "kind"),
        ),
        By(
            "kind",
            key=lambda map_: map_.kind,
            label=str,
            record=lambda kind: {"kind": kind},
            fields=("kind",),
        ),
    )
}
"""What --by takes: each mapped file, a deleted one with its successor; each name as it
is printed; each kind."""


def sums(usages: Iterable[MemoryUsage], by: By) -> dict[Any, MemoryUsage]:
    """Return what each group of maps costs, by what its maps have in common."""
    import procmaps

    return procmaps.sum_usage_by(usages, lambda usage: by.key(usage.map))
