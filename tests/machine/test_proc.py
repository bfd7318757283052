"""The argument `proc`: every question about a process, put to another mount."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.target import WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.needs_processes

CALLS: dict[str, tuple[Callable[..., object], str]] = {
    "from_pid": (procmaps.from_pid, "maps"),
    "AddressSpace.from_pid": (procmaps.AddressSpace.from_pid, "maps"),
    "Process": (procmaps.Process, "maps"),
    "find": (lambda pid, **more: procmaps.find(pid, 0, **more), "maps"),
    "smaps_from_pid": (procmaps.smaps_from_pid, "smaps"),
    "rollup": (procmaps.rollup, "smaps_rollup"),
}
EVERYWHERE = pytest.mark.parametrize(("call", "file"), CALLS.values(), ids=CALLS)

# The same mount as /proc by another path, which everyone has.
PROC = f"/proc/{os.getpid()}/root/proc"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.mark.parametrize("query", WAYS)
def test_the_answers_are_the_same(target: Target, query: bool) -> None:
    expected = procmaps.from_pid(target.pid)
    assert procmaps.from_pid(target.pid, proc=PROC) == expected
    space = procmaps.AddressSpace.from_pid(target.pid, proc=Path(PROC))
    assert list(space) == expected
    first = expected[0]
    assert procmaps.find(target.pid, first.begin_address, proc=PROC) == first
    usages = procmaps.smaps_from_pid(target.pid, proc=os.fsencode(PROC))
    assert [usage.map for usage in usages] == expected
    assert procmaps.rollup(target.pid, proc=PROC).rss
    with procmaps.Process(target.pid, query=query, proc=PROC) as process:
        assert process.pid == target.pid
        assert process.maps() == expected
        assert list(process.address_space()) == expected
        assert [usage.map for usage in process.smaps()] == expected
        assert process.rollup().rss
        assert process.find(first.begin_address) == first
        assert process.find_next(0) == first
        with process.open(first) as file:
            assert os.path.samestat(os.fstat(file.fileno()), Path(file.name).stat())


def test_a_path_from_the_working_directory_is_that_of_the_opening(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    with procmaps.Process(target.pid, proc="proc") as process:
        monkeypatch.chdir("/dev")
        assert process.maps() == procmaps.from_pid(target.pid)
        target_is_gone = Target()
        with target_is_gone, procmaps.Process(target_is_gone.pid, proc="../proc") as it:
            target_is_gone.reap()
            with pytest.raises(ProcessLookupError) as caught:
                it.maps()
        assert caught.value.filename == f"/dev/../proc/{target_is_gone.pid}/maps"


@EVERYWHERE
def test_no_such_process(call: Callable[..., object], file: str) -> None:
    for pid in (0, -1, 2**31 - 1):
        with pytest.raises(ProcessLookupError) as caught:
            call(pid, proc=PROC)
        path = f"{PROC}/{pid}/{file}"
        if call is procmaps.rollup:
            # Where there is no rollup, the kernel may just not have one.
            path = f"{PROC}/{pid}/smaps"
        assert (caught.value.errno, caught.value.filename) == (errno.ESRCH, path)
        assert str(caught.value) == f"[Errno 3] No such process: {path!r}"


@EVERYWHERE
@pytest.mark.parametrize("proc", ["/", "/proc/self", "/dev/null"])
def test_what_is_no_procfs(call: Callable[..., object], file: str, proc: str) -> None:
    del file
    with pytest.raises(OSError, match="Errno") as caught:
        call(os.getpid(), proc=proc)
    if proc == "/dev/null":
        assert type(caught.value) is NotADirectoryError
        assert caught.value.filename.startswith(f"/dev/null/{os.getpid()}/")
        return
    assert str(caught.value) == f"[Errno 2] Not a mount of procfs: {proc!r}"
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, proc)


@EVERYWHERE
def test_a_mount_that_is_not_there(call: Callable[..., object], file: str) -> None:
    del file
    with pytest.raises(FileNotFoundError) as caught:
        call(os.getpid(), proc="/absent")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, "/absent")


@EVERYWHERE
def test_arguments_of_other_types(call: Callable[..., object], file: str) -> None:
    del file
    with pytest.raises(TypeError):
        call(os.getpid(), proc=1)
    with pytest.raises(OverflowError, match=r"^pid does not fit in 32 bits$"):
        call(2**31, proc=PROC)
    path: Any
    for path in ("", b"", "a\0b"):
        with pytest.raises(ValueError, match=r"empty path|nul byte"):
            call(os.getpid(), proc=path)
