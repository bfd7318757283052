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
    """What the column is, for colours: a key of STYLES in table.py. Of an address
    the usual width counts, not the largest."""


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
        for index, column in enumerate(sheet.columns[:-1]):
            if column.style == "address":
                widths[index] = _usual([line[index] for line in lines])
        room = width - sum(widths) - gap * len(widths)
    taken = sum(widths) + gap * len(widths)
    pads = [
        f"{{:{'>' if column.right else '<'}{size}}}{' ' * gap}".format
        for column, size in zip(sheet.columns, widths)
    ]

    def padded(line: tuple[str, ...]) -> tuple[str, ...]:
        placed, excess = [pad(cell) for pad, cell in zip(pads, line)], 0
        if sum(map(len, placed)) != taken or not "".join(placed).isascii():
            placed, excess = _placed(line, widths, sheet.columns, gap)
        name = line[-1]
        if room is not None:
            name = shorten(name, max(room - excess, NARROWEST_NAME), ellipsis)
        return (*placed, name)

    rows = [Row(padded(row.cells), row.style) for row in sheet.rows]
    return Fitted(sheet.columns, padded(titles), rows)


def _usual(column: list[str]) -> int:
    """Return the width of most cells of a column, and of its title at least.

    The range of [vsyscall] is longer than all others, but its name is short: its
    row may stand out, so that the names of all others have that room.
    """
    sizes = [cells(cell) for cell in column]
    return max(max(set(sizes), key=sizes.count), sizes[0])


def _placed(
    line: tuple[str, ...], widths: list[int], columns: tuple[Column, ...], gap: int
) -> tuple[list[str], int]:
    """Return the cells before the name, padded, and by how much they are too long.

    A cell that is too long takes the blanks of those behind it; and `format` counts
    characters, where some take two columns or none.
    """
    placed = []
    excess = 0
    for cell, width, column in zip(line, widths, columns):
        blanks = width - cells(cell) - excess
        excess = max(-blanks, 0)
        padding = " " * max(blanks, 0)
        padded = padding + cell if column.right else cell + padding
        placed.append(padded + " " * gap)
    return placed, excess


def cut(sheet: Sheet, limit: int | None) -> Sheet:
    """Return a table with its first rows and how many more there are; 0 leaves all."""
    more = len(sheet.rows) - (limit or len(sheet.rows))
    if more <= 0:
        return sheet
    empty = [""] * (len(sheet.columns) - 1)
    rest = Row((*empty, f"{more} more"), "faint")
    return Sheet(sheet.columns, [*sheet.rows[:limit], rest])


def plain(tables: list[Fitted]) -> str:
    """Return tables as lines of text, an empty line between two tables."""
    return "\n".join([_plain(table) for table in tables])


def _plain(table: Fitted) -> str:
    lines = [table.titles, *[row.cells for row in table.rows]]
    return "".join([f"{''.join(line).rstrip()}\n" for line in lines])
