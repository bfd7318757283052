"""Which processes there are, in any mount of procfs."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.needs_processes


def listed(proc: str = "/proc") -> set[int]:
    return {int(path.name) for path in Path(proc).iterdir() if path.name.isdigit()}


def test_all_processes_in_their_order() -> None:
    before = listed()
    pids = procmaps.pids()
    after = listed()
    assert before & after <= set(pids)
    assert set(pids) - before - after == set()
    assert pids == sorted(set(pids))
    assert os.getpid() in pids
    assert {type(pid) for pid in pids} == {int}


def test_processes_start_and_end() -> None:
    with Target() as target:
        assert target.pid in procmaps.pids()
        target.become_zombie()
        assert target.pid in procmaps.pids()
    assert target.pid not in procmaps.pids()


def test_threads_are_no_processes() -> None:
    with Target() as target:
        target.run("threading.Thread(target=threading.Event().wait).start()")
        (thread,) = target.threads() - {target.pid}
        assert thread not in procmaps.pids()


@pytest.mark.parametrize("wrap", [str, os.fsencode, Path], ids=["str", "bytes", "Path"])
def test_another_mount(wrap: Callable[[str], Any]) -> None:
    proc = f"/proc/{os.getpid()}/root/proc"
    assert {os.getpid(), os.getppid()} <= set(procmaps.pids(proc=wrap(proc)))


def test_a_path_from_the_working_directory() -> None:
    code = "import os, procmaps; print(os.getpid() in procmaps.pids(proc='.'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/proc", check=True, capture_output=True
    )
    assert done.stdout == b"True\n"


@pytest.mark.parametrize("proc", ["/", "/proc/1", "/proc/self", "/dev/null"])
def test_what_is_no_procfs(proc: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        procmaps.pids(proc=proc)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, proc)
    assert str(caught.value) == f"[Errno 2] Not a mount of procfs: {proc!r}"


def test_numbers_alone_make_no_procfs(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    with pytest.raises(FileNotFoundError, match="Not a mount of procfs"):
        procmaps.pids(proc=tmp_path)


@pytest.mark.parametrize(
    ("proc", "kind", "number"),
    [
        ("/absent/proc", FileNotFoundError, errno.ENOENT),
        ("/dev/null/proc", NotADirectoryError, errno.ENOTDIR),
    ],
)
def test_a_path_that_is_not_there(proc: str, kind: type[OSError], number: int) -> None:
    with pytest.raises(kind) as caught:
        procmaps.pids(proc=proc)
    assert (caught.value.errno, caught.value.filename) == (number, proc)


def test_arguments_of_other_types() -> None:
    proc: Any = 1
    with pytest.raises(TypeError):
        procmaps.pids(proc=proc)
    with pytest.raises(TypeError):
        procmaps.pids("/proc")  # type: ignore[call-arg]
    for path in ("", "a\0b"):
        with pytest.raises(ValueError, match=r"empty path|nul byte"):
            procmaps.pids(proc=path)
