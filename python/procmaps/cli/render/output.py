"""Answers on standard output, in each form that the command knows."""

from __future__ import annotations

import errno
import os
import sys

from procmaps.cli.errors import CommandError
from procmaps.cli.render.text import escape, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from typing_extensions import Self

    from procmaps import Map


def write_raw(maps: Iterable[Map]) -> None:
    """Write the lines as the kernel does, to the byte unless to a terminal."""
    lines = [f"{map_}\n" for map_ in maps]
    if lines and all(line.endswith("\r\n") for line in lines):
        # Names that end in CR: with an empty line this is no text of CRLF lines.
        lines.append("\n")
    write_exact("".join(lines))


def write_exact(text: str) -> None:
    """Write text with the very bytes of its names; to a terminal, printable ones."""
    if stdout().isatty():
        lines = text.split("\n")
        text = "\n".join([printable(line) for line in lines])
        write_text(text)
    else:
        _write(text.encode("utf-8", "surrogateescape"))


def write_text(text: str) -> None:
    r"""Write text; characters that the output's encoding lacks stand as `\u00f6`."""
    encoding = stdout().encoding
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        data = "".join([_known(character, encoding) for character in text]).encode(
            encoding
        )
    _write(data)


def _known(character: str, encoding: str) -> str:
    if character.isascii():
        return character
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return escape(character)
    return character


def write_records(
    form: str, fields: Sequence[str], records: list[dict[str, object]]
) -> None:
    """Write records with these fields as "json", "jsonl" or "csv"."""
    if form == "json":
        write_json([*records])
    elif form == "jsonl":
        write_jsonl(records)
    else:
        write_csv(fields, records)


class RecordStream:
    """Writes records as they come, as "json", "jsonl" or "csv"; a context manager."""

    def __init__(self, form: str, fields: Sequence[str]) -> None:
        self._form = form
        self._fields = fields
        self._before = "["

    def __enter__(self) -> Self:
        if self._form == "csv":
            write_csv(self._fields, ())
        return self

    def write(self, record: dict[str, object]) -> None:
        """Write one record."""
        if self._form == "json":
            write_text(f"{self._before}{_json(record)}")
            self._before = ",\n "
        elif self._form == "jsonl":
            write_jsonl([record])
        else:
            write_csv(self._fields, [record], titles=False)

    def __exit__(self, *exception: object) -> None:
        # A document is closed however it ends, but if nobody reads it any more.
        if self._form == "json" and not isinstance(exception[1], OSError):
            write_text("[]\n" if self._before == "[" else "]\n")


def write_json(value: list[object] | Mapping[str, list[object]]) -> None:
    """Write one JSON document: a list, or lists by name, each item on its own line."""
    if isinstance(value, list):
        write_text(f"{_list(value)}\n")
    else:
        lists = [f"{_json(name)}: {_list(items)}" for name, items in value.items()]
        write_text("{{{}}}\n".format(",\n ".join(lists)))


def _list(items: Iterable[object]) -> str:
    return "[{}]".format(",\n ".join([_json(item) for item in items]))


def write_jsonl(items: Iterable[object]) -> None:
    """Write each item as JSON on a line of its own."""
    write_text("".join([f"{_json(item)}\n" for item in items]))


def _json(value: object) -> str:
    import json

    # ASCII alone, so that a byte that is not UTF-8 is \udcff, which Python reads
    # back; DEL is the one control character that JSON leaves as it is.
    return json.dumps(value).replace("\x7f", "\\u007f")


def write_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, titles: bool = True
) -> None:
    """Write a line of column names, and each row as a line; no value is empty."""
    import csv

    lines: list[str] = []
    writer = csv.writer(_Lines(lines))
    if titles:
        writer.writerow(columns)
    writer.writerows([[_cell(row[column]) for column in columns] for row in rows])
    write_exact("".join(lines))


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        # A device, in decimal as in /proc/<pid>/mountinfo.
        return ":".join(map(str, value))
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, dict):
        return _json(value)
    return value


class _Lines:
    """Takes lines from a csv writer and ends them with LF alone.

    Told to do so itself, the writer of older Pythons leaves a CR within a name
    without quotes, which a reader then takes for the end of the line.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, line: str) -> None:
        """Take one line that ends with CR and LF."""
        self.lines.append(line[:-2] + "\n")


def _write(data: bytes) -> None:
    stream = stdout()
    stream.flush()
    # Without a buffer, as under PYTHONUNBUFFERED, a write may take a part only: what
    # fits on the disk. With one, what it holds would be written again on failure.
    raw = getattr(stream.buffer, "raw", stream.buffer)
    rest = memoryview(data)
    while rest:
        written = raw.write(rest)
        if written is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        rest = rest[written:]


def stdout() -> TextIO:
    """Return standard output, if there is one."""
    if sys.stdout is None:
        message = "standard output is closed: give it a file or a pipe"
        raise CommandError(message)
    return sys.stdout
