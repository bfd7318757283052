"""The threads of a process that is asked, and the threads that ask it."""

from __future__ import annotations

import random
import threading

import pytest

import procmaps
from support.children import wait_until
from support.gone import ANOTHER_PROGRAM, assert_gone, first_file, lines_of
from support.target import PAGE, WAYS, Target, maps_lines, open_files

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

query = pytest.mark.parametrize("query", WAYS)


@query
def test_a_living_thread_is_read_when_the_first_has_ended(query: bool) -> None:
    with Target(first_thread_ends=True) as target:
        assert target.lines() == []
        (tid,) = target.threads() - {target.pid}
        lines = maps_lines(tid)
        assert len(lines) > 20
        assert lines_of(procmaps.from_pid(target.pid)) == lines
        with procmaps.Process(target.pid, query=query) as process:
            assert process.is_query_supported is query
            assert lines_of(process.maps()) == lines
            for line in lines:
                address = int(line.partition("-")[0], 16)
                assert str(process.find(address)) == line
                assert str(procmaps.find(target.pid, address)) == line
            map_ = first_file(process.maps())
            with process.open(map_) as file:
                assert file.read(4) == b"\x7fELF"
            target.become_zombie()
            assert_gone(process, map_)
        assert procmaps.from_pid(target.pid) == []


@query
def test_a_thread_takes_over_from_one_that_has_ended(query: bool) -> None:
    with Target(first_thread_ends=True) as target:
        (first,) = target.threads() - {target.pid}
        with procmaps.Process(target.pid, query=query) as process:
            before = process.maps()
            # serve() goes on in a second thread, and the first one returns.
            target.tell("threading.Thread(target=serve).start(); sys.exit()")
            target.run("pass")
            wait_until(lambda: first not in target.threads())
            (second,) = target.threads() - {target.pid}
            assert lines_of(process.maps()) == maps_lines(second)
            assert {map_.path for map_ in before} <= {m.path for m in process.maps()}
            assert process.find(before[0].begin_address) == before[0]
            with process.open(first_file(before)) as file:
                assert file.read(4) == b"\x7fELF"
            assert target.run(ANOTHER_PROGRAM) == 1
            assert_gone(process, before[0])


@query
def test_the_first_thread_ends_after_the_process_was_opened(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        before = process.maps()
        map_ = first_file(before)
        build_id = process.build_id(map_.begin_address)
        assert build_id is not None
        target.tell("threading.Thread(target=serve).start(); libc.pthread_exit(None)")
        target.run("pass")
        wait_until(lambda: target.state() == "Z")
        (tid,) = target.threads() - {target.pid}
        assert lines_of(process.maps()) == maps_lines(tid)
        assert len(process.smaps()) == len(maps_lines(tid))
        assert process.find(map_.begin_address) == map_
        assert process.build_id(map_.begin_address) == build_id
        with process.open(map_) as file:
            assert file.read(4) == b"\x7fELF"
        assert target.run(ANOTHER_PROGRAM) == 1
        assert_gone(process, map_)


def test_descriptors_after_threads_have_changed() -> None:
    before = open_files()
    for _ in range(3):
        test_a_thread_takes_over_from_one_that_has_ended(query=False)
    assert open_files() == before


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@query
def test_many_threads_share_a_process_that_changes(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        address = target.run("result = libc.mmap(None, 64 * PAGE, 0, 34, -1, 0)")
        change = (
            "for _ in range(2000):\n"
            f"    libc.mprotect({address} + 8 * PAGE, 8 * PAGE, 1)\n"
            f"    libc.mprotect({address} + 8 * PAGE, 8 * PAGE, 0)\n"
        )
        # What this takes of the heap it has from now on.
        target.run(change)
        steady = set()
        for line in target.lines():
            begin, end = (int(field, 16) for field in line.split()[0].split("-"))
            if not begin <= address < end:
                steady.add(line)
        begins = [int(line.partition("-")[0], 16) for line in steady]
        target.tell(change)
        wrong: list[object] = []

        def listen() -> None:
            for _ in range(150):
                maps = process.maps()
                wrong.extend(steady - {str(map_) for map_ in maps})
                for map_ in maps:
                    inside = address <= map_.begin_address < address + 64 * PAGE
                    if not inside and str(map_) not in steady:
                        wrong.append(map_)
                begin = random.choice(begins)
                found = process.find(begin)
                if str(found) not in steady or found != process.find_next(begin):
                    wrong.append(found)

        threads = [threading.Thread(target=listen) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
