"""Process as an object: its arguments, its errors, its descriptors."""

from __future__ import annotations

import copy
import errno
import fcntl
import gc
import os
import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.children import NOBODY, in_fork
from support.target import WAYS, Target, kernel_answers_queries, open_files

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

FILE_MAP = procmaps.Map(0x1000, 0x2000, "r--p", 0, (8, 1), 1, "/usr/bin/true")
QUESTIONS: dict[str, Callable[[procmaps.Process], object]] = {
    "maps": lambda process: process.maps(),
    "address_space": lambda process: process.address_space(),
    "smaps": lambda process: process.smaps(),
    "rollup": lambda process: process.rollup(),
    "find": lambda process: process.find(0),
    "find_next": lambda process: process.find_next(0),
    "build_id": lambda process: process.build_id(0),
    "open": lambda process: process.open(FILE_MAP),
    "path_of": lambda process: process.path_of(FILE_MAP),
    "modules": lambda process: process.modules(),
    "resolve": lambda process: process.resolve(0),
    "program": lambda process: process.program,
}
ask = pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
query = pytest.mark.parametrize("query", WAYS)


@query
def test_a_process_answers_while_it_is_open(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        assert process.pid == target.pid
        assert process.closed is False
        assert process.is_query_supported is query
        assert repr(process) == f"<procmaps.Process pid={target.pid}>"
        assert [str(map_) for map_ in process.maps()] == target.lines()
        assert process.address_space() == procmaps.AddressSpace(process.maps())


def test_queries_are_used_where_the_kernel_has_them() -> None:
    with procmaps.Process(os.getpid()) as process:
        assert process.is_query_supported is kernel_answers_queries()


@ask
def test_a_closed_process_answers_nothing(
    ask: Callable[[procmaps.Process], object],
) -> None:
    process = procmaps.Process(os.getpid())
    with process as entered:
        assert entered is process
    assert process.closed is True
    process.close()
    assert process.pid == os.getpid()
    assert repr(process) == f"<procmaps.Process pid={os.getpid()}, closed>"
    with pytest.raises(ValueError, match=r"^operation on closed process$"):
        ask(process)


def test_a_closed_process_can_not_be_entered_again() -> None:
    process = procmaps.Process(os.getpid())
    process.close()
    with pytest.raises(ValueError, match=r"^operation on closed process$"):
        process.__enter__()
    with pytest.raises(ValueError, match=r"^operation on closed process$"):
        _ = process.is_query_supported


def test_leaving_closes_also_after_an_exception() -> None:
    process = procmaps.Process(os.getpid())
    with pytest.raises(KeyError), process:
        raise KeyError
    assert process.closed


@pytest.mark.parametrize("call", [procmaps.Process, lambda pid: procmaps.find(pid, 0)])
@pytest.mark.parametrize(
    ("pid", "error", "message"),
    [
        ("1", TypeError, "pid must be an integer, not str"),
        (1.0, TypeError, "pid must be an integer, not float"),
        (None, TypeError, "pid must be an integer, not NoneType"),
        (2**31, OverflowError, "pid does not fit in 32 bits"),
        (-(2**31) - 1, OverflowError, "pid does not fit in 32 bits"),
    ],
)
def test_what_is_no_pid_is_refused(
    call: Callable[[Any], object], pid: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        call(pid)


@query
@pytest.mark.parametrize("method", ["find", "find_next", "resolve"])
@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("0", TypeError, "address must be an integer, not str"),
        (0.0, TypeError, "address must be an integer, not float"),
        (-1, OverflowError, "address does not fit in 64 bits"),
        (2**64, OverflowError, "address does not fit in 64 bits"),
    ],
)
def test_what_is_no_address_is_refused(
    query: bool, method: str, address: object, error: type[Exception], message: str
) -> None:
    with (
        procmaps.Process(os.getpid(), query=query) as process,
        pytest.raises(error, match=f"^{message}$"),
    ):
        getattr(process, method)(address)


@pytest.mark.parametrize("method", ["build_id", "open", "path_of"])
@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ("0", TypeError, "where must be an address, a Map or a Module, not str"),
        (None, TypeError, "where must be an address, a Map or a Module, not NoneType"),
        (2**64, OverflowError, "where does not fit in 64 bits"),
    ],
)
def test_what_is_no_place_is_refused(
    method: str, where: object, error: type[Exception], message: str
) -> None:
    with (
        procmaps.Process(os.getpid()) as process,
        pytest.raises(error, match=f"^{message}$"),
    ):
        getattr(process, method)(where)


def test_find_refuses_what_is_no_address() -> None:
    with pytest.raises(TypeError, match=r"^address must be an integer, not str$"):
        procmaps.find(os.getpid(), "0")  # type: ignore[arg-type]
    with pytest.raises(OverflowError, match=r"^address does not fit in 64 bits$"):
        procmaps.find(os.getpid(), -1)


def test_the_way_is_named() -> None:
    with pytest.raises(TypeError):
        procmaps.Process(os.getpid(), False)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        procmaps.Process(os.getpid(), query="no")  # type: ignore[arg-type]


def test_what_has_an_index_is_an_address_and_a_pid() -> None:
    class Index:
        def __init__(self, value: int) -> None:
            self.value = value

        def __index__(self) -> int:
            return self.value

    with procmaps.Process(Index(os.getpid())) as process:
        assert process.pid == os.getpid()
        map_ = process.find(Index(id(process)))
    assert map_ is not None
    assert map_ == procmaps.find(Index(os.getpid()), Index(id(process)))


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 1])
@pytest.mark.parametrize(
    "call", [procmaps.Process, procmaps.from_pid, lambda pid: procmaps.find(pid, 0)]
)
def test_no_such_process(call: Callable[[int], object], pid: int) -> None:
    with pytest.raises(ProcessLookupError) as caught:
        call(pid)
    assert caught.value.errno == errno.ESRCH
    assert caught.value.filename == f"/proc/{pid}/maps"


def _refusal(pid: int, call: Callable[[int], object]) -> str:
    """What is raised for a process of another user, in a child without rights."""

    def ask() -> None:
        os.setuid(NOBODY)
        call(pid)

    return in_fork(ask)


@pytest.mark.skipif(os.getuid() != 0, reason="takes root to become another user")
@pytest.mark.parametrize(
    "call", [procmaps.Process, procmaps.from_pid, lambda pid: procmaps.find(pid, 0)]
)
def test_the_process_of_another_user(call: Callable[[int], object]) -> None:
    pid = os.getpid()
    expected = f"PermissionError {errno.EACCES} /proc/{pid}/maps"
    assert _refusal(pid, call) == expected


def test_descriptors_are_closed_and_not_inherited() -> None:
    before = open_files()
    processes = [procmaps.Process(os.getpid(), query=way) for way in WAYS]
    opened = {file: name for file, name in open_files().items() if file not in before}
    directory = f"/proc/{os.getpid()}"
    assert list(opened.values()) == [directory, f"{directory}/maps"] * len(WAYS)
    for file in opened:
        assert fcntl.fcntl(file, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    for process in processes:
        process.close()
    assert open_files() == before


def test_a_process_that_nothing_refers_to_is_closed() -> None:
    before = open_files()
    process = procmaps.Process(os.getpid())
    assert open_files() != before
    del process
    gc.collect()
    assert open_files() == before


def test_errors_and_single_questions_leave_nothing_open() -> None:
    before = open_files()
    with Target() as target, procmaps.Process(target.pid) as process:
        procmaps.find(target.pid, 0)
        with pytest.raises(FileNotFoundError):
            process.open(FILE_MAP)
        target.reap()
        with pytest.raises(ProcessLookupError):
            process.maps()
        with pytest.raises(ProcessLookupError):
            procmaps.Process(target.pid)
    assert open_files() == before


def test_a_process_is_itself_and_can_not_be_copied() -> None:
    with procmaps.Process(os.getpid()) as process:
        with procmaps.Process(os.getpid()) as other:
            assert process != other
        assert len({process, process}) == 1
        for copies in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=r"cannot pickle .*Process"):
                copies(process)


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
def test_closing_while_others_ask() -> None:
    """A question is answered or refused, and never put to another file."""
    path = f"/proc/{os.getpid()}/maps"
    with Target() as target:
        lines = set(target.lines())
        for _ in range(20):
            process = procmaps.Process(target.pid, query=False)
            wrong: list[object] = []

            def listen(process: procmaps.Process, wrong: list[object]) -> None:
                try:
                    while True:
                        listed = {str(map_) for map_ in process.maps()}
                        wrong.extend(listed ^ lines)
                except ValueError as error:
                    if str(error) != "operation on closed process":
                        wrong.append(error)

            threads = [
                threading.Thread(target=listen, args=(process, wrong)) for _ in range(4)
            ]
            for thread in threads:
                thread.start()
            process.close()
            # Whoever opens a file now gets the number of the one that was closed.
            with Path(path).open("rb") as file:
                file.read()
                for thread in threads:
                    thread.join()
            assert wrong == []
