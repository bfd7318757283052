"""A second opinion on smaps text: a naive parser that shares nothing with the crate."""

from __future__ import annotations

from typing import NamedTuple

from support import oracle

# The kernel's names of the fields, and ours.
BYTES = {
    "Size": "size",
    "KernelPageSize": "kernel_page_size",
    "MMUPageSize": "mmu_page_size",
    "Rss": "rss",
    "Pss": "pss",
    "Pss_Dirty": "pss_dirty",
    "Pss_Anon": "pss_anon",
    "Pss_File": "pss_file",
    "Pss_Shmem": "pss_shmem",
    "Shared_Clean": "shared_clean",
    "Shared_Dirty": "shared_dirty",
    "Private_Clean": "private_clean",
    "Private_Dirty": "private_dirty",
    "Referenced": "referenced",
    "Anonymous": "anonymous",
    "KSM": "ksm",
    "LazyFree": "lazy_free",
    "AnonHugePages": "anon_huge_pages",
    "ShmemPmdMapped": "shmem_pmd_mapped",
    "FilePmdMapped": "file_pmd_mapped",
    "Shared_Hugetlb": "shared_hugetlb",
    "Private_Hugetlb": "private_hugetlb",
    "Swap": "swap",
    "SwapPss": "swap_pss",
    "Locked": "locked",
}
OTHERS = {
    "THPeligible": "thp_eligible",
    "ProtectionKey": "protection_key",
    "VmFlags": "vm_flags",
}
ATTRIBUTES = {**BYTES, **OTHERS}


class Cost(NamedTuple):
    """A maps line and what it costs: every attribute, None where it is missing."""

    row: oracle.Row
    values: dict[str, object]
    extra: dict[str, object]


def _value(name: str, text: str) -> object:
    if name == "VmFlags":
        return frozenset(text.split())
    if name == "THPeligible":
        return bool(int(text))
    unit = 1024 if text.endswith("kB") else 1
    number = text[:-2].rstrip() if unit == 1024 else text
    if number.isascii() and number.isdecimal():
        return int(number) * unit
    return text


def parse(document: bytes) -> list[Cost]:
    """Read a whole document that is known to be smaps."""
    costs: list[Cost] = []
    for line in document.decode("utf-8", "surrogateescape").split("\n"):
        name, colon, text = line.partition(":")
        if not line:
            continue
        if colon and " " not in name:
            cost = costs[-1]
            fields = cost.values if name in ATTRIBUTES else cost.extra
            fields[ATTRIBUTES.get(name, name)] = _value(name, text.strip(" \t"))
        else:
            row = oracle.parse_line(line.encode("utf-8", "surrogateescape"))
            costs.append(Cost(row, dict.fromkeys(ATTRIBUTES.values()), {}))
    return costs
