"""Prints docs/table.svg: the table of `procmaps show` as it looks on a terminal."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

import procmaps
from procmaps.cli.commands.show import sheet, totals
from procmaps.cli.render.layout import fit
from procmaps.cli.render.table import print_tables

EXAMPLE = Path(__file__).parent.parent / "docs/example.maps"
WIDTH = 122

# Background, text, and the eight colours, dark and bright; all are readable on the
# background, contrast 5:1 or better.
THEME = TerminalTheme(
    (24, 26, 31),
    (214, 217, 224),
    [
        (24, 26, 31),
        (240, 113, 120),
        (130, 200, 120),
        (225, 190, 105),
        (110, 170, 245),
        (200, 150, 240),
        (95, 200, 205),
        (214, 217, 224),
    ],
)

# Rich's own form asks for a font from the network, which no picture should.
FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px monospace; \
white-space: pre; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """Return the picture."""
    console = Console(
        file=io.StringIO(),
        record=True,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=WIDTH + 1,
        height=1,
    )
    maps = procmaps.from_path(EXAMPLE)
    print_tables(console, [fit(sheet(maps), WIDTH), fit(totals(maps), WIDTH)])
    return console.export_svg(
        title="procmaps show 1234", theme=THEME, code_format=FORM, unique_id="procmaps"
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(picture().encode())
