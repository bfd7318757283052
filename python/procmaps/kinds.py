"""The kinds of what is mapped, as a type."""

from typing import Literal

Kind = Literal[
    "file",
    "anonymous",
    "heap",
    "stack",
    "vdso",
    "vvar",
    "vsyscall",
    "memfd",
    "shared_memory",
    "hugetlb",
    "device",
    "anon_inode",
    "other",
]
"""What `Map.kind` can be; `typing.get_args(Kind)` lists them at run time."""
