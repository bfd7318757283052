"""Every process of a machine: asked, with what tells them apart, and counted."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Callable, NamedTuple, TypeVar

import procmaps
from procmaps.cli.errors import explain, report
from procmaps.cli.render.layout import Column, Row, Sheet
from procmaps.cli.render.progress import Progress
from procmaps.cli.render.text import printable_name, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    _T = TypeVar("_T")

FIELDS = ("pid", "program")
COLUMNS = (Column("pid", right=True), Column("program"))
GONE = " (deleted)"
WIDEST_PROGRAM = 15
"""Columns that the name of a program has beside others; as many as the kernel keeps."""


class Owner(NamedTuple):
    """The process that something belongs to."""

    pid: int
    user: str
    program: str | None
    """The path of what it executes, None where that can't be read."""

    @property
    def name(self) -> str:
        """The last part of the program's path."""
        return "(unknown)" if self.program is None else self.program.rpartition("/")[2]

    def record(self) -> dict[str, object]:
        """Return what JSON and CSV have of it."""
        return {"pid": self.pid, "program": self.program}


@contextlib.contextmanager
def scan(
    read: Callable[[procmaps.Process], _T], proc: str
) -> Iterator[Iterator[tuple[Owner, _T]]]:
    """Give every process that may be read, with what `read` gives of it.

    On a terminal it shows how far it has come. At the end of the block, when the
    answer is written, it says on standard error how many may not be read.
    """
    users: dict[int, str] = {}

    def ask(process: procmaps.Process) -> tuple[Owner, _T]:
        return _owner(process.pid, proc, users), read(process)

    try:
        answers = procmaps.each_process(ask, proc=proc)
    except (OSError, NotImplementedError) as error:
        raise explain(error, "all", "maps", proc) from error
    yield _results(answers, proc)
    if answers.denied:
        hint = ": run as root, or with CAP_SYS_PTRACE" if os.geteuid() != 0 else ""
        count = len(answers.denied)
        report(f"{count} of {answers.total} processes may not be read{hint}")


def _results(answers: procmaps.ProcessScan[_T], proc: str) -> Iterator[_T]:
    try:
        with Progress(answers.total) as progress:
            for _, answer in answers:
                progress.show(answers.done)
                yield answer
    except OSError as error:
        raise explain(error, "all", "maps", proc) from error


def _owner(pid: int, proc: str, users: dict[int, str]) -> Owner:
    folder = f"{proc}/{pid}"
    program = None
    try:
        number = os.stat(folder).st_uid  # noqa: PTH116
    except FileNotFoundError as error:
        raise ProcessLookupError(*error.args) from None
    # Some have no program, as one that is about to end.
    with contextlib.suppress(FileNotFoundError):
        program = os.readlink(f"{folder}/exe")  # noqa: PTH115
        # What was replaced by an upgrade is still the same program.
        program = program.removesuffix(GONE)
    return Owner(pid, _user(number, users), program)


def _user(number: int, known: dict[int, str]) -> str:
    if number not in known:
        import pwd

        try:
            known[number] = pwd.getpwuid(number).pw_name
        except KeyError:
            known[number] = str(number)
    return known[number]


def owned(sheet: Sheet, owners: Sequence[Owner], without: Sequence[str] = ()) -> Sheet:
    """Return a table without some columns, and the process of each row in front."""
    kept = [i for i, each in enumerate(sheet.columns) if each.title not in without]
    rows = [
        Row((*_cells(owner), *[row.cells[i] for i in kept]), row.style)
        for owner, row in zip(owners, sheet.rows)
    ]
    return Sheet((*COLUMNS, *[sheet.columns[i] for i in kept]), rows)


def _cells(owner: Owner) -> tuple[str, str]:
    return str(owner.pid), shorten(printable_name(owner.name), WIDEST_PROGRAM)
