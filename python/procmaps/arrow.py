r"""Memory maps as tables for pyarrow, polars, duckdb, pandas and others.

A Table is read by everything that knows the Arrow PyCapsule interface; procmaps needs
none of them itself. So is an AddressSpace, without this module.

>>> import procmaps
>>> maps = procmaps.from_str("1000-3000 r-xp 00000000 08:01 42 /usr/bin/true")
>>> from_maps(maps).column_names[:4]
('begin_address', 'end_address', 'size', 'permissions')

One row is one mapping. These are its columns, in their order; numbers are uint64.

| column | what it holds |
|---|---|
| source | utf8: the file, document or process it comes from |
| begin_address | the first address in the mapping |
| end_address | the first address past the mapping |
| size | end_address - begin_address, in bytes |
| permissions | utf8: four characters such as `r-xp` |
| offset | where in its source the mapping begins, in bytes |
| device_major | the device that holds the mapped file, 0 for none |
| device_minor | the same |
| inode | the inode of the mapped file, 0 for none |
| pathname | utf8: the name as printed, null for none |
| kind | utf8: what is mapped, see Map.kind |
| path | utf8: the path of the mapped file or device, null for other kinds |
| is_deleted | bool: whether the mapped file or device was unlinked |

Tables of usages have a column for each numeric field of MemoryUsage after these, null
where the kernel does not print it; `thp_eligible` is bool, and `vm_flags` utf8: the
codes in alphabetical order, separated by spaces. `size` is that of the mapping.

In text, a byte that is not UTF-8 stands as `\xNN`. With `raw_names=True` two
columns of bytes, `pathname_bytes` and `path_bytes`, follow `is_deleted`. With
`signed=True` numbers are int64 of the same bits, for engines without unsigned
numbers: addresses from 2**63 on are negative there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from procmaps._procmaps import _ArrowTable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, SupportsIndex, Union

    from typing_extensions import CapsuleType

    from procmaps import Map, MemoryUsage

    _Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
    _Content = Union[str, bytes, bytearray, memoryview]
    _What = Literal["maps", "smaps"]
    _Errors = Literal["raise", "skip", "column"]

__all__ = [
    "Table",
    "from_documents",
    "from_maps",
    "from_paths",
    "from_pids",
    "from_usages",
]


class Table:
    """Rows for a library that knows the Arrow PyCapsule interface.

    The functions of this module make it. It can be read any number of times. A Table
    of from_paths() holds no rows: its files are read each time, by threads that run
    while a stream is read. A stream that began before a fork ends in the child with an
    error.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: _ArrowTable) -> None:
        self._rows = rows

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return self._rows.column_names

    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType:
        """Return the rows as a capsule that holds an ArrowArrayStream.

        A requested schema is left to the consumer to convert to.
        """
        return self._rows.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> CapsuleType:
        """Return the columns and their types as a capsule that holds an ArrowSchema."""
        return self._rows.__arrow_c_schema__()

    def __repr__(self) -> str:
        return repr(self._rows)


def from_maps(
    maps: Iterable[Map],
    *,
    source: _Path | None = None,
    raw_names: bool = False,
    signed: bool = False,
) -> Table:
    """Return a table of these maps, with a column `source` if that is given.

    Raises TypeError if one of them is not a Map.
    """
    return Table(_ArrowTable.from_maps(maps, source, raw_names, signed))


def from_usages(
    usages: Iterable[MemoryUsage],
    *,
    source: _Path | None = None,
    raw_names: bool = False,
    signed: bool = False,
) -> Table:
    """Return a table of what these mappings cost, without their `extra`.

    It has a column `source` if that is given. Raises TypeError for what is no
    MemoryUsage.
    """
    return Table(_ArrowTable.from_usages(usages, source, raw_names, signed))


def from_paths(  # noqa: PLR0913
    paths: Iterable[_Path],
    *,
    what: _What = "maps",
    errors: _Errors = "raise",
    threads: SupportsIndex | None = None,
    raw_names: bool = False,
    signed: bool = False,
) -> Table:
    """Return a table of the mappings in many files, in the order of the files.

    Each is a saved copy of `/proc/<pid>/maps`, or of `/proc/<pid>/smaps` if `what` is
    "smaps". They are read when the table is, a few at a time, so that it takes little
    memory however many there are; by `threads` threads, or else one per processor, at
    most 8.

    A file that can't be read, or is no such text, ends the stream with an error that
    names it. It has no rows at all with errors="skip", and with "column" one row in
    which all is null but `source` and a last column `error`. Only regular files are
    read: others could have text only once, or never.

    Raises TypeError or ValueError for an argument that can't be one.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        message = f"paths must be an iterable of paths, not {type(paths).__name__}"
        raise TypeError(message)
    return Table(
        _ArrowTable.from_paths(paths, what, errors, threads, raw_names, signed)
    )


def from_documents(
    pairs: Iterable[tuple[_Path, _Content]],
    *,
    what: _What = "maps",
    errors: _Errors = "raise",
    raw_names: bool = False,
    signed: bool = False,
) -> Table:
    """Return a table of the mappings in many texts, given as pairs (name, content).

    They are read at once, and `source` is the name; see from_paths().

    Raises ParseError, whose reason names it, for a text that is not what it should be,
    unless `errors` says otherwise.
    """
    return Table(_ArrowTable.from_documents(pairs, what, errors, raw_names, signed))


def from_pids(  # noqa: PLR0913
    pids: Iterable[SupportsIndex] | None = None,
    *,
    what: _What = "maps",
    errors: _Errors = "skip",
    threads: SupportsIndex | None = None,
    raw_names: bool = False,
    signed: bool = False,
    proc: _Path = "/proc",
) -> Table:
    """Return a table of the mappings of running processes, as they are now.

    Of all of them, unless `pids` says which; `source` is the pid, see from_paths().
    `proc` is the mount of procfs to look in; see pids().

    A process that has ended, a kernel thread and a zombie have no rows. Nor has one
    whose maps may not be read, unless `errors` says otherwise: with "raise" it raises
    what from_pid() does.
    """
    return Table(
        _ArrowTable.from_pids(pids, what, errors, threads, raw_names, signed, proc)
    )
