"""Maps are shared between threads, and text is parsed by many at a time."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

import procmaps
from support.helpers import LINE, good_vectors
from support.live import PAGE, mapped

pytestmark = pytest.mark.not_on(
    "windows", "emulator", reason="starts many threads, and sends signals"
)

THREADS = 8
DOCUMENT = b"\n".join(vector.line for vector in good_vectors()) * 20
HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")

# Prints whether the lock is on before the package is imported, and after.
IMPORT = """\
import sys
is_on = getattr(sys, "_is_gil_enabled", lambda: True)
print(is_on())
import procmaps
print(is_on())
"""


def test_importing_leaves_the_gil_off_where_there_is_none() -> None:
    """An interpreter without the lock switches it on for a module that needs it."""
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", IMPORT],
        check=True,
        text=True,
        capture_output=True,
    )
    assert (done.stdout, done.stderr) == (f"{HAS_GIL}\n" * 2, "")


def test_all_that_tests_import_leaves_it_off_too() -> None:
    """Else threads would take turns here."""
    assert getattr(sys, "_is_gil_enabled", lambda: True)() is HAS_GIL


def test_many_threads_parse_the_same_text() -> None:
    document = bytearray(DOCUMENT)
    barrier = threading.Barrier(THREADS)

    def parse(_: int) -> list[procmaps.Map]:
        barrier.wait()
        return procmaps.from_bytes(document)

    expected = procmaps.from_bytes(DOCUMENT)
    with ThreadPoolExecutor(THREADS) as pool:
        for maps in pool.map(parse, range(THREADS)):
            assert maps == expected


def test_many_threads_use_the_same_maps() -> None:
    maps = procmaps.from_bytes(DOCUMENT)
    expected = ([hash(map_) for map_ in maps], sorted(maps), repr(maps))
    barrier = threading.Barrier(THREADS)

    def use(_: int) -> tuple[list[int], list[procmaps.Map], str]:
        barrier.wait()
        return [hash(map_) for map_ in maps], sorted(maps), repr(maps)

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(use, range(THREADS))) == [expected] * THREADS


def test_many_threads_use_the_same_address_space() -> None:
    space = procmaps.AddressSpace(
        procmaps.from_str(f"{1 + 2 * index:x}000-{2 + 2 * index:x}000 r--p 0 0:0 0")[0]
        for index in range(500)
    )
    maps = list(space)
    barrier = threading.Barrier(THREADS)

    def use(_: int) -> tuple[object, ...]:
        barrier.wait()
        return (
            [space.find(map_.begin_address) for map_ in space],
            [map_.end_address in space for map_ in space],
            [space.index(map_) for map_ in space],
            hash(space),
            pickle.loads(pickle.dumps(space)),
        )

    expected = (maps, [False] * 500, list(range(500)), hash(space), space)
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(use, range(THREADS))) == [expected] * THREADS


def test_a_buffer_that_another_thread_changes_is_read_as_a_copy() -> None:
    line = b"\n" + LINE.encode()
    document = bytearray(DOCUMENT)
    possible = [procmaps.from_bytes(DOCUMENT), procmaps.from_bytes(DOCUMENT + line)]
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            # A buffer that is being read can't be resized.
            with suppress(BufferError):
                document.extend(line)
            with suppress(BufferError):
                del document[len(DOCUMENT) :]

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for _ in range(20):
            assert procmaps.from_bytes(document) in possible
    finally:
        done.set()
        changer.join()


@pytest.mark.needs_processes
def test_a_process_that_changes_while_it_is_read() -> None:
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            with mapped(length=7 * PAGE), mapped(length=3 * PAGE):
                pass

    changers = [threading.Thread(target=change) for _ in range(2)]
    for changer in changers:
        changer.start()
    try:
        for _ in range(50):
            maps = procmaps.from_pid(os.getpid())
            assert "[stack]" in {map_.pathname for map_ in maps}
    finally:
        done.set()
        for changer in changers:
            changer.join()
