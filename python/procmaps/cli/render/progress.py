"""How far a long reading has come, on the terminal that standard error is."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

PATIENCE = 0.5
"""Seconds for which nothing is shown: most readings are over by then."""


class Progress:
    """A bar if rich is there, or else a line; gone when the reading is over."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begin = time.monotonic()
        self._bar: Any = None
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def show(self, done: int) -> None:
        """Tell how many are done."""
        if not self._is_shown or time.monotonic() - self._begin < PATIENCE:
            return
        if self._bar is None:
            self._bar = _rich_bar(self._total) or _PlainBar(self._total)
            self._bar.start()
        self._bar.update(0, completed=done)

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _rich_bar(total: int) -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn
        from rich.progress import Progress as RichProgress
    except ImportError:
        return None
    bar = RichProgress(
        "reading processes",
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task("", total=total)
    return bar


class _PlainBar:
    def __init__(self, total: int) -> None:
        self._total = total
        self._width = 0

    def start(self) -> None:
        pass

    def update(self, _task: int, *, completed: int) -> None:
        line = f"reading processes: {completed} of {self._total}"
        self._width = len(line)
        print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def stop(self) -> None:
        print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
