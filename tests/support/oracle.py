"""A second opinion on maps text: a naive parser that shares nothing with the crate.

It eats a line from the left, one character test at a time, and judges names with
plain string methods. Slow, and meant to be obviously right.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")
DECIMAL = frozenset(b"0123456789")
SPACE = ord(" ")


class Row(NamedTuple):
    """The seven fields of a line, in the order of the constructor of `Map`."""

    begin_address: int
    end_address: int
    permissions: str
    offset: int
    device: tuple[int, int]
    inode: int
    pathname: str | None


class RefusedError(Exception):
    """The text is no maps text; says which line is to blame, and which field."""

    def __init__(self, field: str, line_number: int = 0) -> None:
        super().__init__(field, line_number)
        self.field = field
        self.line_number = line_number


class _Cursor:
    def __init__(self, line: bytes) -> None:
        self.rest = line

    def number(self, field: str, base: int, bits: int, end: bytes) -> int:
        legal = HEXADECIMAL if base == 16 else DECIMAL
        length = 0
        while length < len(self.rest) and self.rest[length] in legal:
            length += 1
        digits = self.rest[:length].lstrip(b"0") or self.rest[:length]
        self.skip(length)
        # Where a line is cut short, the field after this one is missed.
        if not digits or self.rest[:1] not in {end, b""}:
            raise RefusedError(field)
        # No number of 64 bits has more than 20 digits in any base.
        if len(digits) > 20 or int(digits, base) >= 2**bits:
            raise RefusedError(field)
        return int(digits, base)

    def skip(self, count: int) -> None:
        self.rest = self.rest[count:]

    def skip_spaces(self) -> None:
        while self.rest and self.rest[0] == SPACE:
            self.skip(1)

    def permissions(self) -> str:
        text = self.rest[:4]
        self.skip(4)
        if len(text) != 4 or self.rest[:1] not in {b" ", b""}:
            raise RefusedError("permissions")
        for found, legal in zip(text, (b"r-", b"w-", b"x-", b"ps")):
            if found not in legal:
                raise RefusedError("permissions")
        return text.decode()


def parse_line(line: bytes) -> Row:
    """Read one line that has no line break."""
    cursor = _Cursor(line)
    begin_address = cursor.number("begin address", 16, 64, b"-")
    cursor.skip(1)
    end_address = cursor.number("end address", 16, 64, b" ")
    cursor.skip_spaces()
    permissions = cursor.permissions()
    cursor.skip_spaces()
    offset = cursor.number("offset", 16, 64, b" ")
    cursor.skip_spaces()
    major = cursor.number("device major", 16, 32, b":")
    cursor.skip(1)
    minor = cursor.number("device minor", 16, 32, b" ")
    cursor.skip_spaces()
    inode = cursor.number("inode", 10, 64, b" ")
    cursor.skip_spaces()
    if end_address < begin_address:
        raise RefusedError("end address")
    if b"\0" in cursor.rest:
        raise RefusedError("pathname")
    name = cursor.rest.decode("utf-8", "surrogateescape") or None
    return Row(
        begin_address, end_address, permissions, offset, (major, minor), inode, name
    )


# What is left of a line is matched with each in turn, and taken away.
FREEBSD = (
    ("begin address", rb"0x[0-9a-fA-F]+"),
    ("end address", rb"0x[0-9a-fA-F]+"),
    ("resident pages", rb"\d+"),
    ("private resident pages", rb"\d+"),
    ("object", rb"(0x)?[0-9a-fA-F]+"),
    ("permissions", rb"[r-][w-][x-]"),
    ("reference count", rb"\d+"),
    ("shadow count", rb"\d+"),
    ("flags", rb"0x[0-9a-fA-F]+"),
    ("copy-on-write", rb"COW|NCOW"),
    ("needs copy", rb"NC|NNC"),
    ("type", rb"default|vnode|swap|device|phys|dead|none|unknown"),
)


def parse_freebsd(line: bytes) -> Row:
    """Read one line of FreeBSD's /proc/<pid>/map."""
    found = {}
    rest = line
    for field, form in FREEBSD:
        word, _, rest = rest.partition(b" ")
        rest = rest.lstrip(b" ")
        if not re.fullmatch(form, word):
            raise RefusedError(field)
        if "address" in field and int(word, 16) > 2**64 - 1:
            raise RefusedError(field)
        found[field] = word.decode()
    if not rest:
        raise RefusedError("pathname")
    rest, _, user = rest.rpartition(b" ")
    if not re.fullmatch(rb"-?\d+", user) or not (rest or line.endswith(b" " + user)):
        raise RefusedError("charged user")
    name, _, charged = rest.rpartition(b" ")
    if charged not in {b"CH", b"NCH"}:
        raise RefusedError("charged user" if not rest else "charged")
    if not name or b"\0" in name:
        raise RefusedError("pathname")
    begin, end = int(found["begin address"], 16), int(found["end address"], 16)
    if end < begin:
        raise RefusedError("end address")
    has_source = found["type"] in {"vnode", "device", "phys"}
    shared = "s" if found["copy-on-write"] == "NCOW" and has_source else "p"
    path = None if name == b"-" else name.decode("utf-8", "surrogateescape")
    return Row(begin, end, found["permissions"] + shared, 0, (0, 0), 0, path)


def parse(document: bytes) -> list[Row]:
    """Read a whole document."""
    *ended, last = document.split(b"\n")
    if ended and all(line.endswith(b"\r") for line in ended):
        ended = [line[:-1] for line in ended]
    rows = []
    for line_number, line in enumerate([*ended, last], 1):
        if line.strip(b" \t"):
            try:
                is_freebsd = line.startswith(b"0x")
                rows.append((parse_freebsd if is_freebsd else parse_line)(line))
            except RefusedError as error:
                raise RefusedError(error.field, line_number) from None
    return rows


WHOLE_NAMES = {
    "[heap]": "heap",
    "[stack]": "stack",
    "[vdso]": "vdso",
    "[vvar]": "vvar",
    "[vvar_vclock]": "vvar",
    "[vsyscall]": "vsyscall",
    "/dev/zero (deleted)": "shared_memory",
    "/anon_hugepage (deleted)": "hugetlb",
    "/secretmem (deleted)": "memfd",
    "/[aio] (deleted)": "other",
}
# The first that fits decides.
BEGINNINGS = (
    ("[anon:", "anonymous"),
    ("[anon_shmem:", "shared_memory"),
    ("anon_inode:", "anon_inode"),
    ("SYSV", "shared_memory"),
    ("/memfd:", "memfd"),
    ("/dmabuf:", "other"),
    ("/dev/shm/", "file"),
    ("/dev/", "device"),
    ("/", "file"),
    ("", "other"),
)


def kind(row: Row) -> str:
    """What is mapped."""
    name = row.pathname
    if name is None:
        return "anonymous"
    if name in WHOLE_NAMES:
        return WHOLE_NAMES[name]
    if name[:7] == "[stack:" and name[-1] == "]":
        thread = name[7:-1]
        return "stack" if thread.isascii() and thread.isdecimal() else "other"
    if name[:5] == "/SYSV" and name[13:] == " (deleted)":
        return "shared_memory" if set(name[5:13].encode()) <= HEXADECIMAL else "file"
    return next(known for start, known in BEGINNINGS if name[: len(start)] == start)


def is_deleted(row: Row) -> bool:
    """Whether the mapped file or device was unlinked."""
    name = row.pathname or ""
    return kind(row) in {"file", "device"} and name[-10:] == " (deleted)"


def path(row: Row) -> str | None:
    """The path of the mapped file or device."""
    if row.pathname is None or kind(row) not in {"file", "device"}:
        return None
    name = row.pathname[:-10] if is_deleted(row) else row.pathname
    # Decoded once more: with its newline in place a name can become valid UTF-8.
    raw = "\n".join(name.split("\\012")).encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")


def text(row: Row) -> str:
    """The line as a 64-bit kernel prints it, without its line break."""
    device = ":".join(f"{number:02x}" for number in row.device)
    addresses = f"{row.begin_address:08x}-{row.end_address:08x}"
    header = f"{addresses} {row.permissions} {row.offset:08x} {device} {row.inode} "
    return header if row.pathname is None else header.ljust(72) + " " + row.pathname
