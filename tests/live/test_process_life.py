"""The process changes, executes another program, ends: answers of one moment."""

from __future__ import annotations

import random
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

import procmaps
from support.children import forked_as, wait_until
from support.gone import ANOTHER_PROGRAM, assert_gone, first_file, lines_of
from support.target import PAGE, WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

_Answer = TypeVar("_Answer")
query = pytest.mark.parametrize("query", WAYS)
# Mappings with a name are asked for one by one, those without are read as text.
flags = pytest.mark.parametrize("flags", ["PRIVATE", "SHARED"])


def _until_gone(ask: Callable[[], _Answer]) -> _Answer | None:
    try:
        return ask()
    except ProcessLookupError:
        return None


@query
def test_a_process_that_has_ended_is_gone(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        map_ = first_file(process.maps())
        target.become_zombie()
        assert_gone(process, map_)
        target.reap()
        assert_gone(process, map_)


@query
def test_another_program_is_another_address_space(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        map_ = first_file(process.maps())
        assert target.run(ANOTHER_PROGRAM) == 1
        assert_gone(process, map_)
        with procmaps.Process(target.pid, query=query) as another:
            assert lines_of(another.maps()) == target.lines()
            assert first_file(another.maps()).path != map_.path


@query
def test_a_pid_that_another_process_has_by_now(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        map_ = first_file(process.maps())
        pid = target.pid
        target.reap()
        with forked_as(pid):
            assert procmaps.from_pid(pid) != []
            assert_gone(process, map_)


@query
def test_a_zombie_has_no_maps(query: bool) -> None:
    with Target() as target:
        target.become_zombie()
        assert procmaps.from_pid(target.pid) == []
        assert procmaps.find(target.pid, 0) is None
        with procmaps.Process(target.pid, query=query) as process:
            assert process.maps() == []
            assert process.find(0x1000) is None
            assert process.find_next(0) is None
            assert process.find_next(2**64 - PAGE) is None
            assert process.build_id(0) is None
            target.reap()
            with pytest.raises(ProcessLookupError):
                process.maps()
            with pytest.raises(ProcessLookupError):
                process.find(0x1000)


@query
def test_a_kernel_thread_has_no_maps(query: bool) -> None:
    pid = 2
    comm = Path(f"/proc/{pid}/comm")
    if not comm.exists() or comm.read_text() != "kthreadd\n":
        pytest.skip("no kernel thread in this namespace")
    assert procmaps.from_pid(pid) == []
    with procmaps.Process(pid, query=query) as process:
        assert process.maps() == []
        assert process.find(0x1000) is None
        assert process.find_next(0) is None


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@query
@flags
def test_the_end_of_a_process_never_cuts_a_list_short(flags: str, query: bool) -> None:
    """A kill in the midst of a listing looks like its end."""
    for _ in range(8):
        with Target() as target, procmaps.Process(target.pid, query=query) as process:
            target.run(f"map_many(3000, {flags})")
            whole = len(target.lines())
            timer = threading.Timer(random.uniform(0.002, 0.01), target.kill)
            timer.start()
            while (maps := _until_gone(process.maps)) is not None:
                assert len(maps) == whole
            timer.join()


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@flags
def test_the_end_of_a_process_never_cuts_from_pid_short(flags: str) -> None:
    for _ in range(8):
        with Target() as target:
            target.run(f"map_many(3000, {flags})")
            whole = len(target.lines())
            timer = threading.Timer(random.uniform(0.002, 0.01), target.kill)
            timer.start()
            while (maps := procmaps.from_pid(target.pid)) != []:
                assert len(maps) == whole
            wait_until(lambda: target.state() == "Z")
            timer.join()


@query
def test_a_process_is_killed_between_two_questions(query: bool) -> None:
    for _ in range(10):
        with Target() as target, procmaps.Process(target.pid, query=query) as process:
            first = process.maps()[0]
            timer = threading.Timer(random.uniform(0, 0.005), target.kill)
            timer.start()
            find = partial(process.find, first.begin_address)
            while (found := _until_gone(find)) is not None:
                assert found == first
            with pytest.raises(ProcessLookupError):
                process.find_next(0)
            timer.join()


def test_programs_that_follow_each_other(tmp_path: Path) -> None:
    """Each list is that of one program, whole, while a script executes itself."""
    script = tmp_path / "script"
    script.write_text('[ $1 -gt 0 ] || exec sleep 60; exec sh "$0" $(($1 - 1))')
    with Target() as target:
        program = Path(f"/proc/{target.pid}/exe")
        python = program.readlink()
        target.tell(f"os.execv('/bin/sh', ['sh', {str(script)!r}, '300'])")
        wait_until(lambda: program.readlink() != python)
        lists = 0
        while program.readlink().name != "sleep":
            names = [map_.pathname for map_ in procmaps.from_pid(target.pid)]
            # At its very start a program has its stack alone, not yet named so.
            assert "[stack]" in names or names in ([None], [None, "[vsyscall]"])
            lists += 1
        assert lists > 0
