"""Tables in colour: the only module that imports rich."""

from __future__ import annotations

import io

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from procmaps.cli.render.layout import Fitted

# The sixteen colours that every terminal has in its user's own taste.
STYLES = {
    "": Style(),
    "title": Style(bold=True, underline=True),
    "address": Style(color="cyan"),
    "kind": Style(color="green"),
    "faint": Style(dim=True),
    "alert": Style(color="red", bold=True),
    "fresh": Style(color="green"),
    "gone": Style(color="yellow"),
    "total": Style(bold=True),
}


def draw(tables: list[Fitted]) -> str:
    """Return fitted tables as text with the codes for colours."""
    console = _console()
    with console.capture() as capture:
        print_tables(console, tables)
    return capture.get()


def print_tables(console: Console, tables: list[Fitted]) -> None:
    """Print fitted tables, an empty line between two tables.

    They are printed as segments: a rich Table would measure each cell, and take
    a hundred times as long for ten thousands of maps.
    """
    segments: list[Segment] = []
    for table in tables:
        if segments:
            segments.append(Segment.line())
        segments += _segments(table)
    console.print(Segments(segments), soft_wrap=True, end="")


def _segments(table: Fitted) -> list[Segment]:
    columns = [STYLES[column.style] for column in table.columns]
    end = Segment.line()
    segments = [Segment(title, STYLES["title"]) for title in table.titles]
    segments.append(end)
    for row in table.rows:
        style = STYLES[row.style]
        segments += [
            Segment(cell, style or own) for cell, own in zip(row.cells, columns)
        ]
        segments.append(end)
    return segments


def _console() -> Console:
    # Whether colours are wanted is decided, whatever the environment says.
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=80,
    )
