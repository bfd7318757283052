"""The exception for text that is not what it should be."""


class ParseError(ValueError):
    """Text is not in the form of a maps file.

    Its message names the line, the field, what was expected there and what was
    found: ``line 3: inode: expected decimal digits ..., found "-1 /x"``.
    """

    line_number: int
    """The number of the offending line, from 1; empty lines count."""

    line: str
    """The whole offending line without its line break; bytes that are not UTF-8
    stand as surrogate escapes."""

    reason: str
    """The field, what was expected there, and what was found, cut when long."""

    def __init__(self, line_number: int, line: str, reason: str) -> None:
        super().__init__(line_number, line, reason)
        self.line_number = line_number
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.reason}"


# Users import it from the package, and so do pickles.
ParseError.__module__ = "procmaps"
