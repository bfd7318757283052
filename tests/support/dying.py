"""Programs that print their maps and die, and the core files that they leave.

The kernel writes a core file where core_pattern and the limit allow it; nothing
global is changed for it.
"""

from __future__ import annotations

import resource
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Prints its maps, then dies in crash(), or waits for who asks for its core.
PROGRAM = """
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static char text[1 << 16];
char zeros[300000];

void crash(void) { *(volatile int *)zeros = 1; __builtin_trap(); }

static void *last(void *act) {
    int maps = open("/proc/self/maps", O_RDONLY);
    for (long size; (size = read(maps, text, sizeof text)) > 0;)
        if (write(1, text, size) != size) exit(1);
    close(maps), close(1);
    switch (*(char *)act) {
    case 'a': abort();
    case 'c': crash();
    default: for (;;) pause();
    }
}

int main(int count, char **words) {
    (void)count;
    *(volatile char *)malloc(1000) = 1;
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    pthread_t thread;
    if (words[1][1] == 't' && pthread_create(&thread, 0, last, words[1]) == 0)
        for (;;) pause();
    last(words[1]);
}
"""

# The same with 32 bits, which takes no library and no header that may not be there.
PROGRAM_32 = """
static char text[1 << 16];

static long call(long number, long a, const void *b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

void crash(void) { *(volatile int *)text = 1; __builtin_trap(); }

void _start(void) {
    long maps = call(5, (long)"/proc/self/maps", 0, 0);
    for (long size; (size = call(3, maps, text, sizeof text)) > 0;)
        call(4, 1, text, size);
    crash();
}
"""


class Death(NamedTuple):
    """A core file, and the maps that the process printed just before."""

    core: Path
    maps: bytes
    pid: int


# Lets the kernel write core files as large as they get.
UNLIMITED = ("sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', "sh")


def needs_kernel_cores() -> None:
    """Skip the test where the kernel writes no core file into the working directory."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern.startswith("|") or "/" in pattern or not pattern:
        pytest.skip(f"core_pattern is {pattern!r}")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("the hard limit of core files is 0")


def die(program: Path, act: str, *wrapper: str) -> Death:
    """Run a program until it dies, in a new directory beside it."""
    needs_kernel_cores()
    directory = Path(tempfile.mkdtemp(dir=program.parent))
    process = subprocess.Popen(
        [*UNLIMITED, *wrapper, str(program), act],
        cwd=directory,
        stdout=subprocess.PIPE,
    )
    with process:
        maps = process.communicate(timeout=60)[0]
    assert process.returncode < 0
    (core,) = directory.iterdir()
    return Death(core, maps, process.pid)


def gcore(program: Path, act: str) -> Death:
    """Let gdb write a core file of a program that waits."""
    if shutil.which("gcore") is None:
        pytest.skip("gcore is not installed")
    directory = Path(tempfile.mkdtemp(dir=program.parent))
    process = subprocess.Popen([str(program), act], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        maps = process.stdout.read()
        command = ["gcore", "-o", str(directory / "core"), str(process.pid)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    finally:
        process.kill()
        process.communicate()
    (core,) = directory.iterdir()
    return Death(core, maps, process.pid)


class Thread(NamedTuple):
    """What a core file says of a thread."""

    tid: int
    program_counter: int
    stack_pointer: int


# struct elf_prstatus: where the thread's number and the registers begin, and which of
# them are the two; by machine.
REGISTERS = {62: (32, 112, 16, 19), 3: (24, 72, 12, 15), 183: (32, 112, 32, 31)}


def threads(core: Path) -> list[Thread]:
    """Read the registers of all threads, that of the crash first."""
    content = core.read_bytes()
    assert content[5] == 1
    is_64 = content[4] == 2
    (machine,) = struct.unpack_from("<H", content, 18)
    if machine not in REGISTERS:
        pytest.skip(f"the registers of machine {machine} are not known")
    tid_at, registers_at, *numbers = REGISTERS[machine]
    found = []
    for kind, note in _notes(content, is_64=is_64):
        if kind == 1:
            (tid,) = struct.unpack_from("<I", note, tid_at)
            word = "<Q" if is_64 else "<I"
            places = [
                registers_at + number * struct.calcsize(word) for number in numbers
            ]
            found.append(
                Thread(tid, *(struct.unpack_from(word, note, at)[0] for at in places))
            )
    return found


def _notes(content: bytes, *, is_64: bool) -> Iterator[tuple[int, bytes]]:
    table, entry, count = struct.unpack_from(
        "<32xQ14xHH" if is_64 else "<28xI10xHH", content
    )
    for number in range(count):
        form = "<I4xQ16xQ" if is_64 else "<II8xI"
        kind, at, size = struct.unpack_from(form, content, table + number * entry)
        end = at + size
        while kind == 4 and at < end:
            owner, length, kind_of_note = struct.unpack_from("<III", content, at)
            start = at + 12 + (owner + 3) // 4 * 4
            yield kind_of_note, content[start : start + length]
            at = start + (length + 3) // 4 * 4
