"""The columns of what memory costs, the same in each table that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli.render.layout import Column
from procmaps.cli.render.text import human_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmaps import MemoryUsage

SIZES = ("size", "rss", "pss", "uss", "swap")
"""The sizes that tables show, by any of which they can be sorted."""


def size_columns(names: Sequence[str] = SIZES) -> tuple[Column, ...]:
    """Return a column for each of some sizes."""
    return tuple(Column(name, right=True) for name in names)


def size_cells(usage: MemoryUsage, names: Sequence[str] = SIZES) -> tuple[str, ...]:
    """Return the cells of these columns."""
    return tuple(size_cell(getattr(usage, name)) for name in names)


def size_cell(size: int | None) -> str:
    """Return a size as people read it, or "-" for what the kernel does not tell."""
    return "-" if size is None else human_size(size)


def change_cell(change: int | None) -> str:
    """Return by how much a size changed, with its sign; nothing if it did not.

    >>> change_cell(1536), change_cell(-4096), change_cell(0), change_cell(None)
    ('+1.5 KiB', '-4 KiB', '', '-')
    """
    if not change:
        return "-" if change is None else ""
    return f"{'-' if change < 0 else '+'}{human_size(abs(change))}"
