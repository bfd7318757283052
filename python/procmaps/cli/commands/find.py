"""``procmaps find``: what lies at an address: the map, the file, where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import filters, limits, machine, parser
from procmaps.cli.commands.show import map_row
from procmaps.cli.errors import report
from procmaps.cli.limits import NO_ANSWER
from procmaps.cli.render import output
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.records import map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import printable_name
from procmaps.cli.target import open_space

if TYPE_CHECKING:
    import argparse

    from procmaps import Core, Location, Module, Process

    _BuildIds = dict[Module, object]

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
    parser.add_target(into, all_=True)
    into.add_argument(
        "addresses",
        nargs="+",
        type=filters.address,
        metavar="ADDRESS",
        help="an address in hexadecimal, with or without 0x",
    )
    parser.add_proc(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.target == "all":
        return _all(options)
    space, process = open_space(options.target, options.proc)
    found = [(address, space.resolve(address)) for address in options.addresses]
    if options.format is None:
        # What is known stands there before files are read for the rest.
        write_sheets([Sheet(COLUMNS, [_row(*each) for each in found])], options.color)
    build_ids = _build_ids(process, found)
    if options.format is None and build_ids:
        rows = [_module(*item) for item in build_ids.items()]
        output.write_text("\n")
        write_sheets([Sheet(MODULES, rows)], options.color)
    elif options.format == "csv":
        records = [_flat(*each, build_ids) for each in found]
        output.write_records("csv", FIELDS, records)
    elif options.format is not None:
        records = [_record(*each, build_ids) for each in found]
        output.write_records(options.format, (), records)
    return 0


def _all(options: argparse.Namespace) -> int:
    """Tell what lies at the addresses in those processes that have something there."""

    def read(process: Process) -> list[tuple[int, Location | None]]:
        space = process.address_space()
        return [(address, space.resolve(address)) for address in options.addresses]

    with machine.scan(read, options.proc) as answers:
        found = [
            (owner, address, location)
            for owner, locations in answers
            for address, location in locations
            if location is not None
        ]
        if options.format is None:
            sheet = Sheet(COLUMNS, [_row(*each[1:]) for each in found])
            owners = [owner for owner, *_ in found]
            without = ("range", "file offset")
            write_sheets([machine.owned(sheet, owners, without)], options.color)
        else:
            describe = _flat if options.format == "csv" else _record
            records = [
                {**owner.record(), **describe(address, location, {})}
                for owner, address, location in found
            ]
            fields = (*machine.FIELDS, *FIELDS)
            output.write_records(options.format, fields, records)
    return 0


def _build_ids(
    process: Process | Core | None, found: list[tuple[int, Location | None]]
) -> _BuildIds:
    """Return the modules at some addresses, with their build IDs as far as known."""
    first: dict[Module, int] = {}
    for address, location in found:
        if location is not None and location.module is not None:
            first.setdefault(location.module, address)
    if process is None:
        return dict.fromkeys(first)

    def ask(address: int) -> dict[str, object]:
        try:
            build_id = process.build_id(address)
        except (OSError, ValueError):
            # The file is gone or not ours to read, or the process has ended.
            build_id = None
        return {"build_id": None if build_id is None else build_id.hex()}

    given = limits.answers([*first.values()], ask)
    silent = [module for module, each in zip(first, given) if each is NO_ANSWER]
    if silent:
        name = silent[0].path or silent[0].name
        more = f" and {len(silent) - 1} more" if silent[1:] else ""
        report(f'no build ID of "{name}"{more}: reading it took too long')
    return {module: each.get("build_id") for module, each in zip(first, given)}


def _row(address: int, location: Location | None) -> Row:
    if location is None:
        return Row((f"{address:08x}", "", "", "", "not mapped"), "faint")
    range_, _, permissions, *_ = map_row(location.map).cells
    offset = "" if location.file_offset is None else f"{location.file_offset:x}"
    name = printable_name(str(location))
    return Row((f"{address:08x}", range_, permissions, offset, name))


def _module(module: Module, build_id: object) -> Row:
    path = printable_name(module.path or module.name)
    return Row((f"{module.base_address:08x}", str(build_id or "-"), path))


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
            "build_id": build_ids.get(location.module),
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
        row["build_id"] = build_ids.get(location.module)
    return row
