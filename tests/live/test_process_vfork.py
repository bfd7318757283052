"""A process that shares its address space with another one, until it executes."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support import seccomp
from support.c_code import compile_c
from support.children import Child, child, in_fork, wait_until
from support.gone import QUESTIONS, assert_gone, first_file, lines_of
from support.target import WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on("pypy", reason="what a child of its fork runs was not tried"),
]
query = pytest.mark.parametrize("query", WAYS)


class Lender:
    """The program in lender.c, and the process that it lends its memory or is lent."""

    def __init__(self, program: Child, word: str) -> None:
        self.program = program
        self.pid = program.pid
        self.tell = program.tell
        self.other = self.hear(word)

    def hear(self, word: str) -> int:
        """Wait for a line of a word and a number, and return that."""
        heard, number = self.program.line().split()
        assert heard == word
        return int(number)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = (Path(__file__).parent / "lender.c").read_text(encoding="ascii")
    return compile_c(source, tmp_path_factory.mktemp("lender") / "lender")


@pytest.fixture
def lender(program: Path) -> Iterator[Lender]:
    with child(program, "vfork") as parent:
        lender = Lender(parent, "child")
        try:
            yield lender
        finally:
            # By the parent's hand if it lives, else by its own.
            with contextlib.suppress(ProcessLookupError):
                os.kill(lender.other, signal.SIGKILL)


def _executes(pid: int, name: str) -> bool:
    return Path(f"/proc/{pid}/exe").readlink().name == name


def _assert_gone_in_all(process: procmaps.Process, map_: procmaps.Map) -> None:
    assert_gone(process, map_)
    for ask in (process.smaps, process.rollup):
        with pytest.raises(ProcessLookupError):
            ask()


def _assert_answers(process: procmaps.Process, lines: list[str]) -> None:
    assert lines_of(process.maps()) == lines
    assert lines_of([cost.map for cost in process.smaps()]) == lines
    map_ = first_file(process.maps())
    for ask in QUESTIONS.values():
        answer = ask(process, map_)
        if isinstance(answer, io.BufferedReader):
            answer.close()


def _maps(pid: int) -> list[str]:
    return lines_of(procmaps.from_pid(pid))


@query
def test_a_child_that_executes_is_another_address_space(
    query: bool, lender: Lender
) -> None:
    pid = lender.other
    with (
        procmaps.Process(pid, query=query) as process,
        procmaps.Process(lender.pid, query=query) as parent,
    ):
        lines = _maps(pid)
        _assert_answers(process, lines)
        _assert_answers(parent, lines)
        map_ = first_file(process.maps())
        lender.tell("execute")
        assert lender.hear("released") == pid
        _assert_gone_in_all(process, map_)
        _assert_answers(parent, lines)
        wait_until(lambda: _executes(pid, "sleep"))
        with procmaps.Process(pid, query=query) as another:
            _assert_answers(another, _maps(pid))
            os.kill(pid, signal.SIGKILL)
            lender.tell("reap")
            assert lender.hear("reaped") == pid
            _assert_gone_in_all(another, map_)
            _assert_gone_in_all(process, map_)
        _assert_answers(parent, lines)


@query
def test_a_child_that_ends_has_no_address_space(query: bool, lender: Lender) -> None:
    with procmaps.Process(lender.other, query=query) as process:
        map_ = first_file(process.maps())
        lender.tell("exit")
        lender.hear("released")
        _assert_gone_in_all(process, map_)
        lender.tell("reap")
        lender.hear("reaped")
        _assert_gone_in_all(process, map_)


@query
def test_a_child_whose_parent_ends_has_its_address_space(
    query: bool, lender: Lender
) -> None:
    with procmaps.Process(lender.other, query=query) as process:
        lines = _maps(lender.other)
        lender.program.process.kill()
        lender.program.process.wait()
        _assert_answers(process, lines)
        map_ = first_file(process.maps())
        lender.tell("execute")
        wait_until(lambda: _executes(lender.other, "sleep"))
        _assert_gone_in_all(process, map_)


@query
def test_a_child_of_a_fork_has_an_address_space_of_its_own(query: bool) -> None:
    with Target() as target:
        pid = target.run(
            "result = os.fork()\nif result == 0:\n    import time; time.sleep(60)"
        )
        try:
            with procmaps.Process(pid, query=query) as process:
                lines = _maps(pid)
                _assert_answers(process, lines)
                target.run("memory = [mmap.mmap(-1, PAGE) for _ in range(9)]")
                target.reap()
                _assert_answers(process, lines)
        finally:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(seccomp.MACHINE not in seccomp.KCMP, reason="another number")
@query
def test_where_address_spaces_may_not_be_compared(query: bool, lender: Lender) -> None:
    """As in a container, which has no kcmp(2) by default."""

    def check() -> None:
        seccomp.refuse(seccomp.KCMP, errno.EPERM)
        with procmaps.Process(lender.other, query=query) as process:
            _assert_answers(process, _maps(lender.other))
            map_ = first_file(process.maps())
            lender.tell("execute")
            lender.hear("released")
            _assert_gone_in_all(process, map_)

    assert in_fork(check) == ""


def test_a_process_that_lends_its_address_space_and_executes(program: Path) -> None:
    """It lives on in the other one; no file of the process is taken for it."""
    with child(program, "clone") as parent:
        lender = Lender(parent, "parent")
        with procmaps.Process(lender.pid, query=False) as process:
            lines = _maps(lender.pid)
            _assert_answers(process, lines)
            map_ = first_file(process.maps())
            lender.tell("execute")
            wait_until(lambda: _executes(lender.pid, "sleep"))
            assert _maps(lender.pid) != lines
            _assert_gone_in_all(process, map_)
        with procmaps.Process(lender.pid) as process:
            _assert_answers(process, _maps(lender.pid))
