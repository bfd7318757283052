"""Reads the Arrow C stream interface with ctypes alone, as its specification says.

https://arrow.apache.org/docs/format/CStreamInterface.html; only the types that tables
of this package have.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_uint8, c_void_p, cast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]


class Schema(ctypes.Structure):
    """What the specification calls ArrowSchema."""


Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_char_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(Schema))),
    ("dictionary", POINTER(Schema)),
    ("release", ctypes.CFUNCTYPE(None, POINTER(Schema))),
    ("private_data", c_void_p),
]


class Array(ctypes.Structure):
    """What the specification calls ArrowArray."""


Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(Array))),
    ("dictionary", POINTER(Array)),
    ("release", ctypes.CFUNCTYPE(None, POINTER(Array))),
    ("private_data", c_void_p),
]


class Stream(ctypes.Structure):
    """What the specification calls ArrowArrayStream."""


Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(c_int, POINTER(Stream), POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(c_int, POINTER(Stream), POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(c_char_p, POINTER(Stream))),
    ("release", ctypes.CFUNCTYPE(None, POINTER(Stream))),
    ("private_data", c_void_p),
]

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = c_void_p
_pointer.argtypes = [ctypes.py_object, c_char_p]


class StreamError(Exception):
    """The stream says that it failed."""


class Reader:
    """The batches of a stream, each as a list of rows."""

    def __init__(self, table: Any) -> None:
        self.capsule = table.__arrow_c_stream__()
        pointer = _pointer(self.capsule, b"arrow_array_stream")
        self.stream = cast(pointer, POINTER(Stream)).contents
        schema = Schema()
        self.check(self.stream.get_schema(byref(self.stream), byref(schema)))
        self.columns = columns(schema)
        schema.release(byref(schema))

    def check(self, code: int) -> None:
        """Raise what the stream says of its failure, if it is one."""
        if code:
            message = self.stream.get_last_error(byref(self.stream))
            raise StreamError(message.decode())

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> list[Row]:
        array = Array()
        self.check(self.stream.get_next(byref(self.stream), byref(array)))
        if not array.release:
            raise StopIteration
        names = [name for name, _ in self.columns]
        parts = [
            values(array.children[at].contents, form)
            for at, (_, form) in enumerate(self.columns)
        ]
        rows = [dict(zip(names, row)) for row in zip(*parts)]
        assert len(rows) == array.length
        array.release(byref(array))
        return rows

    def lengths(self) -> Iterator[int]:
        """Give the number of rows of each batch, and look no further."""
        while True:
            array = Array()
            self.check(self.stream.get_next(byref(self.stream), byref(array)))
            if not array.release:
                return
            length = array.length
            array.release(byref(array))
            yield length

    def release(self) -> None:
        """Release the stream, as a consumer does that wants no more of it."""
        if self.stream.release:
            self.stream.release(byref(self.stream))


def columns(schema: Schema) -> list[tuple[str, str]]:
    """Return the names and formats of the columns."""
    assert schema.format == b"+s"
    children = [schema.children[at].contents for at in range(schema.n_children)]
    return [(child.name.decode(), child.format.decode()) for child in children]


def schema_of(table: Any) -> list[tuple[str, str]]:
    """Return the names and formats that a table gives without being read."""
    capsule = table.__arrow_c_schema__()
    pointer = _pointer(capsule, b"arrow_schema")
    return columns(cast(pointer, POINTER(Schema)).contents)


def rows_of(table: Any) -> list[Row]:
    """Return all rows of a table."""
    reader = Reader(table)
    rows = [row for batch in reader for row in batch]
    reader.release()
    return rows


def values(array: Array, form: str) -> list[Any]:
    """Return the values of a column; `form` is the specification's format string."""
    count = array.length
    assert array.offset == 0
    items: list[Any]
    if form in {"L", "l"}:
        kind = ctypes.c_uint64 if form == "L" else c_int64
        items = list(cast(array.buffers[1], POINTER(kind))[:count])
    elif form == "b":
        items = bits(array.buffers[1], count)
    else:
        ends = cast(array.buffers[1], POINTER(ctypes.c_int32))[: count + 1]
        data = ctypes.string_at(array.buffers[2], ends[-1]) if ends[-1] else b""
        pieces = [data[begin:end] for begin, end in zip(ends, ends[1:])]
        items = [piece.decode() for piece in pieces] if form == "u" else pieces
        assert form in {"u", "z"}
    if array.null_count == 0:
        return items
    valid = bits(array.buffers[0], count)
    assert valid.count(False) == array.null_count
    return [item if is_valid else None for item, is_valid in zip(items, valid)]


def bits(address: int, count: int) -> list[bool]:
    """Return bits, the lowest of each byte first."""
    data = cast(address, POINTER(c_uint8))
    return [bool(data[at // 8] >> at % 8 & 1) for at in range(count)]
