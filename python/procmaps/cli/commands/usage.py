"""``procmaps usage``: what each map costs in memory, or what groups of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import procmaps
from procmaps.cli import files, filters, growth, machine, parser
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
    from collections.abc import Iterable

    from procmaps import MemoryUsage, Process
    from procmaps.cli.machine import Owner

EXAMPLES = """\
  procmaps usage 1234 --by module           which library takes how much
  procmaps usage all --by module            and which process has it
  procmaps usage before.smaps 1234          what grew since its smaps were saved:
                                            B less TARGET, the largest change first
  procmaps usage 1234 --kind heap --json    what the heap costs, for a script
"""


class Cost(NamedTuple):
    """What a map or a group of maps costs, and whose it is among all processes."""

    owner: Owner | None
    key: Any
    usage: MemoryUsage


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, data="smaps", all_=True, **parser.OPTIONAL)
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
    parser.add_limit(into, parser.LARGEST)
    filters.add_filters(into)
    parser.add_proc(into)
    files.add_parquet(parser.add_formats(into))
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    files.refuse_one(options)
    if options.b is not None:
        return _compare(options)
    if options.parquet is not None:
        return _write_parquet(options)
    by = GROUPS.get(options.by, BY_MAP)
    keep = filters.condition(options)

    def groups(usages: Iterable[MemoryUsage]) -> list[tuple[Any, MemoryUsage]]:
        kept = [usage for usage in usages if keep(usage.map)]
        if by is BY_MAP:
            return [(usage.map, usage) for usage in kept]
        return [*sums(kept, by).items()]

    if options.target != "all":
        usages = read_usages(options.target, options.proc)
        _write([Cost(None, *each) for each in groups(usages)], by, options)
        return 0
    with machine.scan(lambda each: groups(each.smaps()), options.proc) as found:
        costs = [Cost(owner, *each) for owner, costs in found for each in costs]
        _write(costs, by, options)
    return 0


def _write_parquet(options: argparse.Namespace) -> int:
    """Write what every map of every process costs, not in groups."""
    files.check_parquet()
    keep = filters.condition(options)

    def read(process: Process) -> list[MemoryUsage]:
        return [usage for usage in process.smaps() if keep(usage.map)]

    with machine.scan(read, options.proc) as found:
        files.write_usages(options.parquet, [*found])
    return 0


def _write(costs: list[Cost], by: By, options: argparse.Namespace) -> None:
    costs = _sorted(costs, options.sort)
    shown = costs[: parser.limit(options)]
    if options.format is None:
        sheet = _sheet(shown, by)
        more = costs[len(shown) :]
        if more:
            sheet.rows.append(_sum_row(more, sheet, f"{len(more)} more", "faint"))
        sheet.rows.append(_sum_row(costs, sheet, "in all", "total"))
        write_sheets([sheet], options.color)
        return
    owner = machine.FIELDS if options.target == "all" else ()
    if by is BY_MAP and options.format == "csv":
        # In one row both have a size: what the map spans, and what the kernel says.
        own = [name for name in MAP_FIELDS if name not in USAGE_FIELDS]
        records = [_record(each, map_record(each.key)) for each in shown]
    else:
        own = [*by.fields]
        records = [_record(each, by.record(each.key)) for each in shown]
    write_records(options.format, (*owner, *own, *USAGE_FIELDS), records)


def _record(cost: Cost, fields: dict[str, object]) -> dict[str, object]:
    owner = {} if cost.owner is None else cost.owner.record()
    return {**owner, **fields, **usage_record(cost.usage)}


def _compare(options: argparse.Namespace) -> int:
    """Tell what the second target costs more or less than the first."""
    if options.target == options.b == "-":
        message = "only one of the two can be standard input: give a file as the other"
        raise CommandError(message)
    if options.sort == "address":
        message = "changes are sorted by a size: give --sort pss or another"
        raise CommandError(message)
    by = BY_MAP if options.by == "map" else GROUPS[options.by or "module"]
    keep = filters.condition(options)
    before, after = (
        [usage for usage in read_usages(target, options.proc) if keep(usage.map)]
        for target in (options.target, options.b)
    )
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


def _sorted(costs: list[Cost], by: str) -> list[Cost]:
    ordered = sorted(costs, key=lambda each: each.usage.map)
    if by == "address":
        return ordered
    return sorted(ordered, key=lambda each: -(getattr(each.usage, by) or 0))


def _sheet(shown: list[Cost], by: By) -> Sheet:
    owners = [each.owner for each in shown if each.owner is not None]
    ranges = by is BY_MAP and not owners
    rows = []
    for _, key, usage in shown:
        range_ = (f"{key.begin_address:08x}-{key.end_address:08x}",) if ranges else ()
        rows.append(Row((*range_, *size_cells(usage), by.label(key))))
    first = (Column("range", style="address"),) if ranges else ()
    name = Column("name" if by is BY_MAP else by.name)
    sheet = Sheet((*first, *size_columns(), name), rows)
    return machine.owned(sheet, owners) if owners else sheet


def _sum_row(costs: list[Cost], sheet: Sheet, label: str, style: str) -> Row:
    sizes = size_cells(procmaps.sum_usage([each.usage for each in costs]))
    empty = [""] * (len(sheet.columns) - len(sizes) - 1)
    return Row((*empty, *sizes, label), style)
