"""A process with a mapping of every odd kind that this machine offers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.c_code import compile_c

if TYPE_CHECKING:
    from pathlib import Path

    from support.target import Target

# Files whose names print otherwise than they are, or whose ends mislead.
NAMES = [
    b"plain",
    b"new\nline",
    rb"new\012line",
    b"\n\n",
    b"\xff\xfe",
    b" a  b ",
    b"\t",
    b"live (deleted)",
    b"l" * 255,
]
DELETED = [b"gone", b"gone (deleted)", b"go\nne"]

# Every permission, mappings side by side and apart, and memory without a path.
_MEMORY = """
address = libc.mmap(None, 32 * PAGE, 0, PRIVATE | ANONYMOUS, -1, 0)
for page in range(0, 16):
    libc.mprotect(address + 2 * page * PAGE, PAGE, page % 8)
    libc.munmap(address + (2 * page + 1) * PAGE, PAGE * (page % 3 == 0))
libc.mmap(None, PAGE, 3, SHARED | ANONYMOUS, -1, 0)
map_file('/dev/shm/procmaps-test', SHARED, 4 * PAGE, 3)
os.unlink('/dev/shm/procmaps-test')
memory = os.memfd_create('a\\nb c'); os.truncate(memory, PAGE)
libc.mmap(None, PAGE, 3, SHARED, memory, 0)
zero = os.open('/dev/zero', os.O_RDWR)
libc.mmap(None, PAGE, 3, PRIVATE, zero, 0)
"""

# What a kernel may have been built without, or may not allow: PR_SET_VMA_ANON_NAME,
# System V memory, huge pages that are not reserved, memfd_secret(2), io_uring.
_OPTIONAL = """
for flags in (PRIVATE, SHARED):
    named = libc.mmap(None, 3 * PAGE, 3, flags | ANONYMOUS, -1, 0)
    libc.prctl(0x53564d41, 0, ctypes.c_ulong(named), ctypes.c_ulong(PAGE), b'odd: name')
libc.shmat.restype = ctypes.c_void_p
segment = libc.shmget(0x7ead0c0b, PAGE, 0o1600)
libc.shmat(segment, None, 0)
libc.shmctl(segment, 0, None)
libc.mmap(None, 2**21, READ, PRIVATE | ANONYMOUS | 0x40000 | 0x4000, -1, 0)
secret = libc.syscall(447, 0)
if secret >= 0:
    os.truncate(secret, PAGE)
    libc.mmap(None, PAGE, READ, SHARED, secret, 0)
ring = libc.syscall(425, 1, ctypes.create_string_buffer(120))
if ring >= 0:
    libc.mmap(None, PAGE, 3, SHARED, ring, 0)
"""

_DEEP = """
os.chdir(directory)
for _ in range(20):
    os.mkdir('d' * 250); os.chdir('d' * 250)
map_file('deep'); os.chdir('/')
"""

# Mounts that only the target sees: files that were mapped through a bind mount and
# through an overlay over two file systems.
_MOUNTS = """
os.chdir(directory)
result = libc.unshare(0x20000)  # CLONE_NEWNS
result |= libc.mount(None, b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
for name in ("a", "b", "merged", "bound"):
    os.mkdir(name)
for name in ("a", "b"):
    result |= libc.mount(b"tmpfs", name.encode(), b"tmpfs", 0, None)
for name in ("a/lower", "b/upper", "b/work"):
    os.mkdir(name)
with open("a/lower/file", "wb") as file:
    file.write(bytes(PAGE))
options = b"lowerdir=a/lower,upperdir=b/upper,workdir=b/work"
result |= libc.mount(b"overlay", b"merged", b"overlay", 0, options)
result |= libc.mount(b"a/lower", b"bound", None, 0x1000, None)  # MS_BIND
for path in ("merged/file", "bound/file"):
    file = os.open(path, os.O_RDONLY)
    libc.mmap(None, PAGE, READ, PRIVATE, file, 0)
"""

# A program that needs no library and waits.
_32_BIT_PROGRAM = """
void _start(void) {
    for (;;)
        __asm__ volatile("int $0x80" : : "a"(29));  /* pause(2) */
}
"""


def map_oddities(target: Target, directory: Path) -> None:
    """Let it map files of odd names in a directory, and memory of all kinds."""
    target.run(f"directory = {os.fsencode(directory)!r}")
    for name in NAMES:
        target.run(f"map_file(os.path.join(directory, {name!r}))")
    for name in DELETED:
        target.run(
            f"path = os.path.join(directory, {name!r}); map_file(path)\n"
            "map_file(path, SHARED); os.unlink(path)"
        )
    target.run(_MEMORY)
    target.run(_OPTIONAL)


def map_deep(target: Target, directory: Path) -> None:
    """Let it map a file whose name no buffer for one path can hold."""
    target.run(f"directory = {os.fsencode(directory)!r}")
    target.run(_DEEP)


def map_in_mounts(target: Target, directory: Path) -> bool:
    """Let it map files in mounts of its own; whether it may mount."""
    target.run(f"directory = {os.fsencode(directory)!r}")
    return bool(target.run(_MOUNTS) == 0)


def program_of_32_bits(directory: Path) -> Path:
    """Compile a program that waits; an error where the compiler makes none."""
    output = directory / "program"
    return compile_c(_32_BIT_PROGRAM, output, "-m32", "-nostdlib", "-static", "-no-pie")
