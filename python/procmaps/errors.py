"""The exception for text, or a core file, that is not what it should be."""

from __future__ import annotations


class ParseError(ValueError):
    """Text is not in the form of a maps file, or a file is not a core file.

    Its message names the line, the field, what was expected there and what was
    found: ``line 3: inode: expected decimal digits ..., found "-1 /x"``. For a core
    file it names the offset instead of the line.
    """

    line_number: int
    """The number of the offending line, from 1; empty lines count. 0 where it is a
    core file that is wrong."""

    line: str
    """The whole offending line without its line break; bytes that are not UTF-8
    stand as surrogate escapes."""

    reason: str
    """The field, what was expected there, and what was found, cut when long."""

    offset: int | None
    """Where in a core file it is wrong, in bytes; None for text."""

    def __init__(
        self, line_number: int, line: str, reason: str, offset: int | None = None
    ) -> None:
        where = () if offset is None else (offset,)
        super().__init__(line_number, line, reason, *where)
        self.line_number = line_number
        self.line = line
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        if self.offset is not None:
            return f"offset {self.offset:#x}: {self.reason}"
        return f"line {self.line_number}: {self.reason}"


# Users import it from the package, and so do pickles.
ParseError.__module__ = "procmaps"
