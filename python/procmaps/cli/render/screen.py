"""Tables, as people read them: on a terminal, in colour or not, or through a pipe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable

from procmaps.cli.errors import CommandError
from procmaps.cli.render import layout
from procmaps.cli.render.output import stdout, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from procmaps.cli.render.layout import Fitted, Sheet

MOST_DIGITS = 9


def write_sheets(sheets: Sequence[Sheet], color: str) -> None:
    """Write tables: as wide as the terminal or COLUMNS, or else at full width."""
    write_text(drawn(sheets, color))


def drawn(sheets: Sequence[Sheet], color: str) -> str:
    """Return tables as the text that goes to standard output."""
    stream = stdout()
    width = columns(stream)
    ellipsis = "…" if stream.encoding.lower().startswith("utf") else "~"
    draw = _draw(color, on_terminal=stream.isatty())
    return draw([layout.fit(sheet, width, ellipsis) for sheet in sheets])


def _draw(color: str, *, on_terminal: bool) -> Callable[[list[Fitted]], str]:
    """Return what makes text of tables: with colours if wanted and rich is there."""
    if color == "auto" and on_terminal:
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        color = "never" if plain else "if rich is there"
    if color in {"auto", "never"}:
        return layout.plain
    try:
        from procmaps.cli.render.table import draw
    except ImportError as error:
        if color == "always":
            message = "colours need rich: pip install 'procmaps[cli]'"
            raise CommandError(message) from error
        return layout.plain
    return draw


def columns(output: TextIO) -> int | None:
    """Return the width of a terminal, or None of a pipe; COLUMNS goes before both."""
    wanted = os.environ.get("COLUMNS", "")
    # Of more digits than that Python may refuse to make a number.
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= MOST_DIGITS:
        return int(wanted) or None
    if not output.isatty():
        return None
    try:
        return os.get_terminal_size(output.fileno()).columns or 80
    except OSError:
        return 80
