"""Each allocation of some size fails in turn: an answer or a MemoryError, no more.

docs/security.md says what is left out: Rust's standard library ends the process there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support.c_code import compile_c
from support.helpers import TESTS

pytestmark = pytest.mark.not_on(
    "elsewhere",
    "musl",
    "emulator",
    "pypy",
    reason="replaces the allocator of the GNU C library",
)

# In bytes. All that is less is bounded, whatever the text.
LEAST = 4096

PROGRAM = """
    import ctypes, json, mmap, os, struct, sys, procmaps
    sys.path.insert(0, sys.argv[3])
    from support import core_composer

    library = ctypes.CDLL(None)
    begin, end = library.no_memory_begin, library.no_memory_end
    begin.argtypes = [ctypes.c_long, ctypes.c_size_t, ctypes.c_int]

    line = b"%x-%x r--p 0 8:1 7 /lib/%d\\n"
    ranges = [(number << 12, number + 1 << 12) for number in range(1, 3000)]
    names = b"".join(line % (*range_, range_[0] // 8192) for range_ in ranges)
    alike = b"".join(line % (*range_, 7) for range_ in ranges)
    overlapping = b"".join(line % (a, b + 9999, 7) for a, b in ranges)
    usages = b"".join(
        line % (*range_, number) + b"Rss: 4 kB\\nNew%d: x\\nVmFlags: rd %04d\\n"
        % (number, number)
        for number, range_ in enumerate(ranges[:1000])
    )
    long_name = b"1-2 r--p 0 8:1 7 /" + b"x\\\\012" * 200_000
    long_field = b"1-2 r--p 0 8:1 7 /x\\nNew: " + b"N" * 100_000 + b"\\nVmFlags: "
    long_field += b"rd " * 50_000
    repeated = b"1-2 r--p 0 8:1 7 /x\\n" + (b"N" * 100_000 + b": 4 kB\\n") * 2
    path = sys.argv[2]
    with open(path, "wb") as file:
        file.write(names)
    core_path = path + ".core"
    loads = [core_composer.Load(*range_) for range_ in ranges]
    files = [core_composer.File(*range_, b"/lib/%d" % range_[0]) for range_ in ranges]
    with open(core_path, "wb") as file:
        notes = [core_composer.files_note(core_composer.FORM, files)]
        file.write(core_composer.compose(loads, notes))
    maps = procmaps.from_bytes(names)
    space = procmaps.AddressSpace(maps)
    sparse = procmaps.AddressSpace(maps[::2])
    costs = procmaps.smaps_from_bytes(usages)
    (long_map,) = procmaps.from_bytes(long_name)
    long_cost = procmaps.MemoryUsage(long_map)
    process = procmaps.Process(os.getpid())
    by_text = procmaps.Process(os.getpid(), query=False)

    # A mapped ELF file whose name is as long as can be, with a mebibyte of notes.
    os.chdir(os.path.dirname(path))
    there = len(os.fsencode(os.getcwd()))
    while there < 3800:
        directory = "n\\n" * 100
        os.mkdir(directory)
        os.chdir(directory)
        there += 201
    other = struct.pack("=III4s", 4, 1_000_000, 9, b"GNU") + bytes(1_000_000)
    notes = other + struct.pack("=III4s", 4, 5000, 3, b"GNU") + bytes(5000)
    order = 1 if sys.byteorder == "little" else 2
    with open("elf", "w+b") as file:
        file.write(b"\\x7fELF" + bytes([2, order, 1]) + bytes(9))
        header = (3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        file.write(struct.pack("=HHIQQQIHHHHHH", *header))
        segment = (4, 4, 120, 0, 0, len(notes), len(notes), 4)
        file.write(struct.pack("=IIQQQQQQ", *segment) + notes)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 4096, access=mmap.ACCESS_READ)
        inode = os.fstat(file.fileno()).st_ino
    (elf,) = [map_ for map_ in process.maps() if map_.inode == inode]
    assert len(process.build_id(elf.begin_address)) == 5000
    there = elf.begin_address

    calls = {
        "names": lambda: procmaps.from_bytes(names),
        "alike": lambda: procmaps.from_bytes(alike),
        "text": lambda: procmaps.from_str(names.decode()),
        "text of bytes": lambda: procmaps.from_str(names.decode() + "\\udc80"),
        "a buffer": lambda: procmaps.from_bytes(bytearray(names)),
        "a file": lambda: procmaps.from_path(path),
        "a core file": lambda: procmaps.from_core(core_path),
        "to_bytes": lambda: space.to_bytes(),
        "bytes": lambda: bytes(long_map),
        "lines among others": lambda: procmaps.from_bytes(names, errors="skip"),
        "a process": lambda: procmaps.from_pid(os.getpid()),
        "a long name": lambda: procmaps.from_bytes(long_name),
        "a long name of bytes": lambda: procmaps.from_bytes(long_name + b"\\xff"),
        "a bad line": lambda: procmaps.from_bytes(b"x" * 1_000_000),
        "smaps": lambda: procmaps.smaps_from_bytes(usages),
        "a long field": lambda: procmaps.smaps_from_bytes(long_field),
        "a repeated field": lambda: procmaps.smaps_from_bytes(repeated),
        "smaps of a process": lambda: procmaps.smaps_from_pid(os.getpid()),
        "rollup": lambda: procmaps.rollup(os.getpid()),
        "sum_usage": lambda: procmaps.sum_usage(costs),
        "sum_usage_by": lambda: procmaps.sum_usage_by(costs, "pathname"),
        "AddressSpace": lambda: procmaps.AddressSpace(maps),
        "not in order": lambda: procmaps.AddressSpace(maps[::-1]),
        "overlaps": lambda: procmaps.AddressSpace.from_bytes(overlapping),
        "a slice": lambda: space[1:],
        "overlapping": lambda: space.overlapping(0, 1 << 40),
        "gaps": lambda: sparse.gaps(),
        "find_many": lambda: space.find_many(range(0, 1 << 24, 4096)),
        "Process.maps": lambda: process.maps(),
        "repr": lambda: repr(long_map),
        "repr of a usage": lambda: repr(long_cost),
        "str": lambda: str(long_map),
        "replace": lambda: long_map.replace(inode=3),
        "find": lambda: process.find(there),
        "find_next in text": lambda: by_text.find_next(there),
        "find once": lambda: procmaps.find(os.getpid(), there),
        "build_id": lambda: process.build_id(there),
        "build_id in text": lambda: by_text.build_id(there),
        "open": lambda: process.open(elf).close(),
        "open a long name": lambda: process.open(long_map),
    }

    def answer(call, after, only_one):
        begin(after, int(sys.argv[1]), only_one)
        try:
            call()
        except BaseException as error:
            name = type(error).__name__
        else:
            name = "answer"
        return name, end()

    for name, call in calls.items():
        # What is made once for all is made by now: the regex of the grammar.
        answer(call, 1 << 30, 0)
        answers = []
        for only_one in (0, 1):
            after, failures = 0, 1
            while failures:
                found, failures = answer(call, after, only_one)
                answers.append(found)
                after += 1
        print(json.dumps([name, answers]), flush=True)
"""

REFUSED = {
    "a bad line": "ParseError",
    "a repeated field": "ParseError",
    "text of bytes": "ParseError",
    "open a long name": "FileNotFoundError",
}


def test_every_allocation_fails_in_turn(tmp_path: Path) -> None:
    source = (Path(__file__).parent / "no_memory.c").read_text(encoding="ascii")
    library = compile_c(source, tmp_path / "no_memory.so", "-shared", "-O1")
    done = subprocess.run(
        [
            *(sys.executable, "-c", textwrap.dedent(PROGRAM)),
            *(str(LEAST), str(tmp_path / "maps"), str(TESTS)),
        ],
        env={**os.environ, "LD_PRELOAD": str(library), "RUST_BACKTRACE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-200:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == 40
    failed = 0
    for name, answers in told:
        good = REFUSED.get(name, "answer")
        # With all of its memory, each call has its answer at last.
        assert answers[-1] == good, name
        assert set(answers) <= {good, "MemoryError"}, name
        failed += answers.count("MemoryError")
    assert failed > 300
