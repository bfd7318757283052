"""Tables, as people read them: on a terminal, in colour or not, or through a pipe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable

from procmaps.cli.errors import CommandError
from procmaps.cli.render import layout
from procmaps.cli.render.output import stdout, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmaps.cli.render.layout import Fitted, Sheet


def write_sheets(sheets: Sequence[Sheet], color: str) -> None:
    """Write tables: as wide as the terminal, or at full width to anything else."""
    stream = stdout()
    width = _columns(stream.fileno()) if stream.isatty() else None
    ellipsis = "…" if stream.encoding.lower().startswith("utf") else "~"
    draw = _draw(color, on_terminal=stream.isatty())
    write_text(draw([layout.fit(sheet, width, ellipsis) for sheet in sheets]))


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


def _columns(terminal: int) -> int:
    """Return the width of the terminal; the variable COLUMNS goes first."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(terminal).columns or 80
    except OSError:
        return 80
