"""Where loaders put an ELF file, computed from its program headers.

Written from what the loaders do, and with nothing of this package: glibc's
`_dl_map_segments` (elf/dl-map-segments.h), musl's `map_library` (ldso/dynlink.c) and
the kernel's `load_elf_binary` (fs/binfmt_elf.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

READ, WRITE, EXECUTE = 4, 2, 1
"""Flags of a segment: PF_R, PF_W, PF_X."""


class Load(NamedTuple):
    """A program header of type PT_LOAD."""

    offset: int
    address: int
    file_size: int
    memory_size: int
    flags: int


class Headers(NamedTuple):
    """What loaders read of a file: its segments, and what is read-only later."""

    loads: tuple[Load, ...]
    relro: tuple[int, int] | None = None
    """Address and size of PT_GNU_RELRO."""


class Mapped(NamedTuple):
    """A mapping; of no file where the offset is None."""

    begin: int
    end: int
    permissions: str
    offset: int | None


class Memory:
    """Mappings of one file and of none, as mmap(2) and mprotect(2) make them."""

    def __init__(self, page: int) -> None:
        self.page = page
        self._mappings: list[Mapped] = []

    def down(self, address: int) -> int:
        return address - address % self.page

    def up(self, address: int) -> int:
        return self.down(address + self.page - 1)

    def unmap(self, begin: int, end: int) -> None:
        """Cut a range out of what is mapped."""
        kept = []
        for mapping in self._mappings:
            if mapping.begin < begin:
                kept.append(mapping._replace(end=min(mapping.end, begin)))
            if mapping.end > end:
                cut = max(end - mapping.begin, 0)
                offset = None if mapping.offset is None else mapping.offset + cut
                kept.append(mapping._replace(begin=mapping.begin + cut, offset=offset))
        self._mappings = kept

    def map(self, begin: int, end: int, permissions: str, offset: int | None) -> None:
        """Map a range, in place of what is there; round it to pages."""
        begin, end = self.down(begin), self.up(end)
        if begin < end:
            self.unmap(begin, end)
            offset = None if offset is None else self.down(offset)
            self._mappings.append(Mapped(begin, end, permissions, offset))

    def protect(self, begin: int, end: int, permissions: str) -> None:
        """Change the permissions of what is mapped in a range."""
        inside = []
        for mapping in self._mappings:
            low, high = max(mapping.begin, begin), min(mapping.end, end)
            if low < high:
                cut = low - mapping.begin
                offset = None if mapping.offset is None else mapping.offset + cut
                inside.append(Mapped(low, high, permissions, offset))
        self.unmap(begin, end)
        self._mappings += inside

    def listing(self) -> list[Mapped]:
        """Return all, in order; what goes on alike is one mapping."""
        listed: list[Mapped] = []
        for mapping in sorted(self._mappings):
            if listed and _goes_on(listed[-1], mapping):
                listed[-1] = listed[-1]._replace(end=mapping.end)
            else:
                listed.append(mapping)
        return listed


def _goes_on(low: Mapped, high: Mapped) -> bool:
    if low.end != high.begin or low.permissions != high.permissions:
        return False
    if low.offset is None or high.offset is None:
        return low.offset is high.offset
    return low.offset + low.end - low.begin == high.offset


def permissions_of(load: Load) -> str:
    """Return the permissions of a private mapping with the flags of a segment."""
    names = ((READ, "r"), (WRITE, "w"), (EXECUTE, "x"))
    return "".join(name if load.flags & flag else "-" for flag, name in names) + "p"


def by_glibc(headers: Headers, bias: int, page: int) -> list[Mapped]:
    """Map the whole span as the first segment, deny the rest, map each over it."""
    memory = Memory(page)
    first, *others = headers.loads
    last = headers.loads[-1]
    ends = [memory.up(load.address + load.file_size) for load in headers.loads]
    begins = [memory.down(load.address) for load in others]
    span_end = bias + last.address + last.memory_size
    memory.map(bias + first.address, span_end, permissions_of(first), first.offset)
    if ends[:-1] != begins:
        memory.protect(bias + ends[0], bias + begins[-1], "---p")
    for load in headers.loads:
        begin = bias + load.address
        file_end, end = begin + load.file_size, begin + load.memory_size
        if load is not first and load.file_size:
            memory.map(begin, file_end, permissions_of(load), load.offset)
        if memory.up(file_end) < end:
            memory.map(memory.up(file_end), end, permissions_of(load), None)
    _protect_relro(memory, headers, bias)
    return memory.listing()


def by_musl(headers: Headers, bias: int, page: int) -> list[Mapped]:
    """Map the whole span as the lowest segment, and each of the others over it."""
    memory = Memory(page)
    lowest = min(headers.loads, key=lambda load: load.address)
    end = max(load.address + load.memory_size for load in headers.loads)
    memory.map(bias + lowest.address, bias + end, permissions_of(lowest), lowest.offset)
    for load in headers.loads:
        begin, end = bias + load.address, bias + load.address + load.memory_size
        if load is not lowest:
            memory.map(begin, end, permissions_of(load), load.offset)
        if load.memory_size > load.file_size and load.flags & WRITE:
            file_end = memory.up(begin + load.file_size)
            memory.map(file_end, max(end, file_end), permissions_of(load), None)
    _protect_relro(memory, headers, bias)
    return memory.listing()


def by_kernel(headers: Headers, bias: int, page: int) -> list[Mapped]:
    """Map each segment; what lies between them is free for others."""
    memory = Memory(page)
    for load in headers.loads:
        begin = bias + load.address
        file_end, end = begin + load.file_size, begin + load.memory_size
        if load.file_size:
            memory.map(begin, file_end, permissions_of(load), load.offset)
        if memory.up(file_end) < end:
            memory.map(memory.up(file_end), end, permissions_of(load), None)
    _protect_relro(memory, headers, bias)
    return memory.listing()


LOADERS: dict[str, Callable[[Headers, int, int], list[Mapped]]] = {
    "glibc": by_glibc,
    "musl": by_musl,
    "kernel": by_kernel,
}


def _protect_relro(memory: Memory, headers: Headers, bias: int) -> None:
    if headers.relro is not None:
        address, size = headers.relro
        begin, end = memory.down(bias + address), memory.down(bias + address + size)
        memory.protect(begin, max(begin, end), "r--p")


def lines(
    mappings: Iterable[Mapped], name: str, source: str = "fe:00 7"
) -> Sequence[str]:
    """Return the lines that the kernel prints for mappings of a file."""
    return [
        f"{begin:x}-{end:x} {permissions} 00000000 00:00 0"
        if offset is None
        else f"{begin:x}-{end:x} {permissions} {offset:08x} {source} {name}"
        for begin, end, permissions, offset in mappings
    ]
