"""A core file as the target, known by its first bytes."""

from __future__ import annotations

import os
import stat

from procmaps.cli.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, NoReturn, TypeVar

    _T = TypeVar("_T")

BEGINNINGS = (
    b"\x7fELF",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ\0",
    b"\x04\x22\x4d\x18",
    b"\x1f\x8b",
)
"""Those of ELF files, and of what zstd, xz, lz4 and gzip pack, which is refused."""


def or_core(
    from_core: Callable[[str], _T], from_path: Callable[[str], _T]
) -> Callable[[str], _T]:
    """Return what reads a file in one way or the other."""

    def read(path: str) -> _T:
        return from_core(path) if _is_core(path) else from_path(path)

    return read


def _is_core(path: str) -> bool:
    # What is no regular file may be readable once.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        return False
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(6).startswith(BEGINNINGS)


def no_core(data: bytes) -> bytes:
    """Return what standard input had, unless it is a core file."""
    if data.startswith(BEGINNINGS):
        message = "standard input is a core file or packed: give the file's name, not -"
        raise CommandError(message)
    return data


def no_usage(path: str) -> NoReturn:
    """Say why a core file has no smaps."""
    message = (
        f'"{path}" is a core file, which does not tell what memory cost: '
        "give a living process, or a copy of /proc/PID/smaps"
    )
    raise CommandError(message)
