"""What a listing asks of the system: no probe, and no read that isn't needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from support.target import WAYS, Target

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on("pypy", "musl", reason="its program makes other system calls"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there"),
    pytest.mark.skipif(True not in WAYS, reason="the kernel has no ioctl"),
]

PROGRAM = """
import os, sys, procmaps
pid = int(sys.argv[1])
for statement in sys.argv[2:]:
    os.getpgid(pid)
    exec(statement)
os.getpgid(pid)
"""

# What the allocator asks for, and what a debug build checks.
OTHERS = {"brk", "mmap", "munmap", "mremap", "madvise", "fcntl"}


def calls_of(pid: int, *statements: str) -> list[list[str]]:
    """Return the system calls that each statement makes, in a program of its own."""
    command = [sys.executable, "-c", PROGRAM, str(pid), *statements]
    traced = subprocess.run(
        ["strace", "-o", "/dev/stderr", *command], stderr=subprocess.PIPE, check=True
    )
    text = traced.stderr.decode()
    parts = re.split(rf"^getpgid\({pid}\) .*\n", text, flags=re.MULTILINE)
    assert len(parts) == len(statements) + 2
    names = [
        [line.partition("(")[0] for line in part.splitlines()] for part in parts[1:-1]
    ]
    return [[call for call in calls if call not in OTHERS] for calls in names]


def test_a_list() -> None:
    with Target() as target:
        maps = len(target.lines())
        text, queries = calls_of(target.pid, *["procmaps.from_pid(pid)"] * 2)
    # The text tells whether there is a [vsyscall], once; its first line is read anew
    # when all was, which tells that it was not cut short by the end of the process.
    if os.uname().machine == "x86_64":
        assert text[0] in {"open", "openat"}
        assert set(text[1:-2]) == {"read"}
        assert text[-2:] == ["pread64", "close"]
        # All but [vsyscall], which need not be there, and the end.
        assert queries.count("ioctl") in {maps, maps + 1}
    else:
        assert text == queries
        assert queries.count("ioctl") == maps + 1
    assert queries[0] in {"open", "openat"}
    assert set(queries[1:-1]) == {"ioctl"}
    assert queries[-1] == "close"


def test_a_filtered_list() -> None:
    with Target() as target:
        (found,) = calls_of(
            target.pid, "procmaps.from_pid(pid, executable=True, file_backed=True)"
        )
        lines = [line.split() for line in target.lines()]
        code = [line for line in lines if "x" in line[1] and line[3] != "00:00"]
    assert found[0] in {"open", "openat"}
    assert found[1:-1] == ["ioctl"] * (len(code) + 1)
    assert found[-1] == "close"


def test_one_map() -> None:
    with Target() as target:
        begin = int(target.lines()[0].partition("-")[0], 16)
        calls = calls_of(
            target.pid,
            f"procmaps.find(pid, {begin})",
            "process = procmaps.Process(pid)",
            f"process.find({begin})",
            "procmaps.from_pid(pid)",
            "process.find_next(2**64 - 1)",
        )
    once, opened, held, _, last = calls
    assert once[1:] == ["ioctl", "close"]
    # One query tells whether there are maps, and whether the kernel answers queries;
    # the others read stat, which tells of vfork(2).
    assert opened.count("ioctl") == 1
    assert "read" not in opened
    assert held == ["ioctl"]
    # That there is nothing, and whether it is a program of 64 bits with a [vsyscall].
    assert set(last) == {"ioctl"}
