"""What memory costs more or less than before: two moments, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import procmaps
from procmaps.cli.groups import BY_MAP, By, sums
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_records
from procmaps.cli.render.records import USAGE_FIELDS
from procmaps.cli.render.sizes import SIZES, change_cell, size_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmaps import Map, MemoryUsage

COUNTED = tuple(
    name
    for name in USAGE_FIELDS
    if name
    not in {
        *("kernel_page_size", "mmu_page_size", "thp_eligible"),
        *("protection_key", "vm_flags", "extra"),
    }
)
"""The fields that add up, so that they have a difference."""


class Change(NamedTuple):
    """What a group of maps cost before and after; 0 where it was not there."""

    key: Any
    before: MemoryUsage
    after: MemoryUsage

    def by(self, size: str) -> int | None:
        """Return by how much a size changed, None if either is not known."""
        before, after = getattr(self.before, size), getattr(self.after, size)
        return None if before is None or after is None else after - before


def changes(
    before: Sequence[MemoryUsage], after: Sequence[MemoryUsage], by: By, size: str
) -> list[Change]:
    """Return all groups of which some size changed, most of this one first."""
    if by is BY_MAP:
        by = by._replace(key=_successors(before, after))
    then, now = sums(before, by), sums(after, by)
    nothing = procmaps.sum_usage([])
    each = [
        Change(key, then.get(key, nothing), now.get(key, nothing))
        for key in dict.fromkeys([*now, *then])
    ]
    changed = [change for change in each if any(map(change.by, COUNTED))]
    return sorted(changed, key=lambda change: -abs(change.by(size) or 0))


def _successors(
    before: Sequence[MemoryUsage], after: Sequence[MemoryUsage]
) -> _Successors:
    difference = procmaps.AddressSpace([usage.map for usage in before]).diff(
        procmaps.AddressSpace([usage.map for usage in after])
    )
    later = {}
    for maps in (difference.changed, difference.grown, difference.shrunk):
        later.update({difference.previous(map_): map_ for map_ in maps})
    return _Successors(later)


class _Successors:
    """Gives what a map became: the heap that grew is the one that was."""

    def __init__(self, later: dict[Map, Map]) -> None:
        self.later = later

    def __call__(self, map_: Map) -> Map:
        return self.later.get(map_, map_)


def sheet(shown: Sequence[Change], more: Sequence[Change], by: By, size: str) -> Sheet:
    """Return the table of changes, the sum of those that are left out, and of all."""
    rows = [_row(change, size, by.label(change.key), by) for change in shown]
    if more:
        label = f"{len(more)} more"
        rows.append(_row(_total(more), size, label, by, "faint"))
    if not rows:
        rows.append(_row(_total([]), size, "nothing changed", by, "faint"))
    rows.append(_row(_total([*shown, *more]), size, "in all that changed", by, "total"))
    first = (Column("range", style="address"),) if by is BY_MAP else ()
    columns = (
        Column(f"{size} before", right=True),
        Column("after", right=True),
        Column("change", right=True),
    )
    return Sheet((*first, *columns, Column("name" if first else by.name)), rows)


def _total(several: Sequence[Change]) -> Change:
    before = procmaps.sum_usage([change.before for change in several])
    return Change(None, before, procmaps.sum_usage([each.after for each in several]))


def _row(change: Change, size: str, label: str, by: By, style: str = "") -> Row:
    sizes = [size_cell(getattr(each, size)) for each in change[1:]]
    cells = (*sizes, change_cell(change.by(size)), label)
    if by is not BY_MAP:
        return Row(cells, style)
    map_ = change.key
    range_ = "" if map_ is None else f"{map_.begin_address:08x}-{map_.end_address:08x}"
    return Row((range_, *cells), style)


def write(form: str, shown: Sequence[Change], by: By) -> None:
    """Write changes as "json", "jsonl" or "csv": each size before and after."""
    if form != "csv":
        records = [{**by.record(change.key), **_nested(change)} for change in shown]
        write_records(form, (), records)
        return
    names = ("begin_address", "end_address", "pathname")
    rows = []
    for change in shown:
        key = (
            {name: getattr(change.key, name) for name in names}
            if by is BY_MAP
            else by.record(change.key)
        )
        rows.append({**key, **_flat(change)})
    sizes = [f"{size}_{moment}" for size in SIZES for moment in ("before", "after")]
    write_records("csv", (*(names if by is BY_MAP else by.fields), *sizes), rows)


def _nested(change: Change) -> dict[str, object]:
    return {
        "before": {name: getattr(change.before, name) for name in COUNTED},
        "after": {name: getattr(change.after, name) for name in COUNTED},
        "change": {name: change.by(name) for name in COUNTED},
    }


def _flat(change: Change) -> dict[str, object]:
    return {
        f"{size}_{moment}": getattr(usage, size)
        for size in SIZES
        for moment, usage in (("before", change.before), ("after", change.after))
    }
