"""Every process asked the same: which answers come, and in what order."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import Map, Process
from support.children import wait_until
from support.gone import ANOTHER_PROGRAM
from support.target import Target, open_files

pytestmark = pytest.mark.needs_processes

THREADS = pytest.mark.parametrize("threads", [1, 2, 5])


class Raised(Exception):  # noqa: N818
    """What a function that reads raises in a test."""


@THREADS
def test_answers_come_in_the_order_of_the_pids(pids: list[int], threads: int) -> None:
    def slower_at_first(process: Process) -> int:
        time.sleep((len(pids) - pids.index(process.pid)) / 100)
        return -process.pid

    # In no order, and one twice.
    asked = [*pids[::-1], pids[0]]
    scan = procmaps.each_process(slower_at_first, asked, threads=threads)
    assert (scan.total, scan.done, scan.denied) == (len(pids), 0, [])
    assert iter(scan) is scan
    assert next(scan) == (pids[0], -pids[0])
    assert scan.done == 1
    assert list(scan) == [(pid, -pid) for pid in pids[1:]]
    assert (scan.total, scan.done, scan.denied) == (len(pids), len(pids), [])
    assert list(scan) == []


@THREADS
def test_all_processes(pids: list[int], threads: int) -> None:
    scan = procmaps.each_process(Process.rollup, threads=threads)
    answers = dict(scan)
    assert {*pids, os.getpid()} <= set(answers)
    assert list(answers) == sorted(answers)
    assert scan.total == scan.done >= len(answers) + len(scan.denied)
    for pid in pids:
        assert answers[pid].rss == procmaps.rollup(pid).rss


def test_only_what_has_no_memory_is_left_out() -> None:
    before = procmaps.pids()
    scan = procmaps.each_process(lambda _: None, before)
    answers = [pid for pid, _ in scan]
    left_out = {*before} - {*answers, *scan.denied}
    for pid in left_out & {*procmaps.pids()}:
        # The pages of its address space, of a kernel thread or a zombie.
        assert Path(f"/proc/{pid}/statm").read_text().startswith("0 ")


@THREADS
def test_the_process_is_closed_afterwards(pids: list[int], threads: int) -> None:
    files = open_files()
    scan = procmaps.each_process(lambda process: process, pids, threads=threads)
    assert [process.closed for _, process in scan] == [True] * len(pids)
    wait_until(lambda: open_files() == files)


@THREADS
def test_processes_that_have_ended_and_zombies_are_left_out(
    pids: list[int], threads: int
) -> None:
    with Target() as zombie, Target() as gone:
        zombie.become_zombie()
        gone.reap()
        asked = [*pids, zombie.pid, gone.pid, 2**31 - 1, 0, -1]
        scan = procmaps.each_process(Process.maps, asked, threads=threads)
        assert [pid for pid, _ in scan] == pids
    assert (scan.total, scan.done, scan.denied) == (len(asked), len(asked), [])


def test_whether_a_process_has_maps(pids: list[int]) -> None:
    with Process(pids[0]) as process:
        assert process.has_maps
    with Target() as target:
        with Process(target.pid) as process:
            target.become_zombie()
            assert process.has_maps
        with Process(target.pid) as process:
            assert not process.has_maps
    with pytest.raises(ValueError, match="closed"):
        process.has_maps  # noqa: B018


def end(target: Target) -> None:
    target.reap()


def execute_another_program(target: Target) -> None:
    assert target.run(ANOTHER_PROGRAM) == 1


@pytest.mark.parametrize("change", [end, execute_another_program])
def test_one_that_ends_while_it_is_read_is_left_out(change: Any) -> None:
    with Target() as target:

        def read_too_late(process: Process) -> list[Map]:
            change(target)
            return process.maps()

        scan = procmaps.each_process(read_too_late, [target.pid])
        assert list(scan) == []
    assert (scan.done, scan.denied) == (1, [])


def test_a_process_without_its_first_thread_is_asked() -> None:
    with Target(first_thread_ends=True) as target:
        ((pid, usage),) = procmaps.each_process(Process.rollup, [target.pid])
        assert (pid, bool(usage.rss)) == (target.pid, True)


@THREADS
def test_what_may_not_be_read_is_counted(pids: list[int], threads: int) -> None:
    def refuse(process: Process) -> int:
        if process.pid in pids[1::2]:
            raise PermissionError
        return process.pid

    scan = procmaps.each_process(refuse, pids, threads=threads)
    assert list(scan) == [(pid, pid) for pid in pids[::2]]
    assert scan.denied == pids[1::2]
    assert scan.done == scan.total


@THREADS
@pytest.mark.parametrize("kind", [Raised, KeyboardInterrupt, SystemExit, OSError])
def test_an_exception_ends_it_in_its_place(
    pids: list[int], threads: int, kind: type[BaseException]
) -> None:
    def fail_at_the_third(process: Process) -> int:
        if process.pid == pids[2]:
            raise kind("reason")
        return process.pid

    scan = procmaps.each_process(fail_at_the_third, pids, threads=threads)
    assert [next(scan)[0], next(scan)[0]] == pids[:2]
    with pytest.raises(kind, match="reason") as caught:
        next(scan)
    assert caught.traceback[-1].name == "fail_at_the_third"
    assert (list(scan), scan.done) == ([], 3)


def test_another_mount(pids: list[int]) -> None:
    proc = f"/proc/{os.getpid()}/root/proc"
    scan = procmaps.each_process(Process.maps, pids, proc=proc)
    assert dict(scan) == {pid: procmaps.from_pid(pid) for pid in pids}
    assert os.getpid() in dict(procmaps.each_process(lambda _: None, proc=proc))


def test_what_is_no_procfs(pids: list[int]) -> None:
    with pytest.raises(FileNotFoundError, match="Not a mount of procfs: '/dev'"):
        procmaps.each_process(Process.rollup, proc="/dev")
    scan = procmaps.each_process(Process.rollup, pids, proc="/dev")
    with pytest.raises(FileNotFoundError, match="Not a mount of procfs: '/dev'"):
        next(scan)


def test_arguments_of_other_types() -> None:
    wrong: Any = "rollup"
    with pytest.raises(TypeError, match=r"^read must be a function, not str$"):
        procmaps.each_process(wrong)
    with pytest.raises(TypeError, match="str"):
        procmaps.each_process(Process.rollup, wrong)
    with pytest.raises(TypeError, match="str"):
        procmaps.each_process(Process.rollup, threads=wrong)
    for threads in (0, -1):
        message = rf"^threads must be at least 1, not {threads}$"
        with pytest.raises(ValueError, match=message):
            procmaps.each_process(Process.rollup, threads=threads)
    with pytest.raises(OverflowError, match=r"^pid does not fit in 32 bits$"):
        list(procmaps.each_process(Process.rollup, [2**31]))


def test_at_run_time_it_is_generic() -> None:
    generic: Any = procmaps.ProcessScan[int]
    assert generic.__origin__ is procmaps.ProcessScan
