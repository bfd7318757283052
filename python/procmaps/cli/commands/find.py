"""``procmaps find``: what lies at an address: the map, the file, where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import filters, parser
from procmaps.cli.commands.show import map_row
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_records
from procmaps.cli.render.records import map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import printable_name
from procmaps.cli.target import open_space

if TYPE_CHECKING:
    import argparse

    from procmaps import Location, Module, Process

    _BuildIds = dict[Module, "str | None"]

EXAMPLES = """\
  procmaps find 1234 0x7f3a53251d90         which library, and where in it
  procmaps find crash.maps 7f3a53251d90 5601f4a2d004 --json
"""

COLUMNS = (
    Column("address", style="address"),
    Column("range"),
    Column("perms"),
    Column("file offset", right=True),
    Column("location"),
)
MODULES = (
    Column("base", style="address"),
    Column("build id"),
    Column("module"),
)
MODULE_FIELDS = ("name", "path", "base_address", "end_address", "size", "is_deleted")
MAP_FIELDS = ("begin_address", "end_address", "permissions", "pathname")
FIELDS = (
    *("address", "location", "offset", "file_offset"),
    *MAP_FIELDS,
    *("base_address", "build_id"),
)
"""What a line of CSV has."""


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into)
    into.add_argument(
        "addresses",
        nargs="+",
        type=filters.address,
        metavar="ADDRESS",
        help="an address in hexadecimal, with or without 0x",
    )
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    space, process = open_space(options.target)
    found = [(address, space.resolve(address)) for address in options.addresses]
    build_ids: _BuildIds = {}
    for address, location in found:
        module = None if location is None else location.module
        if module is not None and module not in build_ids:
            build_ids[module] = _build_id(process, address)
    if options.format is None:
        sheets = [Sheet(COLUMNS, [_row(*each) for each in found])]
        if build_ids:
            sheets.append(
                Sheet(MODULES, [_module(*item) for item in build_ids.items()])
            )
        write_sheets(sheets, options.color)
    elif options.format == "csv":
        write_records("csv", FIELDS, [_flat(*each, build_ids) for each in found])
    else:
        records = [_record(*each, build_ids) for each in found]
        write_records(options.format, (), records)
    return 0


def _build_id(process: Process | None, address: int) -> str | None:
    """Return the build ID of the file at an address, if it can be had."""
    if process is None:
        return None
    try:
        build_id = process.build_id(address)
    except OSError:
        # The file is gone or not ours to read, or the process has ended meanwhile.
        return None
    return None if build_id is None else build_id.hex()


def _row(address: int, location: Location | None) -> Row:
    if location is None:
        return Row((f"{address:08x}", "", "", "", "not mapped"), "faint")
    range_, _, permissions, *_ = map_row(location.map).cells
    offset = "" if location.file_offset is None else f"{location.file_offset:x}"
    name = printable_name(str(location))
    return Row((f"{address:08x}", range_, permissions, offset, name))


def _module(module: Module, build_id: str | None) -> Row:
    path = printable_name(module.path or module.name)
    return Row((f"{module.base_address:08x}", build_id or "-", path))


def _record(
    address: int, location: Location | None, build_ids: _BuildIds
) -> dict[str, object]:
    record: dict[str, object] = {"address": address}
    if location is None:
        rest = ("location", "offset", "file_offset", "map", "module")
        return {**record, **dict.fromkeys(rest)}
    record["location"] = str(location)
    record["offset"] = location.offset
    record["file_offset"] = location.file_offset
    record["map"] = map_record(location.map)
    record["module"] = None
    if location.module is not None:
        record["module"] = {
            **{name: getattr(location.module, name) for name in MODULE_FIELDS},
            "build_id": build_ids[location.module],
        }
    return record


def _flat(
    address: int, location: Location | None, build_ids: _BuildIds
) -> dict[str, object]:
    row: dict[str, object] = {**dict.fromkeys(FIELDS), "address": address}
    if location is None:
        return row
    row.update({name: getattr(location.map, name) for name in MAP_FIELDS})
    row["location"] = str(location)
    row["offset"] = location.offset
    row["file_offset"] = location.file_offset
    if location.module is not None:
        row["base_address"] = location.module.base_address
        row["build_id"] = build_ids[location.module]
    return row
