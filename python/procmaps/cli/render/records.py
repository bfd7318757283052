"""Answers as plain values: what JSON and CSV give, with integers in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procmaps import Map, MemoryUsage

# What makes a map, and what follows from it.
MAP_FIELDS = (
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
    "size",
    "kind",
    "path",
    "is_deleted",
)

# What smaps tells of a map, and what follows from it.
USAGE_FIELDS = (
    "size",
    "rss",
    "pss",
    "uss",
    "swap",
    "swap_pss",
    "kernel_page_size",
    "mmu_page_size",
    "pss_dirty",
    "pss_anon",
    "pss_file",
    "pss_shmem",
    "shared_clean",
    "shared_dirty",
    "private_clean",
    "private_dirty",
    "referenced",
    "anonymous",
    "ksm",
    "lazy_free",
    "anon_huge_pages",
    "shmem_pmd_mapped",
    "file_pmd_mapped",
    "shared_hugetlb",
    "private_hugetlb",
    "locked",
    "thp_eligible",
    "protection_key",
    "vm_flags",
    "extra",
)


def map_record(map_: Map) -> dict[str, object]:
    """Return the seven fields of a map, and what follows from them."""
    return {name: getattr(map_, name) for name in MAP_FIELDS}


def usage_record(usage: MemoryUsage) -> dict[str, object]:
    """Return what a map or several maps cost; null is what the kernel does not tell."""
    record = {name: getattr(usage, name) for name in USAGE_FIELDS}
    record["vm_flags"] = None if usage.vm_flags is None else sorted(usage.vm_flags)
    record["extra"] = dict(usage.extra)
    return record
