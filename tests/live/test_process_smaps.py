"""What a Process says about memory: smaps() and rollup() of the process it holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.children import forked_as, wait_until
from support.full_disk import PAGE, run_beside_disk
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    Question = Callable[[procmaps.Process], object]

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

ask = pytest.mark.parametrize(
    "ask", [procmaps.Process.smaps, procmaps.Process.rollup], ids=["smaps", "rollup"]
)


@pytest.mark.parametrize("first_thread_ends", [False, True])
def test_the_process_is_told_of(first_thread_ends: bool) -> None:
    with Target(first_thread_ends=first_thread_ends) as target:
        with procmaps.Process(target.pid) as process:
            usages = process.smaps()
            rollup = process.rollup()
            maps = process.maps()
        assert [usage.map for usage in usages] == maps
        assert len(usages) > 10
        assert procmaps.sum_usage(usages).anonymous == rollup.anonymous
        assert rollup.anonymous is not None
        assert rollup.anonymous > 2**20
        assert rollup.map.pathname == "[rollup]"
        assert rollup.anonymous == procmaps.rollup(target.pid).anonymous
        by_pid = procmaps.smaps_from_pid(target.pid)
        assert [usage.map for usage in by_pid] == maps


@ask
def test_a_process_that_has_ended_is_gone(ask: Question) -> None:
    with Target() as target, procmaps.Process(target.pid) as process:
        target.become_zombie()
        with pytest.raises(ProcessLookupError):
            ask(process)
        target.reap()
        with pytest.raises(ProcessLookupError) as caught:
            ask(process)
        assert caught.value.filename == f"/proc/{target.pid}/smaps"


@ask
def test_a_process_that_executes_another_program_is_gone(ask: Question) -> None:
    with Target() as target, procmaps.Process(target.pid) as process:
        program = Path(f"/proc/{target.pid}/cmdline")
        before = program.read_bytes()
        target.tell(f"os.execv({sys.executable!r}, ['python', '-c', 'input()'])")
        wait_until(lambda: program.read_bytes() != before)
        with pytest.raises(ProcessLookupError):
            ask(process)
        with procmaps.Process(target.pid) as again:
            ask(again)


@ask
def test_who_has_the_pid_later_is_not_told_of(ask: Question) -> None:
    with Target() as target, procmaps.Process(target.pid) as process:
        target.reap()
        with forked_as(target.pid):
            assert len(procmaps.smaps_from_pid(target.pid)) > 10
            with pytest.raises(ProcessLookupError):
                ask(process)


def test_a_process_without_maps_costs_nothing() -> None:
    with Target() as target:
        target.become_zombie()
        with procmaps.Process(target.pid) as process:
            assert process.smaps() == []
            assert process.rollup() == procmaps.sum_usage([])
            target.reap()
            for question in (process.smaps, process.rollup):
                with pytest.raises(ProcessLookupError):
                    question()


# A /proc as before Linux 4.14, which knows no smaps_rollup.
OLD_KERNEL = """
import os, sys, procmaps
os.mkdir("/proc/self"); os.mkdir("/proc/7")
with open("/proc/7/smaps", "wb") as smaps:
    smaps.write(sys.stdin.buffer.read())
try:
    print(procmaps.rollup(7))
except OverflowError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("rss", "answer"),
    [
        (
            2,
            procmaps.MemoryUsage(
                procmaps.Map(0x1000, 0x5000, "---p", pathname="[rollup]"),
                size=0x3000,
                rss=0x1800,
            ),
        ),
        (2**54 - 4, "the sum of rss does not fit in 64 bits"),
    ],
)
def test_where_the_kernel_does_not_add_up(rss: int, answer: object) -> None:
    smaps = (
        "1000-2000 r--p 00000000 00:00 0\nSize: 4 kB\nRss: 4 kB\nPss: 4 kB\n"
        f"3000-5000 rw-p 00000000 00:00 0\nSize: 8 kB\nRss: {rss} kB\n"
    )
    command = (sys.executable, "-c", OLD_KERNEL)
    done = run_beside_disk(Path("/proc"), 2 * PAGE, *command, input=smaps.encode())
    assert (done.stderr, done.stdout.decode()) == (b"", f"{answer}\n")
