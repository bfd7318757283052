"""The rows that a table has to have, told from objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import procmaps

NUMBERS = [
    *("kernel_page_size", "mmu_page_size", "rss", "pss", "pss_dirty", "pss_anon"),
    *("pss_file", "pss_shmem", "shared_clean", "shared_dirty", "private_clean"),
    *("private_dirty", "referenced", "anonymous", "ksm", "lazy_free"),
    *("anon_huge_pages", "shmem_pmd_mapped", "file_pmd_mapped", "shared_hugetlb"),
    *("private_hugetlb", "swap", "swap_pss", "locked", "thp_eligible"),
    "protection_key",
]


def text(name: str | None) -> str | None:
    r"""Return a name as a column has it, with `\xNN` for a byte that is not UTF-8."""
    if name is None:
        return None
    return re.sub(
        "[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name
    )


def raw(name: str | None) -> bytes | None:
    """Return the bytes of a name."""
    return None if name is None else name.encode("utf-8", "surrogateescape")


def map_row(
    map_: procmaps.Map, source: str | None = None, *, raw_names: bool = False
) -> dict[str, Any]:
    """Return the row of a map."""
    row: dict[str, Any] = {} if source is None else {"source": source}
    row |= {
        "begin_address": map_.begin_address,
        "end_address": map_.end_address,
        "size": map_.size,
        "permissions": map_.permissions,
        "offset": map_.offset,
        "device_major": map_.device[0],
        "device_minor": map_.device[1],
        "inode": map_.inode,
        "pathname": text(map_.pathname),
        "kind": map_.kind,
        "path": text(map_.path),
        "is_deleted": map_.is_deleted,
    }
    if raw_names:
        row |= {"pathname_bytes": raw(map_.pathname), "path_bytes": raw(map_.path)}
    return row


def usage_row(usage: procmaps.MemoryUsage, source: str | None = None) -> dict[str, Any]:
    """Return the row of a usage."""
    row = map_row(usage.map, source)
    row |= {name: getattr(usage, name) for name in NUMBERS}
    flags = usage.vm_flags
    row["vm_flags"] = None if flags is None else text(" ".join(sorted(flags)))
    return row


def signed(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with numbers as 64 bits with a sign have them."""
    return {
        name: value - 2**64 if isinstance(value, int) and value >= 2**63 else value
        for name, value in row.items()
    }
