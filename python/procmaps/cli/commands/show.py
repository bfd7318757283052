"""``procmaps show``: the maps as a table, with totals per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import filters, modules, parser
from procmaps.cli.modules import ALERT
from procmaps.cli.render import output
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.records import MAP_FIELDS, map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import human_size, printable_name
from procmaps.cli.target import read_maps

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from procmaps import Map

EXAMPLES = """\
  procmaps show 1234                        all maps of process 1234
  procmaps show 1234 --by module            each file once: the layout at a glance
  procmaps show 1234 --perms '?wx?' --json  what is writable and executable
"""

COLUMNS = (
    Column("range", style="address"),
    Column("size", right=True),
    Column("perms"),
    Column("offset", right=True),
    Column("kind", style="kind"),
    Column("name"),
)


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, **parser.OPTIONAL)
    into.add_argument(
        "--by",
        choices=("module",),
        help="instead of each map, each file that is mapped: the layout at a glance",
    )
    filters.add_filters(into)
    parser.add_formats(into, raw=True)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    keep = filters.condition(options)
    maps = [map_ for map_ in read_maps(options.target) if keep(map_)]
    if options.format == "raw":
        output.write_raw(maps)
    elif options.by is not None:
        parts = modules.parts(maps)
        if options.format is None:
            write_sheets([modules.sheet(parts), _totals(maps)], options.color)
        else:
            records = [modules.record(part) for part in parts]
            output.write_records(options.format, modules.FIELDS, records)
    elif options.format is None:
        write_sheets(sheets(maps), options.color)
    else:
        records = [map_record(map_) for map_ in maps]
        output.write_records(options.format, MAP_FIELDS, records)
    return 0


def sheets(maps: Sequence[Map]) -> list[Sheet]:
    """Return the table of the maps, and that of their totals."""
    return [Sheet(COLUMNS, [map_row(map_) for map_ in maps]), _totals(maps)]


def map_row(map_: Map) -> Row:
    """Return the row of a map."""
    permissions = map_.permissions
    style = "gone" if map_.is_deleted else ""
    if permissions[1:3] == "wx":
        permissions += ALERT
        style = "alert"
    return Row(
        (
            f"{map_.begin_address:08x}-{map_.end_address:08x}",
            human_size(map_.size),
            permissions,
            f"{map_.offset:x}",
            map_.kind,
            printable_name(map_.pathname or ""),
        ),
        style,
    )


def _totals(maps: Sequence[Map]) -> Sheet:
    counts: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for map_ in maps:
        kind = map_.kind
        counts[kind] = counts.get(kind, 0) + 1
        sizes[kind] = sizes.get(kind, 0) + map_.size
    rows = [
        total_row(counts[kind], sizes[kind], kind)
        for kind in sorted(sizes, key=lambda kind: (-sizes[kind], kind))
    ]
    alerts = [map_.size for map_ in maps if map_.is_writable and map_.is_executable]
    if alerts:
        label = f"writable and executable ({ALERT})"
        rows.append(total_row(len(alerts), sum(alerts), label, "alert"))
    rows.append(total_row(len(maps), sum(sizes.values()), "in all", "total"))
    columns = (Column("maps", right=True), Column("size", right=True), Column("kind"))
    return Sheet(columns, rows)


def total_row(count: int, size: int, label: str, style: str = "") -> Row:
    """Return the row of how many maps there are of something, and their size."""
    return Row((str(count), human_size(size), label), style)
