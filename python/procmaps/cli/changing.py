"""What a process costs at one moment after the other, group by group."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import procmaps
from procmaps.cli.groups import By, sums
from procmaps.cli.render.sizes import change_cell, size_cell, size_cells

if TYPE_CHECKING:
    from collections.abc import Generator

    from procmaps import MemoryUsage, Process

SIZES = ("pss", "rss", "uss", "swap", "size")
CHANGES = tuple(
    f"{size}_{since}" for size in SIZES for since in ("since_start", "since_last")
)


class Moment(NamedTuple):
    """What one group of maps costs now, at the last look and at the first."""

    key: Any
    now: MemoryUsage
    last: MemoryUsage
    start: MemoryUsage

    def changed(self) -> bool:
        """Tell whether any size differs from the last look."""
        return any(_change(self.now, self.last, size) for size in SIZES)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table: pss, its changes, and the other sizes."""
        changes = [_change(self.now, then, "pss") for then in (self.start, self.last)]
        return (
            size_cell(self.now.pss),
            *map(change_cell, changes),
            *size_cells(self.now, ("rss", "uss", "swap")),
        )

    def record(self) -> dict[str, object]:
        """Return the sizes and their changes in bytes."""
        record: dict[str, object] = {name: getattr(self.now, name) for name in SIZES}
        for name in SIZES:
            record[f"{name}_since_start"] = _change(self.now, self.start, name)
            record[f"{name}_since_last"] = _change(self.now, self.last, name)
        return record


class Look(NamedTuple):
    """All groups of a moment, the largest first, and their sum."""

    time: float
    """Seconds since 1970 when it began."""
    groups: list[Moment]
    total: Moment


def looks(process: Process, by: By, interval: float) -> Generator[Look, None, None]:
    """Yield a look at a process every few seconds, until it ends.

    Raises PermissionError once it may not be read any more.
    """
    nothing = procmaps.sum_usage([])
    start: dict[Any, MemoryUsage] | None = None
    last: dict[Any, MemoryUsage] = {}
    due = time.monotonic()
    while True:
        moment = time.time()
        try:
            now = sums(process.smaps(), by)
        except ProcessLookupError:
            return
        if start is None:
            start = last = now
        # What is there no more stays in view: that it went is a change.
        groups = [
            Moment(key, *(each.get(key, nothing) for each in (now, last, start)))
            for key in {**start, **now}
        ]
        groups.sort(key=lambda each: -(each.now.pss or 0))
        total = [procmaps.sum_usage(each.values()) for each in (now, last, start)]
        yield Look(moment, groups, Moment(None, *total))
        last = now
        due = max(due + interval, time.monotonic())
        time.sleep(max(due - time.monotonic(), 0))


def _change(now: MemoryUsage, then: MemoryUsage, size: str) -> int | None:
    sizes = getattr(now, size), getattr(then, size)
    return None if None in sizes else sizes[0] - sizes[1]
