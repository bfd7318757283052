"""The threads of a scan: how many, how far ahead, and when they end."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest

import procmaps
from procmaps import Process, processes
from support.children import wait_until
from support.scans import reading_threads, wait_for_threads

pytestmark = pytest.mark.needs_processes


def test_threads_read_at_the_same_time(pids: list[int]) -> None:
    together = threading.Barrier(3, timeout=10)

    def meet(_: Process) -> str:
        together.wait()
        return threading.current_thread().name

    scan = procmaps.each_process(meet, pids, threads=3)
    assert {name for _, name in scan} == {"procmaps"}


def test_one_thread_is_the_callers_own(pids: list[int]) -> None:
    scan = procmaps.each_process(lambda _: threading.current_thread(), pids, threads=1)
    assert {thread for _, thread in scan} == {threading.current_thread()}


def test_by_default_there_are_as_many_as_processors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def default(processors: int) -> int:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
        return processes._default_threads()  # noqa: SLF001

    assert [default(number) for number in (1, 2, 8, 64)] == [1, 2, 8, 8]
    monkeypatch.delattr(os, "sched_getaffinity")
    assert 1 <= processes._default_threads() <= 8  # noqa: SLF001


def test_without_a_number_threads_come_when_reading_takes_long(
    pids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def read(process: Process) -> str:
        nonlocal now
        now += processes.QUICK * (100 if process.pid >= pids[2] else 0.5)
        return threading.current_thread().name

    monkeypatch.setattr(processes, "perf_counter", lambda: now)
    monkeypatch.setattr(processes, "_default_threads", lambda: 2)
    here = threading.current_thread().name
    # Only the third has shown that it takes long.
    expected = [here, here, here, "procmaps", "procmaps", "procmaps"]
    assert [name for _, name in procmaps.each_process(read, pids)] == expected
    quick = procmaps.each_process(read, pids[:2])
    assert {name for _, name in quick} == {here}


def test_nothing_is_read_before_it_is_asked_for(pids: list[int]) -> None:
    asked: list[int] = []
    scan = procmaps.each_process(lambda process: asked.append(process.pid), pids)
    assert (asked, reading_threads(), scan.done) == ([], [], 0)


class Answer:
    """A result that can be counted as long as someone keeps it."""


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_no_more_is_kept_than_a_few_for_each_thread(threads: int) -> None:
    asked = 0
    kept: weakref.WeakSet[Answer] = weakref.WeakSet()
    counting = threading.Lock()

    def read(_: Process) -> Answer:
        nonlocal asked
        answer = Answer()
        with counting:
            asked += 1
            kept.add(answer)
        return answer

    # No system has so many processes: this one stands for all.
    many = [os.getpid()] * 2_000
    scan: procmaps.ProcessScan[Answer] = procmaps.ProcessScan(
        processes._Scan(read, many, "/proc", threads)  # noqa: SLF001
    )
    ahead = 0 if threads == 1 else threads * processes.LOOK_AHEAD
    next(scan)
    wait_for_threads()
    assert max(1, ahead) <= asked <= 1 + ahead
    most = 0
    for _ in range(300):
        next(scan)
        with counting:
            most = max(most, len(kept))
    wait_for_threads()
    assert asked <= 301 + ahead
    # Those that wait, and the one that was just taken.
    assert most <= ahead + 1
    assert sum(1 for _ in scan) == len(many) - 301


def test_it_can_be_left_early(pids: list[int]) -> None:
    for _ in procmaps.each_process(Process.maps, pids, threads=3):
        break
    gc.collect()
    wait_for_threads()


LEFT_FOR_GOOD = """
import os, procmaps
scan = procmaps.each_process(procmaps.Process.maps, threads=3)
next(scan)
print("left")
"""


def test_a_program_can_end_in_the_middle() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_FOR_GOOD],
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == (b"left\n", b"")


INTERRUPTED = """
import procmaps, time

def slow(process):
    print(flush=True)
    time.sleep(4)

try:
    list(procmaps.each_process(slow, threads=THREADS))
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_is_answered_at_once(threads: int) -> None:
    code = INTERRUPTED.replace("THREADS", str(threads))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        for _ in range(threads):
            assert child.stdout.readline() == b"\n"
        interrupted = time.monotonic()
        child.send_signal(signal.SIGINT)
        answered = float(child.stdout.readline())
        assert child.wait(30) == 0
        # Before a thread has ended that reads.
        assert answered - interrupted < 3
        assert child.stdout.read() == b""


def test_where_no_thread_can_be_started_it_goes_on_in_this_one(
    pids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError

    monkeypatch.setattr(threading.Thread, "start", refuse)
    scan = procmaps.each_process(lambda _: threading.current_thread(), pids, threads=4)
    assert [thread for _, thread in scan] == [threading.current_thread()] * len(pids)


def test_where_only_one_thread_can_be_started_it_goes_on(
    pids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def start_one(thread: threading.Thread) -> None:
        if reading_threads():
            raise RuntimeError
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    scan = procmaps.each_process(Process.rollup, pids, threads=4)
    assert [pid for pid, _ in scan] == pids


def test_a_scan_in_a_scan(pids: list[int]) -> None:
    def rollups(_: Process) -> int:
        return len(list(procmaps.each_process(Process.rollup, pids, threads=2)))

    scan = procmaps.each_process(rollups, pids, threads=2)
    assert list(scan) == [(pid, len(pids)) for pid in pids]


def test_two_threads_can_not_take_from_it_at_once(pids: list[int]) -> None:
    go_on = threading.Event()
    scan = procmaps.each_process(lambda _: go_on.wait(10), pids, threads=2)
    taker = threading.Thread(target=next, args=[scan])
    taker.start()
    wait_until(lambda: bool(reading_threads()))
    with pytest.raises(ValueError, match="already executing"):
        next(scan)
    go_on.set()
    taker.join()
    assert scan.done == 1


def test_the_child_of_a_fork_can_not_go_on(pids: list[int]) -> None:
    scan = procmaps.each_process(Process.rollup, pids, threads=2)
    next(scan)
    child = os.fork()
    if child == 0:
        status = 2
        try:
            next(scan)
        except RuntimeError as error:
            status = 0 if "before a fork" in str(error) else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(scan)) == len(pids) - 1
