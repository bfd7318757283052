"""What the tests of smaps share: documents, costs, and a process that stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from support.helpers import row_of
from support.smaps_oracle import ATTRIBUTES, Cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmaps import MemoryUsage

DATA = Path(__file__).parent.parent / "data/smaps"
DOCUMENTS = sorted(
    path for path in DATA.glob("*.txt") if path.stem not in {"fields", "vm_flags"}
)

# Memory of every sort that costs something without privileges.
VARIED = """
import ctypes, mmap, os, sys, tempfile
page = mmap.PAGESIZE
dirty = mmap.mmap(-1, 64 * page, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
dirty.write(b"x" * len(dirty))
shared = mmap.mmap(-1, 32 * page)
shared.write(b"x" * len(shared))
libc = ctypes.CDLL(None)
begin = ctypes.addressof(ctypes.c_char.from_buffer(dirty))
libc.mlock(ctypes.c_void_p(begin), ctypes.c_size_t(4 * page))
with open(sys.executable, "rb") as file:
    program = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
program.read()
print("ready", flush=True)
sys.stdin.read()
"""


def cost_of(usage: MemoryUsage) -> Cost:
    """Read a MemoryUsage attribute by attribute."""
    values = {name: getattr(usage, name) for name in ATTRIBUTES.values()}
    return Cost(row_of(usage.map), values, dict(usage.extra))


def raw_smaps(pid: int, name: str = "smaps") -> bytes:
    """Read what the kernel prints."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


@contextmanager
def stopped_process() -> Iterator[int]:
    """Run a process with varied memory, stopped, and give its pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", VARIED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGSTOP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        try:
            yield process.pid
        finally:
            process.kill()
