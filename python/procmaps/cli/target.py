"""From the word TARGET on the command line to what it names."""

from __future__ import annotations

import errno
import os
import stat
import sys

import procmaps
from procmaps.cli.cores import no_core, no_usage, or_core
from procmaps.cli.errors import CommandError, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, NoReturn, TypeVar

    # What resolves an address, and what knows build IDs.
    _Opened = tuple[
        "procmaps.AddressSpace | procmaps.Core",
        "procmaps.Process | procmaps.Core | None",
    ]
    _S = TypeVar("_S")
    _T = TypeVar("_T")


PROC = "/proc"


def read_maps(target: str, proc: str = PROC) -> list[procmaps.Map]:
    """Return the maps of a process, or those in a file or standard input."""
    from_path = or_core(procmaps.from_core, procmaps.from_path)
    return _read(
        (target, proc, "maps"), procmaps.from_pid, from_path, procmaps.from_bytes
    )


def read_maps_or_smaps(target: str, proc: str) -> list[procmaps.Map]:
    """Return the maps of a process, or those in a file of maps or smaps."""

    def from_bytes(data: bytes) -> list[procmaps.Map]:
        return _maps_or_smaps(procmaps.from_bytes, procmaps.smaps_from_bytes, data)

    def from_path(path: str) -> list[procmaps.Map]:
        if stat.S_ISFIFO(os.stat(path).st_mode):  # noqa: PTH116
            # It can be read once: <(cat saved.smaps)
            with open(path, "rb") as file:  # noqa: PTH123
                return from_bytes(file.read())
        return _maps_or_smaps(procmaps.from_path, procmaps.smaps_from_path, path)

    read_path = or_core(procmaps.from_core, from_path)
    return _read((target, proc, "maps"), procmaps.from_pid, read_path, from_bytes)


def _maps_or_smaps(
    from_maps: Callable[[_S], list[procmaps.Map]],
    from_smaps: Callable[[_S], list[procmaps.MemoryUsage]],
    source: _S,
) -> list[procmaps.Map]:
    try:
        return from_maps(source)
    except procmaps.ParseError as error:
        try:
            return [usage.map for usage in from_smaps(source)]
        except procmaps.ParseError:
            raise error from None


def read_usages(target: str, proc: str) -> list[procmaps.MemoryUsage]:
    """Return the smaps of a process, or those in a file or standard input."""
    return _read(
        (target, proc, "smaps"),
        procmaps.smaps_from_pid,
        or_core(no_usage, procmaps.smaps_from_path),
        procmaps.smaps_from_bytes,
    )


def open_space(target: str, proc: str) -> _Opened:
    """Return the address space of a process, held open, or that in a file."""
    space = procmaps.AddressSpace
    return _read(
        (target, proc, "maps"),
        _open_process,
        or_core(_open_core, lambda path: (space.from_path(path), None)),
        lambda data: (space.from_bytes(data), None),
    )


def _open_process(pid: int, *, proc: str) -> _Opened:
    process = procmaps.Process(pid, proc=proc)
    return process.address_space(), process


def _open_core(path: str) -> _Opened:
    core = procmaps.Core(path)
    return core, core


def open_process(target: str, proc: str) -> procmaps.Process:
    """Return a living process, held open."""

    def refuse(_: object) -> NoReturn:
        message = f'"{target}" is no living process: give a process id, or self'
        raise CommandError(message)

    source = (target, proc, "smaps")
    return _read(source, procmaps.Process, refuse, refuse)


def _read(
    source: tuple[str, str, str],
    from_pid: Callable[..., _T],
    from_path: Callable[[str], _T],
    from_bytes: Callable[[bytes], _T],
) -> _T:
    """Return what a target, a mount of procfs and "maps" or "smaps" stand for."""
    target, proc, data = source
    try:
        if target == "-":
            return from_bytes(no_core(_standard_input()))
        if target == "self":
            return from_pid(_own_pid(proc), proc=proc)
        if target.isascii() and target.isdigit():
            return from_pid(int(target), proc=proc)
        return from_path(target)
    except (OSError, ValueError, OverflowError, NotImplementedError) as error:
        raise explain(error, target, data, proc) from error


def _own_pid(proc: str) -> int:
    """Return the number that this process has in a mount of procfs.

    It is another than its own where that belongs to an outer pid namespace.
    """
    path = f"{proc}/self"
    try:
        return int(os.readlink(path))  # noqa: PTH115
    except OSError:
        if not os.path.lexists(path):
            return os.getpid()
        message = f"this process is not in {proc}, which shows another pid namespace"
        raise CommandError(message) from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        message = "standard input is closed: give a file instead of -"
        raise CommandError(message)
    # A buffer would take what is there for all, where reading does not wait.
    raw = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
    blocks = []
    while block := raw.read(1 << 20):
        blocks.append(block)
    if block is None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return b"".join(blocks)
