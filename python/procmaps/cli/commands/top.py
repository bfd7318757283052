"""``procmaps top``: what memory costs over all processes of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import procmaps
from procmaps.cli import machine, parser
from procmaps.cli.groups import GROUPS, sums
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import write_records
from procmaps.cli.render.records import USAGE_FIELDS, usage_record
from procmaps.cli.render.screen import write_sheets
from procmaps.cli.render.sizes import size_cells, size_columns
from procmaps.cli.render.text import printable_name

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from procmaps import MemoryUsage, Process
    from procmaps.cli.machine import Owner

EXAMPLES = """\
  procmaps top                              the processes that cost most
  procmaps top --by module --sort uss -n 5  the files that do, in all processes
  procmaps top --by user --json             each user's sum, for a script
"""

SIZES = ("pss", "uss", "rss", "swap")

OWNERS = {
    "process": ("pid", "user", "program"),
    "program": ("program",),
    "user": ("user",),
}
"""What --by takes beyond the groups of maps, and the fields that tell rows apart."""

MAPS = ("module", "kind")


class Sum:
    """What a row adds up."""

    def __init__(self) -> None:
        self.processes: int = 0
        self.usage: MemoryUsage = procmaps.sum_usage([])

    def add(self, usage: MemoryUsage) -> None:
        """Add what one process costs."""
        # A sum of one is not taken: it would lose what the kernel alone adds up.
        both = [self.usage, usage] if self.processes else [usage]
        self.usage = procmaps.sum_usage(both)
        self.processes += 1


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    into.add_argument(
        "--by",
        choices=(*OWNERS, *MAPS),
        default="process",
        help="what a row is: a process, all of one program or user, or a file or kind "
        "of memory in all processes (default: %(default)s)",
    )
    into.add_argument(
        "--sort",
        choices=SIZES,
        default="pss",
        help="the largest of this first; of rss the sum counts a shared page once for "
        "each process (default: %(default)s)",
    )
    parser.add_limit(into, parser.LARGEST)
    parser.add_proc(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    read = procmaps.Process.rollup if options.by in OWNERS else _groups(options.by)
    with machine.scan(read, options.proc) as found:
        keyed = sorted(
            _sums(found, options.by).items(),
            key=lambda item: -(getattr(item[1].usage, options.sort) or 0),
        )
        shown = keyed[: parser.limit(options)]
        if options.format is None:
            sheet = _sheet(shown, options.by)
            _add_sums(sheet, [each for _, each in keyed], len(shown))
            write_sheets([sheet], options.color)
        else:
            _write(options.format, shown, options.by)
    return 0


def _groups(by: str) -> Callable[[Process], dict[Any, MemoryUsage]]:
    return lambda process: sums(process.smaps(), GROUPS[by])


def _sums(found: Iterable[tuple[Owner, Any]], by: str) -> dict[Any, Sum]:
    """Return what each row adds up, by what its processes or maps have in common."""
    total: dict[Any, Sum] = {}
    for owner, costs in found:
        if by in MAPS:
            each = costs
        else:
            each = {owner if by == "process" else getattr(owner, by): costs}
        for key, usage in each.items():
            total.setdefault(key, Sum()).add(usage)
    return total


def _write(form: str, shown: list[tuple[Any, Sum]], by: str) -> None:
    fields = GROUPS[by].fields if by in MAPS else OWNERS[by]
    counted = () if by == "process" else ("processes",)
    records = [
        {**_fields(key, each, by), **usage_record(each.usage)} for key, each in shown
    ]
    write_records(form, (*fields, *counted, *USAGE_FIELDS), records)


def _fields(key: Any, each: Sum, by: str) -> dict[str, object]:
    if by == "process":
        return {name: getattr(key, name) for name in OWNERS[by]}
    counted = {"processes": each.processes}
    return {**(GROUPS[by].record(key) if by in MAPS else {by: key}), **counted}


def _sheet(shown: list[tuple[Any, Sum]], by: str) -> Sheet:
    sizes = size_columns(SIZES)
    if by == "process":
        columns = (Column("pid", right=True), Column("user"), *sizes, Column("program"))
    else:
        columns = (Column("processes", right=True), *sizes, Column(by))
    rows = []
    for key, each in shown:
        first = (str(key.pid), key.user) if by == "process" else (str(each.processes),)
        rows.append(Row((*first, *size_cells(each.usage, SIZES), _label(key, by))))
    return Sheet(columns, rows)


def _label(key: Any, by: str) -> str:
    if by in MAPS:
        return GROUPS[by].label(key)
    if by == "process":
        owner: Owner = key
        return printable_name(owner.program or owner.name)
    return "(unknown)" if key is None else printable_name(key)


def _add_sums(sheet: Sheet, all_: list[Sum], shown: int) -> None:
    """Add the rows of what is left out, and of all."""
    more = all_[shown:]
    sums_ = [(all_, "in all", "total")]
    if more:
        sums_.insert(0, (more, f"{len(more)} more", "faint"))
    empty = [""] * (len(sheet.columns) - len(SIZES) - 1)
    for several, label, style in sums_:
        usage = procmaps.sum_usage([each.usage for each in several])
        sheet.rows.append(Row((*empty, *size_cells(usage, SIZES), label), style))
