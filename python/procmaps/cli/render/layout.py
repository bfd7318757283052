"""Tables as columns of aligned text, for every kind of output."""

from __future__ import annotations

from typing import NamedTuple

from procmaps.cli.render.text import cells, shorten

NARROWEST_NAME = 8
"""Columns that a name keeps on however narrow a terminal."""


class Column(NamedTuple):
    """One column: its title, and how its cells are placed."""

    title: str
    right: bool = False
    style: str = ""
    """What the column is, for colours: a key of the styles in table.py."""


class Row(NamedTuple):
    """One row: a cell for each column, and what is special about it."""

    cells: tuple[str, ...]
    style: str = ""


class Sheet(NamedTuple):
    """One table. Its last column holds names, and gives way on a narrow terminal."""

    columns: tuple[Column, ...]
    rows: list[Row]


class Fitted(NamedTuple):
    """A table whose cells are padded, with the gaps between columns."""

    columns: tuple[Column, ...]
    titles: tuple[str, ...]
    rows: list[Row]


def fit(sheet: Sheet, width: int | None, ellipsis: str = "…") -> Fitted:
    """Return the table with its cells padded, and its names shortened to a width.

    Without a width nothing is shortened.
    """
    titles = tuple(column.title for column in sheet.columns)
    lines = [titles, *[row.cells for row in sheet.rows]]
    widths = [max(map(cells, column)) for column in zip(*lines)][:-1]
    longest = max([cells(line[-1]) for line in lines])
    gap = 2
    room = None
    if width is not None and sum(widths) + gap * len(widths) + longest > width:
        gap = 1
        widths[0] = _usual(lines)
        room = width - sum(widths) - gap * len(widths)
    pads = [
        f"{{:{'>' if column.right else '<'}{size}}}{' ' * gap}".format
        for column, size in zip(sheet.columns, widths)
    ]

    def padded(line: tuple[str, ...]) -> tuple[str, ...]:
        name = line[-1]
        if room is not None:
            extra = max(cells(line[0]) - widths[0], 0)
            name = shorten(name, max(room - extra, NARROWEST_NAME), ellipsis)
        return (*[pad(cell) for pad, cell in zip(pads, line)], name)

    rows = [Row(padded(row.cells), row.style) for row in sheet.rows]
    return Fitted(sheet.columns, padded(titles), rows)


def _usual(lines: list[tuple[str, ...]]) -> int:
    """Return the width of most first cells, and of the first title at least.

    The range of [vsyscall] is longer than all others, but its name is short: its
    row may stand out, so that the names of all others have that room.
    """
    sizes = [cells(line[0]) for line in lines]
    return max(max(set(sizes), key=sizes.count), sizes[0])


def plain(tables: list[Fitted]) -> str:
    """Return tables as lines of text, an empty line between two tables."""
    return "\n".join([_plain(table) for table in tables])


def _plain(table: Fitted) -> str:
    lines = [table.titles, *[row.cells for row in table.rows]]
    return "".join([f"{''.join(line).rstrip()}\n" for line in lines])
