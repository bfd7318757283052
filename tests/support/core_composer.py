"""Core files byte by byte, as the kernel or gdb would write them (core(5), elf(5)).

It shares nothing with the crate, and knows every machine: 32 and 64 bits, both byte
orders. What it is told it writes, right or wrong.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PT_LOAD, PT_NOTE = 1, 4
NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_FILE = 1, 3, 6, 0x46494C45
AT_PHDR, AT_PHNUM, AT_PAGESZ, AT_BASE = 3, 5, 6, 7
AT_RANDOM, AT_EXECFN, AT_SYSINFO_EHDR = 25, 31, 33
EM_386, EM_ARM, EM_X86_64, EM_S390 = 3, 40, 62, 22
PN_XNUM = 0xFFFF
PAGE = 4096


class Load(NamedTuple):
    """A mapping that has a program header."""

    begin: int
    end: int
    permissions: str = "r--"
    content: bytes = b""


class File(NamedTuple):
    """A mapping that the note of files tells of."""

    begin: int
    end: int
    name: bytes
    offset: int = 0


class Form(NamedTuple):
    """How a machine writes numbers."""

    bits: int = 64
    order: str = "<"
    machine: int = EM_X86_64

    @property
    def word(self) -> str:
        return "IQ"[self.bits == 64]

    def pack(self, form: str, *values: int) -> bytes:
        """Pack numbers; W stands for a word of the machine."""
        return struct.pack(self.order + form.replace("W", self.word), *values)


FORM = Form()
FORMS = (
    FORM,
    Form(32, "<", EM_386),
    Form(32, "<", EM_ARM),
    Form(64, ">", EM_S390),
    Form(32, ">", EM_S390),
)


def note(form: Form, kind: int, content: bytes, owner: bytes = b"CORE\0") -> bytes:
    """Compose a note."""
    sizes = form.pack("III", len(owner), len(content), kind)
    return sizes + _padded(owner) + _padded(content)


def _padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 4)


def files_note(form: Form, files: Sequence[File], unit: int = PAGE) -> bytes:
    """Compose the note of files."""
    content = form.pack("WW", len(files), unit)
    for file in files:
        content += form.pack("WWW", file.begin, file.end, file.offset // unit)
    return note(form, NT_FILE, content + b"".join(file.name + b"\0" for file in files))


def auxiliary_note(form: Form, vector: Mapping[int, int]) -> bytes:
    """Compose the note of the auxiliary vector."""
    pairs = b"".join(form.pack("WW", *pair) for pair in [*vector.items(), (0, 0)])
    return note(form, NT_AUXV, pairs)


def process_note(form: Form, pid: int) -> bytes:
    """Compose the note of what the process is: struct elf_prpsinfo."""
    if form.bits == 64:
        start = form.pack("4x4xQIII", 0, 0, 0, pid)
        return note(form, NT_PRPSINFO, start.ljust(136, b"\0"))
    if form.machine in {EM_386, EM_ARM}:
        start = form.pack("4xIHHI", 0, 0, 0, pid)
        return note(form, NT_PRPSINFO, start.ljust(124, b"\0"))
    start = form.pack("4xIIII", 0, 0, 0, pid)
    return note(form, NT_PRPSINFO, start.ljust(128, b"\0"))


def header(
    form: Form,
    count: int,
    kind: int = 4,
    headers_offset: int | None = None,
    sections_offset: int = 0,
) -> bytes:
    """Compose the ELF header."""
    size, entry = (64, 56) if form.bits == 64 else (52, 32)
    ident = b"\x7fELF" + bytes([form.bits // 32, 1 + (form.order == ">"), 1]) + bytes(9)
    at = size if headers_offset is None else headers_offset
    words = form.pack("HHIWWWI", kind, form.machine, 1, 0, at, sections_offset, 0)
    return ident + words + form.pack("HHHHHH", size, entry, count, 0, 0, 0)


def program_header(
    form: Form, kind: int, flags: int, offset: int, address: int, *sizes: int
) -> bytes:
    """Compose a program header; the sizes are those in the file and in memory."""
    if form.bits == 64:
        return form.pack("IIQQQQQQ", kind, flags, offset, address, 0, *sizes, PAGE)
    return form.pack("IIIIIIII", kind, offset, address, 0, *sizes, flags, PAGE)


def compose(
    loads: Sequence[Load],
    notes: Sequence[bytes] = (),
    form: Form = FORM,
    *,
    extended: bool = False,
    notes_last: bool = False,
) -> bytes:
    """Compose a core file: notes before the memory as the kernel has them, or last as
    gdb does; the number of program headers where it belongs if it is large.
    """
    start, entry = (64, 56) if form.bits == 64 else (52, 32)
    count = len(loads) + 1
    noted = b"".join(notes)
    memory = b"".join(load.content for load in loads)
    at = start + entry * count
    notes_at, at = (at + len(memory), at) if notes_last else (at, at + len(noted))
    table = program_header(form, PT_NOTE, 0, notes_at, 0, len(noted), 0)
    for load in loads:
        flags = sum(
            bit for bit, letter in zip((4, 2, 1), load.permissions) if letter != "-"
        )
        sizes = len(load.content), load.end - load.begin
        table += program_header(form, PT_LOAD, flags, at, load.begin, *sizes)
        at += len(load.content)
    body = table + (memory + noted if notes_last else noted + memory)
    if not extended:
        return header(form, count) + body
    sections_offset = start + len(body)
    first = form.pack("IIWWWWIIWW", 0, 0, 0, 0, 0, 0, 0, count, 0, 0)
    return header(form, PN_XNUM, sections_offset=sections_offset) + body + first
