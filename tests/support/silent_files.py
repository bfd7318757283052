"""A process that maps a file of a file system which never answers a read (FUSE)."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Serves the file system, and lets a child map its file. They are two processes: whoever
# waits for the file keeps the one that maps it from ending, and the end of the one that
# serves ends the wait. Structures: include/uapi/linux/fuse.h.
_PROGRAM = r"""
import ctypes, mmap, os, stat, struct, sys

LOOKUP, FORGET, GETATTR, OPEN, READ, INIT, INTERRUPT, BATCH_FORGET = (
    1, 2, 3, 14, 15, 26, 36, 42)
DIRECTORY, FILE = 1, 2
PAGE = mmap.PAGESIZE

def attributes(node):
    mode = stat.S_IFDIR | 0o755 if node == DIRECTORY else stat.S_IFREG | 0o755
    return struct.pack("<6Q10I", node, 4 * PAGE, 8, 0, 0, 0, 0, 0, 0, mode, 1,
                       0, 0, 0, PAGE, 0)

def answer(code, node):
    if code == INIT:
        return struct.pack("<4I2H2I2HI28x", 7, 31, 0, 0, 1, 1, 65536, 1, 0, 0, 0)
    if code == LOOKUP:
        return struct.pack("<4Q2I", FILE, 0, 60, 60, 0, 0) + attributes(FILE)
    if code == GETATTR:
        return struct.pack("<Q2I", 60, 0, 0) + attributes(node)
    if code == OPEN:
        return bytes(16)
    return None

def serve():
    while True:
        request = os.read(device, 1 << 20)
        code, unique, node = struct.unpack_from("<4xIQQ", request)
        if code in {READ, FORGET, INTERRUPT, BATCH_FORGET}:
            continue
        body = answer(code, node)
        error = 0 if body is not None else -38  # ENOSYS
        body = body or b""
        os.write(device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)

place = sys.argv[1].encode()
device = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % device
if libc.mount(b"silent", place, b"fuse", 6, options):
    sys.exit(os.strerror(ctypes.get_errno()))
if os.fork():
    serve()
os.close(device)
file = os.open(place + b"/libsilent.so", os.O_RDONLY)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3,
                      ctypes.c_long]
print(os.getpid(), libc.mmap(None, 2 * PAGE, 5, 2, file, 0), flush=True)
sys.stdin.read()
"""


@contextmanager
def silent_mapping(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield a process id, and where it has mapped the file."""
    if not Path("/dev/fuse").exists() or os.geteuid() != 0:
        pytest.skip("no FUSE file system may be mounted here")
    with subprocess.Popen(
        ["unshare", "--mount", sys.executable, "-c", _PROGRAM, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            if not said:
                assert process.stderr is not None
                pytest.skip(f"no FUSE: {process.stderr.read().decode().strip()}")
            yield int(said[0]), int(said[1])
        finally:
            process.kill()
