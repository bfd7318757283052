"""``procmaps show``: the maps as a table, with totals per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import files, filters, machine, modules, parser
from procmaps.cli.errors import CommandError
from procmaps.cli.modules import ALERT
from procmaps.cli.render import output
from procmaps.cli.render.layout import Column, Row, Sheet, cut
from procmaps.cli.render.records import MAP_FIELDS, map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import human_size, printable_name
from procmaps.cli.target import read_maps

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from procmaps import Map, Process
    from procmaps.cli.machine import Owner

EXAMPLES = """\
  procmaps show 1234                        all maps of process 1234
  procmaps show 1234 --by module            each file once: the layout at a glance
  procmaps show all --perms '?wx?'          what is writable and executable anywhere
  procmaps show all --deleted --by module   who uses files that were replaced
  procmaps show all --parquet host.parquet  a table for pandas, polars or duckdb
  procmaps show 1234 --html 1234.html       a page for a browser
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
    parser.add_target(into, all_=True, **parser.OPTIONAL)
    into.add_argument(
        "--by",
        choices=("module",),
        help="instead of each map, each file that is mapped: the layout at a glance",
    )
    parser.add_limit(into)
    filters.add_filters(into)
    parser.add_proc(into)
    forms = parser.add_formats(into, raw=True)
    files.add_parquet(forms)
    forms.add_argument(
        "--html", metavar="FILE", help="a page that stands alone, by module"
    )
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    keep = filters.condition(options)
    if options.target == "all":
        return _all(options, keep)
    files.refuse_one(options)
    maps = [map_ for map_ in read_maps(options.target, options.proc) if keep(map_)]
    if options.html is not None:
        _write_page(options, maps)
    elif options.format == "raw":
        output.write_raw(maps)
    elif options.format is None:
        first = modules.sheet(modules.parts(maps)) if options.by else sheet(maps)
        write_sheets([cut(first, options.limit), totals(maps)], options.color)
    else:
        fields = modules.FIELDS if options.by else MAP_FIELDS
        records = _records(maps, options.by)[: options.limit or None]
        output.write_records(options.format, fields, records)
    return 0


def _all(options: argparse.Namespace, keep: filters.Condition) -> int:
    """Show the maps of all processes."""
    if options.format == "raw":
        message = "--raw lines do not say whose they are: give one process"
        raise CommandError(message)
    if options.html is not None:
        message = "--html is a page of one process: give its pid as the target"
        raise CommandError(message)
    if options.parquet is not None:
        files.check_parquet()
    wanted = filters.kernel_filters(options)

    def read(process: Process) -> list[Map]:
        return [map_ for map_ in process.maps(**wanted) if keep(map_)]

    with machine.scan(read, options.proc) as answers:
        found = [*answers]
        if options.parquet is not None:
            files.write_maps(options.parquet, found)
        elif options.format is None:
            first, sums = _sheets_of_all(found, options.by)
            write_sheets([cut(first, options.limit), sums], options.color)
        else:
            records = [
                {**owner.record(), **record}
                for owner, maps in found
                for record in _records(maps, options.by)
            ][: options.limit or None]
            fields = modules.FIELDS if options.by else MAP_FIELDS
            output.write_records(options.format, (*machine.FIELDS, *fields), records)
    return 0


def _write_page(options: argparse.Namespace, maps: Sequence[Map]) -> None:
    """Write the maps of one target as a page that stands alone."""
    from procmaps import AddressSpace, _html

    title = f"Memory maps of {printable_name(options.target)}"
    body = _html.address_space(AddressSpace(maps))
    files.write_text(options.html, _html.page(title, body))


def _sheets_of_all(found: list[tuple[Owner, list[Map]]], by: str | None) -> list[Sheet]:
    rows: list[Row] = []
    owners: list[Owner] = []
    for owner, maps in found:
        own = modules.sheet(modules.parts(maps)) if by else sheet(maps)
        rows += own.rows
        owners += [owner] * len(own.rows)
    columns = modules.COLUMNS if by else COLUMNS
    without = ("range",) if by else ("offset", "kind")
    first = machine.owned(Sheet(columns, rows), owners, without)
    return [first, totals([map_ for _, maps in found for map_ in maps])]


def _records(maps: Sequence[Map], by: str | None) -> list[dict[str, object]]:
    """Return the records of maps, or of the modules that they form."""
    if by:
        return [modules.record(part) for part in modules.parts(maps)]
    return [map_record(map_) for map_ in maps]


def sheet(maps: Sequence[Map]) -> Sheet:
    """Return the table of the maps."""
    return Sheet(COLUMNS, [map_row(map_) for map_ in maps])


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


def totals(maps: Sequence[Map]) -> Sheet:
    """Return the table of totals per kind."""
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
