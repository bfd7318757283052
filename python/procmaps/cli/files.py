"""Answers that are files: Parquet for other programs, HTML for people."""

from __future__ import annotations

import contextlib
import os
import stat
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable

from procmaps.cli.errors import CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from procmaps import Map, MemoryUsage, arrow
    from procmaps.cli.machine import Owner


def add_parquet(group: argparse._MutuallyExclusiveGroup) -> None:
    """Add the option that writes what all processes have."""
    group.add_argument(
        "--parquet",
        metavar="FILE",
        help="of all: a Parquet file with host, pid, program and time in each row; "
        "needs pyarrow",
    )


def refuse_one(options: argparse.Namespace) -> None:
    """Refuse a Parquet file of anything but all processes."""
    if options.parquet is not None and options.target != "all":
        message = "--parquet is a file of all processes: give all as the target"
        raise CommandError(message)


def write_maps(file: str, found: Sequence[tuple[Owner, Sequence[Map]]]) -> None:
    """Write the maps of processes as Parquet."""
    from procmaps import arrow

    maps = [map_ for _, each in found for map_ in each]
    _write_parquet(file, arrow.from_maps(maps), _owners(found))


def write_usages(
    file: str, found: Sequence[tuple[Owner, Sequence[MemoryUsage]]]
) -> None:
    """Write what the maps of processes cost as Parquet."""
    from procmaps import arrow

    usages = [usage for _, each in found for usage in each]
    _write_parquet(file, arrow.from_usages(usages), _owners(found))


def check_parquet() -> None:
    """Find out whether Parquet files can be written, before anything is read."""
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        message = "--parquet needs pyarrow: pip install 'procmaps[arrow]'"
        raise CommandError(message) from error


def write_whole(file: str, write: Callable[[str], Any]) -> None:
    """Let a file be written under another name, and give it its own at the end."""
    target = os.path.realpath(file)
    unfinished = f"{target}.{os.getpid()}.part"
    try:
        # What is no regular file, such as /dev/stdout, must not be replaced.
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.stat(target).st_mode):  # noqa: PTH116
                message = f'cannot write "{file}": it is no regular file'
                raise CommandError(message)
        try:
            write(unfinished)
            os.replace(unfinished, target)  # noqa: PTH105
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished)  # noqa: PTH108
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        message = f'cannot write "{file}": {reason}'
        raise CommandError(message) from error


def write_text(file: str, text: str) -> None:
    """Write a text file, whole or not at all."""

    def write(path: str) -> None:
        with open(path, "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(text)

    write_whole(file, write)


def _owners(found: Sequence[tuple[Owner, Sequence[object]]]) -> list[Owner]:
    return [owner for owner, each in found for _ in each]


def _write_parquet(file: str, rows: arrow.Table, owners: list[Owner]) -> None:
    import datetime

    pa = import_module("pyarrow")
    parquet = import_module("pyarrow.parquet")

    now = datetime.datetime.now(datetime.timezone.utc)
    columns = {
        "host": pa.array([os.uname().nodename] * len(owners), pa.string()),
        "pid": pa.array([owner.pid for owner in owners], pa.int32()),
        "program": pa.array([_text(owner.program) for owner in owners], pa.string()),
        "time": pa.array([now] * len(owners), pa.timestamp("ms", "UTC")),
    }
    table = pa.table(rows)
    for position, (name, column) in enumerate(columns.items()):
        table = table.add_column(position, name, column)
    write_whole(file, lambda path: parquet.write_table(table, path))


def _text(name: str | None) -> str | None:
    r"""Return a name with `\xff` for a byte that is not UTF-8, as tables have it."""
    if name is None:
        return None
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
