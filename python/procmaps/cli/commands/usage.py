"""``procmaps usage``: what each map costs in memory, or what groups of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import procmaps
from procmaps.cli import filters, growth, parser
from procmaps.cli.errors import CommandError
from procmaps.cli.groups import BY_MAP, GROUPS, By, sums
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_records
from procmaps.cli.render.records import (
    MAP_FIELDS,
    USAGE_FIELDS,
    map_record,
    usage_record,
)
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.sizes import SIZES, size_cells, size_columns
from procmaps.cli.target import read_usages

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from procmaps import MemoryUsage

    _Keyed = tuple[Any, MemoryUsage]

EXAMPLES = """\
  procmaps usage 1234 --by module           which library takes how much
  procmaps usage before.smaps 1234          what grew since its smaps were saved:
                                            B less TARGET, the largest change first
  procmaps usage 1234 --kind heap --json    what the heap costs, for a script
"""


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, data="smaps", **parser.OPTIONAL)
    parser.add_target(into, "B", data="smaps", nargs="?")
    into.add_argument(
        "--by",
        choices=("map", *GROUPS),
        help="each map, or the sum of those with the same path, module or kind; "
        "memory of no module by its kind (default: map; of two targets: module)",
    )
    into.add_argument(
        "--sort",
        choices=(*SIZES, "address"),
        default="pss",
        help="the largest of this first, or in order of addresses (default: pss)",
    )
    parser.add_limit(into)
    filters.add_filters(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.b is not None:
        return _compare(options)
    by = GROUPS.get(options.by, BY_MAP)
    usages = _read(options.target, options)
    keyed: list[_Keyed] = (
        [(usage.map, usage) for usage in usages]
        if by is BY_MAP
        else [*sums(usages, by).items()]
    )
    keyed = _sorted(keyed, options.sort)
    shown = keyed[: parser.limit(options)]
    if options.format is None:
        sheet = _sheet(shown, [usage for _, usage in keyed[len(shown) :]], by)
        sheet.rows.append(_sum_row(usages, by, "in all", "total"))
        write_sheets([sheet], options.color)
    elif by is not BY_MAP:
        records = [{**by.record(key), **usage_record(usage)} for key, usage in shown]
        write_records(options.format, (*by.fields, *USAGE_FIELDS), records)
    elif options.format == "csv":
        # In one row both have a size: what the map spans, and what the kernel says.
        records = [{**map_record(map_), **usage_record(u)} for map_, u in shown]
        columns = [name for name in MAP_FIELDS if name not in USAGE_FIELDS]
        write_records("csv", (*columns, *USAGE_FIELDS), records)
    else:
        records = [{"map": map_record(map_), **usage_record(u)} for map_, u in shown]
        write_records(options.format, (), records)
    return 0


def _read(target: str, options: argparse.Namespace) -> list[MemoryUsage]:
    keep = filters.condition(options)
    return [usage for usage in read_usages(target) if keep(usage.map)]


def _compare(options: argparse.Namespace) -> int:
    """Tell what the second target costs more or less than the first."""
    if options.target == options.b == "-":
        message = "only one of the two can be standard input: give a file as the other"
        raise CommandError(message)
    if options.sort == "address":
        message = "changes are sorted by a size: give --sort pss or another"
        raise CommandError(message)
    by = BY_MAP if options.by == "map" else GROUPS[options.by or "module"]
    before, after = (_read(target, options) for target in (options.target, options.b))
    changes = growth.changes(before, after, by, options.sort)
    if options.format is None:
        # Others have changed in another size alone.
        changes = [change for change in changes if change.by(options.sort) != 0]
    shown = changes[: parser.limit(options)]
    if options.format is None:
        more = changes[len(shown) :]
        sheet = growth.sheet(shown, more, by, options.sort)
        write_sheets([sheet], options.color)
    else:
        growth.write(options.format, shown, by)
    return 0


def _sorted(keyed: Sequence[_Keyed], by: str) -> list[_Keyed]:
    ordered = sorted(keyed, key=lambda each: each[1].map)
    if by == "address":
        return ordered
    return sorted(ordered, key=lambda each: -(getattr(each[1], by) or 0))


def _sheet(shown: Sequence[_Keyed], more: Sequence[MemoryUsage], by: By) -> Sheet:
    rows = [
        Row((*_range(key, by), *size_cells(usage), by.label(key)))
        for key, usage in shown
    ]
    if more:
        rows.append(_sum_row(more, by, f"{len(more)} more", "faint"))
    if by is BY_MAP:
        range_ = Column("range", style="address")
        return Sheet((range_, *size_columns(), Column("name")), rows)
    return Sheet((*size_columns(), Column(by.name)), rows)


def _sum_row(usages: Sequence[MemoryUsage], by: By, label: str, style: str) -> Row:
    empty = ("",) if by is BY_MAP else ()
    return Row((*empty, *size_cells(procmaps.sum_usage(usages)), label), style)


def _range(key: Any, by: By) -> tuple[str, ...]:
    if by is BY_MAP:
        return (f"{key.begin_address:08x}-{key.end_address:08x}",)
    return ()
