"""``procmaps watch``: what a process costs while it runs, and how that changes."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

from procmaps.cli import changing, filters, parser
from procmaps.cli.errors import explain, report
from procmaps.cli.groups import GROUPS, By
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.output import RecordStream, stdout, write_text
from procmaps.cli.render.screen import drawn
from procmaps.cli.target import open_process

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from procmaps.cli.changing import Look

EXAMPLES = """\
  procmaps watch 1234                       a table that shows what changes
  procmaps watch 1234 --by module --interval 10 --jsonl > costs
"""

COLUMNS = (
    Column("pss", right=True),
    Column("since start", right=True),
    Column("since last", right=True),
    *[Column(name, right=True) for name in ("rss", "uss", "swap")],
)
BESIDE_ROWS = 5
"""Lines of a terminal that are no rows of groups: titles, sums, prompt."""

NARROWEST = 76
"""Columns of a terminal from which on no row of the table wraps."""


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_target(into, help="the id of a living process, or self")
    into.add_argument(
        "--interval",
        type=filters.seconds,
        default=2.0,
        metavar="SECONDS",
        help="how long to wait between two looks (default: 2)",
    )
    into.add_argument(
        "--by",
        choices=tuple(GROUPS),
        default="kind",
        help="what a row adds up (default: %(default)s)",
    )
    parser.add_limit(into, parser.LARGEST)
    parser.add_proc(into)
    parser.add_formats(into)
    parser.add_color(into)


def run(options: argparse.Namespace) -> int:
    """Run the command, until Ctrl-C or the process ends."""
    by = GROUPS[options.by]
    with open_process(options.target, options.proc) as process:
        try:
            with closing(changing.looks(process, by, options.interval)) as looks:
                if options.format is not None:
                    _write_records(looks, by, options)
                elif _can_draw_in_place():
                    _draw_in_place(looks, by, options)
                else:
                    _append_lines(looks, by, options)
        except PermissionError as error:
            raise explain(error, options.target, "smaps", options.proc) from error
        report(f"process {process.pid} has ended, or executes another program")
    return 0


def _can_draw_in_place() -> bool:
    if not stdout().isatty() or os.environ.get("TERM") == "dumb":
        return False
    return os.get_terminal_size(stdout().fileno()).columns >= NARROWEST


def _draw_in_place(looks: Iterable[Look], by: By, options: argparse.Namespace) -> None:
    """Draw each table over the one before; the last one stays."""
    lines = 0
    for look in looks:
        room = os.get_terminal_size(stdout().fileno()).lines - BESIDE_ROWS
        limit = min(parser.limit(options) or room, max(room, 1))
        text = drawn([_sheet(look, by, limit)], options.color)
        up = f"\x1b[{lines}A" if lines else ""
        write_text(f"{up}\r\x1b[J{text}")
        lines = text.count("\n")


def _sheet(look: Look, by: By, limit: int) -> Sheet:
    rows = [Row((*each.cells(), by.label(each.key))) for each in look.groups[:limit]]
    more = len(look.groups) - len(rows)
    if more:
        rows.append(Row((*[""] * len(COLUMNS), f"{more} more"), "faint"))
    clock = time.strftime("%H:%M:%S", time.localtime(look.time))
    rows.append(Row((*look.total.cells(), f"in all at {clock}"), "total"))
    return Sheet((*COLUMNS, Column(by.name)), rows)


def _append_lines(looks: Iterable[Look], by: By, options: argparse.Namespace) -> None:
    """Append what changed, a line for each group, and a line for the sum."""
    _append("time", [column.title for column in COLUMNS], by.name)
    limit = parser.limit(options)
    for number, look in enumerate(looks):
        clock = time.strftime("%H:%M:%S", time.localtime(look.time))
        changed = [each for each in look.groups if not number or each.changed()]
        for each in changed[:limit]:
            _append(clock, each.cells(), by.label(each.key))
        _append(clock, look.total.cells(), "in all")


def _append(clock: str, cells: Iterable[str], label: str) -> None:
    padded = "".join([f"  {cell:>11}" for cell in cells])
    write_text(f"{clock:8}{padded}  {label}".rstrip() + "\n")


def _write_records(looks: Iterable[Look], by: By, options: argparse.Namespace) -> None:
    fields = ("time", *by.fields, *changing.SIZES, *changing.CHANGES)
    with RecordStream(options.format, fields) as stream:
        for look in looks:
            for each in look.groups[: parser.limit(options)]:
                key = by.record(each.key)
                stream.write({"time": look.time, **key, **each.record()})
