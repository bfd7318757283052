"""``procmaps diff``: what changed between two moments, or differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from procmaps import AddressSpace
from procmaps.cli import filters, parser
from procmaps.cli.commands.show import COLUMNS, map_row, total_row
from procmaps.cli.errors import CommandError
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_json, write_records, write_text
from procmaps.cli.render.records import MAP_FIELDS, map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.target import read_maps_or_smaps

if TYPE_CHECKING:
    import argparse

    from procmaps import Map

EXAMPLES = """\
  procmaps diff before.maps 1234            since its lines were saved
  procmaps diff before.smaps after.smaps --kind heap --json
"""

CHANGES = ("added", "removed", "changed", "grown", "shrunk")
"""What can happen to a map, as the library calls it."""

STYLES = {"added": "fresh", "removed": "gone"}


class Change(NamedTuple):
    """What happened to one map; what is not there is None."""

    change: str
    before: Map | None
    after: Map | None


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, "A")
    parser.add_target(into, "B")
    filters.add_filters(into)
    parser.add_proc(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.a == options.b == "-":
        message = "only one of the two can be standard input: give a file as the other"
        raise CommandError(message)
    keep = filters.condition(options)
    before, after = (
        AddressSpace(filter(keep, read_maps_or_smaps(target, options.proc)))
        for target in (options.a, options.b)
    )
    changes = _changes(before, after)
    if options.format is None:
        sheets = [_sheet(changes)] if changes else []
        if not changes:
            write_text("nothing changed\n\n")
        write_sheets([*sheets, _totals(changes, before, after)], options.color)
    elif options.format == "json":
        write_json({name: _records(changes, name) for name in CHANGES})
    elif options.format == "jsonl":
        write_records("jsonl", (), [_event(each) for each in changes])
    else:
        rows = [
            {"change": word, **map_record(map_)}
            for each in changes
            for word, map_ in _lines(each)
        ]
        write_records("csv", ("change", *MAP_FIELDS), rows)
    return 0


def _changes(before: AddressSpace, after: AddressSpace) -> list[Change]:
    """Return all changes, in the order of addresses."""
    difference = before.diff(after)
    changes = [Change("added", None, map_) for map_ in difference.added]
    changes += [Change("removed", map_, None) for map_ in difference.removed]
    for name in ("changed", "grown", "shrunk"):
        maps: AddressSpace = getattr(difference, name)
        changes += [Change(name, difference.previous(map_), map_) for map_ in maps]
    return sorted(changes, key=lambda each: [map_ for _, map_ in _lines(each)])


def _lines(each: Change) -> list[tuple[str, Map]]:
    """Return the lines that tell of a change: what was, and what is."""
    lines = []
    if each.before is not None:
        lines.append(("was" if each.after is not None else each.change, each.before))
    if each.after is not None:
        lines.append((each.change, each.after))
    return lines


def _event(each: Change) -> dict[str, object]:
    return {
        "change": each.change,
        "before": _record(each.before),
        "after": _record(each.after),
    }


def _records(changes: list[Change], name: str) -> list[object]:
    """Return the maps that were added or removed, or pairs of before and after."""
    chosen = [each for each in changes if each.change == name]
    if name in {"added", "removed"}:
        return [_record(each.after or each.before) for each in chosen]
    return [
        {"before": _record(each.before), "after": _record(each.after)}
        for each in chosen
    ]


def _record(map_: Map | None) -> dict[str, object] | None:
    return None if map_ is None else map_record(map_)


def _sheet(changes: list[Change]) -> Sheet:
    rows = []
    for each in changes:
        for word, map_ in _lines(each):
            row = map_row(map_)
            style = "faint" if word == "was" else row.style or STYLES.get(word, "")
            rows.append(Row((*row.cells[:1], word, *row.cells[1:]), style))
    return Sheet((COLUMNS[0], Column("change"), *COLUMNS[1:]), rows)


def _totals(changes: list[Change], before: AddressSpace, after: AddressSpace) -> Sheet:
    rows = []
    for name in CHANGES:
        maps = [e.after or e.before for e in changes if e.change == name]
        if maps:
            sizes = [map_.size for map_ in maps if map_ is not None]
            rows.append(total_row(len(maps), sum(sizes), name))
    for label, space in (("before", before), ("after", after)):
        total = sum([map_.size for map_ in space])
        rows.append(total_row(len(space), total, label, "total"))
    columns = (Column("maps", right=True), Column("size", right=True), Column("change"))
    return Sheet(columns, rows)
