"""``procmaps usage``: what each map costs in memory, or what groups of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import procmaps
from procmaps.cli import filters, parser
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_records
from procmaps.cli.render.records import (
    MAP_FIELDS,
    USAGE_FIELDS,
    map_record,
    usage_record,
)
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import human_size, printable_name
from procmaps.cli.target import read_usages

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Literal

    from procmaps import MemoryUsage

    _Named = tuple[str | None, MemoryUsage]

EXAMPLES = """\
  procmaps usage 1234 --by module           which library takes how much
  procmaps usage 1234 --kind heap --json    what the heap costs, for a script
"""

SIZES = ("size", "rss", "pss", "uss", "swap")
"""The columns of a table, by any of which it can be sorted."""

GROUPS = ("path", "module", "kind")

UNNAMED = {"path": "(no name)", "module": "(no module)"}
"""What stands in a table for the maps that --by finds nothing to call."""


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, data="smaps")
    into.add_argument(
        "--by",
        choices=GROUPS,
        help="instead of each map, the sum of those with the same path, module or kind",
    )
    into.add_argument(
        "--sort",
        choices=(*SIZES, "address"),
        default="pss",
        help="the largest of this first, or in order of addresses (default: pss)",
    )
    filters.add_filters(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    keep = filters.condition(options)
    usages = [usage for usage in read_usages(options.target) if keep(usage.map)]
    if options.by is None:
        named = _sorted([(usage.map.pathname, usage) for usage in usages], options.sort)
    else:
        named = _sorted(_sums(usages, options.by), options.sort)
    if options.format is None:
        total = procmaps.sum_usage(usages)
        write_sheets([_sheet(named, total, options.by)], options.color)
    elif options.by is not None:
        records = [{options.by: name, **usage_record(usage)} for name, usage in named]
        write_records(options.format, (options.by, *USAGE_FIELDS), records)
    elif options.format == "csv":
        # In one row both have a size: what the map spans, and what the kernel says.
        records = [{**map_record(u.map), **usage_record(u)} for _, u in named]
        columns = [name for name in MAP_FIELDS if name not in USAGE_FIELDS]
        write_records("csv", (*columns, *USAGE_FIELDS), records)
    else:
        records = [{"map": map_record(u.map), **usage_record(u)} for _, u in named]
        write_records(options.format, (), records)
    return 0


def _sums(usages: Sequence[MemoryUsage], by: str) -> list[_Named]:
    if by == "kind":
        return [*procmaps.sum_usage_by(usages, "kind").items()]
    key: Literal["module", "pathname"] = "module" if by == "module" else "pathname"
    return [*procmaps.sum_usage_by(usages, key).items()]


def _sorted(named: Sequence[_Named], by: str) -> list[_Named]:
    ordered = sorted(named, key=lambda each: each[1].map)
    if by == "address":
        return ordered
    return sorted(ordered, key=lambda each: -(getattr(each[1], by) or 0))


def _sheet(named: Sequence[_Named], total: MemoryUsage, by: str | None) -> Sheet:
    sizes = tuple(Column(name, right=True) for name in SIZES)
    if by is not None:
        rows = [
            Row((*_sizes(usage), UNNAMED[by] if name is None else printable_name(name)))
            for name, usage in named
        ]
        rows.append(Row((*_sizes(total), "in all"), "total"))
        return Sheet((*sizes, Column(by)), rows)
    rows = [
        Row((_range(usage), *_sizes(usage), printable_name(name or "")))
        for name, usage in named
    ]
    rows.append(Row(("", *_sizes(total), "in all"), "total"))
    return Sheet((Column("range", style="address"), *sizes, Column("name")), rows)


def _range(usage: MemoryUsage) -> str:
    return f"{usage.map.begin_address:08x}-{usage.map.end_address:08x}"


def _sizes(usage: MemoryUsage) -> tuple[str, ...]:
    sizes = [getattr(usage, name) for name in SIZES]
    return tuple("-" if size is None else human_size(size) for size in sizes)
