"""Files of every odd kind: the right maps or an error, in bounded memory and time."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.children import child, python
from support.helpers import raw_maps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

# Every byte of which a name can consist.
BYTES = [bytes([byte]) for byte in range(1, 256) if byte != ord("/")]


@contextlib.contextmanager
def mapped(path: bytes) -> Iterator[None]:
    """Map a new file into this process."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.truncate(file, mmap.PAGESIZE)
    with mmap.mmap(file, mmap.PAGESIZE, prot=mmap.PROT_READ):
        os.close(file)
        yield


def check_path(path: bytes, maps: list[procmaps.Map], lines: list[bytes]) -> None:
    """Check what is said of a mapped file, by the text and by the kernel."""
    escaped = path.replace(b"\n", rb"\012")
    (map_,) = [map_ for map_ in maps if os.fsencode(map_.pathname or "") == escaped]
    assert map_.path is not None
    assert os.fsencode(map_.path) == path
    assert (map_.kind, map_.is_deleted) == ("file", False)
    assert map_.inode == os.stat(path).st_ino  # noqa: PTH116
    (line,) = [line for line in lines if line.endswith(b" " + escaped)]
    assert os.fsencode(str(map_)) == line
    found = procmaps.find(os.getpid(), map_.begin_address)
    assert found is not None
    assert found.path == map_.path


def test_names_of_every_byte(tmp_path: Path) -> None:
    directory = os.fsencode(tmp_path)
    names = [b" %b (deleted)." % byte for byte in BYTES]
    # As long as a name can be, and not UTF-8.
    names.append(bytes(range(128, 255)) * 2)
    paths = [directory + b"/" + name for name in names]
    with contextlib.ExitStack() as stack:
        for path in paths:
            stack.enter_context(mapped(path))
        maps = procmaps.from_pid(os.getpid())
        lines = raw_maps().split(b"\n")
        for path in paths:
            check_path(path, maps, lines)


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
def test_many_maps(tmp_path: Path) -> None:
    """As many as vm.max_map_count lets a process have by default: 65,530."""
    program = """
        import ctypes, mmap, os, sys
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [
            ctypes.c_long]
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        base = libc.mmap(None, 70000 * mmap.PAGESIZE, 0, 0x4022, -1, 0)
        for page in range(1, 65000, 2):
            assert libc.mprotect(base + page * mmap.PAGESIZE, mmap.PAGESIZE, 1) == 0
        print(base, flush=True)
        sys.stdin.read()
    """
    with child(*python(program)) as process:
        base = int(process.line())
        space = procmaps.AddressSpace.from_pid(process.pid)
        raw = raw_maps(process.pid)
        assert "".join(f"{map_}\n" for map_ in space).encode() == raw
        copy = tmp_path / "maps"
        copy.write_bytes(raw)
        assert procmaps.from_path(copy) == list(space)
        with procmaps.Process(process.pid) as opened:
            for page in range(0, 64990, 997):
                address = base + page * mmap.PAGESIZE
                map_ = opened.find(address)
                assert map_ == space.find(address)
                assert map_ is not None
                assert map_.begin_address == address
                assert map_.is_readable is (page % 2 == 1)
    assert len(space) > 65000


BOUNDED = """
    import resource, sys, procmaps
    limit = int(open("/proc/self/statm").read().split()[0]) * 4096 + (96 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        procmaps.from_path(sys.argv[1])
    except Exception as error:
        status = open("/proc/self/status").read()
        print(type(error).__name__, status.split("VmHWM:")[1].split()[0])
"""


def bounded(path: str) -> tuple[str, int]:
    """Read a file in a process that has not much memory: the error, KiB at most."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BOUNDED), path],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    error, size = done.stdout.split()
    return error, int(size)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/dev/urandom"])
def test_devices_without_end(path: str) -> None:
    error, size = bounded(path)
    assert error == "ParseError"
    assert size < 40 << 10


def test_a_sparse_file_larger_than_memory(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 1 << 40)
    error, size = bounded(str(path))
    assert error == "ParseError"
    assert size < 40 << 10


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """Give a FIFO that always has text to read."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    line = b"1000-2000 r--p 00000000 00:00 0 /x\n"
    program = f"""
        import sys
        with open(sys.argv[1], "wb", buffering=0) as fifo:
            while True:
                fifo.write({line!r} * 1000)
    """
    with child(*python(program, path)):
        yield path


def test_text_without_end_takes_all_memory_that_is_allowed(endless: Path) -> None:
    error, _ = bounded(str(endless))
    assert error == "MemoryError"


def test_text_without_end_can_be_interrupted(endless: Path) -> None:
    class Interrupted(Exception):  # noqa: N818
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Interrupted):
            procmaps.from_path(endless)
    finally:
        signal.signal(signal.SIGALRM, before)


def line(number: int) -> str:
    """Return a line that is as long as every other."""
    return f"{number:012x}-{number + 1:012x} r--p 00000000 00:00 0 "


def test_a_file_that_grows_and_shrinks_while_it_is_read(tmp_path: Path) -> None:
    """What is read is a beginning of the file, cut anywhere."""
    path = tmp_path / "maps"
    text = "".join(f"{line(number)}\n" for number in range(20_000)).encode()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("wb", buffering=0) as file:
                for at in range(0, len(text), 99_991):
                    file.write(text[at : at + 99_991])
                    stop.wait(0.001)

    path.write_bytes(text)
    writer = threading.Thread(target=write)
    writer.start()
    lengths: set[int] = set()
    try:
        while len(lengths) < 10:
            lengths.add(check_beginning(path))
    finally:
        stop.set()
        writer.join()


def check_beginning(path: Path) -> int:
    try:
        maps = procmaps.from_path(path)
    except procmaps.ParseError as cut:
        error = cut
    else:
        assert [map_.begin_address for map_ in maps] == list(range(len(maps)))
        return len(maps)
    assert line(error.line_number - 1).startswith(error.line)
    return error.line_number
