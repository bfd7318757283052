"""``procmaps find``: what lies at an address: the map, the file, where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import file_answers, filters, machine, parser
from procmaps.cli.commands.show import map_row
from procmaps.cli.render import output
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.records import map_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.text import printable_name
from procmaps.cli.target import open_space

if TYPE_CHECKING:
    import argparse

    from procmaps import Location, Module, Process

    _BuildIds = dict[int, str | None]

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
    Column("address", style="address"),
    Column("ELF address", right=True),
    Column("from"),
    Column("base", style="address"),
    Column("build id"),
    Column("module"),
)
MODULE_FIELDS = (
    *("name", "path", "base_address", "load_bias", "end_address", "size"),
    "is_deleted",
)
RECORD_FIELDS = (
    *("location", "offset", "file_offset", "elf_address", "elf_address_from"),
    *("map", "module"),
)
MAP_FIELDS = ("begin_address", "end_address", "permissions", "pathname")
FIELDS = (
    *("address", "location", "offset", "file_offset"),
    *("elf_address", "elf_address_from"),
    *MAP_FIELDS,
    *("base_address", "load_bias", "build_id"),
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
    found, build_ids = file_answers.ask(space, process, found)
    if options.format is None:
        rows = [
            _module(location, location.module, build_ids)
            for _, location in found
            if location is not None and location.module is not None
        ]
        if rows:
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


def _row(address: int, location: Location | None) -> Row:
    if location is None:
        return Row((f"{address:08x}", "", "", "", "not mapped"), "faint")
    range_, _, permissions, *_ = map_row(location.map).cells
    offset = "" if location.file_offset is None else f"{location.file_offset:x}"
    name = printable_name(str(location))
    return Row((f"{address:08x}", range_, permissions, offset, name))


def _module(location: Location, module: Module, build_ids: _BuildIds) -> Row:
    address, source = _elf_address(location)
    cells = (
        f"{location.address:08x}",
        "-" if address is None else f"{address:x}",
        source or "-",
        f"{module.base_address:08x}",
        str(build_ids.get(location.address) or "-"),
        printable_name(module.path or module.name),
    )
    return Row(cells)


def _elf_address(location: Location) -> tuple[int | None, str | None]:
    """Return the address in the ELF file, and where it is known from.

    Without program headers it is taken for the offset from the base, which it is in
    most files that have code.
    """
    if location.elf_address is not None:
        return location.elf_address, "headers"
    if location.module is not None and location.module.is_executable:
        return location.offset, "text"
    return None, None


def _record(
    address: int, location: Location | None, build_ids: _BuildIds
) -> dict[str, object]:
    record: dict[str, object] = {"address": address}
    if location is None:
        return {**record, **dict.fromkeys(RECORD_FIELDS)}
    elf_address, source = _elf_address(location)
    values = (
        str(location),
        location.offset,
        location.file_offset,
        elf_address,
        source,
        map_record(location.map),
        None,
    )
    record.update(zip(RECORD_FIELDS, values))
    if location.module is not None:
        record["module"] = {
            **{name: getattr(location.module, name) for name in MODULE_FIELDS},
            "build_id": build_ids.get(address),
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
    row["elf_address"], row["elf_address_from"] = _elf_address(location)
    if location.module is not None:
        row["base_address"] = location.module.base_address
        row["load_bias"] = location.module.load_bias
        row["build_id"] = build_ids.get(address)
    return row
