"""What goes wrong with the system: the class, errno and filename of each error."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.children import NOBODY, ended_pid
from support.helpers import LINE

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]


class Raised(Exception):  # noqa: N818
    """What the signal handler of a test raises."""


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 1, -(2**31), None])
def test_no_such_process(pid: int | None) -> None:
    pid = ended_pid() if pid is None else pid
    with pytest.raises(ProcessLookupError) as caught:
        procmaps.from_pid(pid)
    error = caught.value
    assert type(error) is ProcessLookupError
    assert (error.errno, error.filename) == (errno.ESRCH, f"/proc/{pid}/maps")
    assert str(error) == f"[Errno 3] No such process: '/proc/{pid}/maps'"


@pytest.mark.parametrize("pid", [2**31, -(2**31) - 1, 2**64, -(2**64)])
def test_a_pid_that_no_system_has(pid: int) -> None:
    with pytest.raises(OverflowError) as caught:
        procmaps.from_pid(pid)
    assert str(caught.value) == "pid does not fit in 32 bits"


def test_a_file_of_a_process_that_is_gone_is_a_missing_file() -> None:
    path = f"/proc/{ended_pid()}/maps"
    with pytest.raises(FileNotFoundError) as caught:
        procmaps.from_path(path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, path)


@pytest.mark.parametrize(
    ("name", "kind", "number"),
    [
        ("missing", FileNotFoundError, errno.ENOENT),
        (".", IsADirectoryError, errno.EISDIR),
        ("file/below", NotADirectoryError, errno.ENOTDIR),
        ("loop", OSError, errno.ELOOP),
        ("x" * 300, OSError, errno.ENAMETOOLONG),
        ("\udcff", FileNotFoundError, errno.ENOENT),
    ],
)
@pytest.mark.parametrize("wrap", [str, os.fsencode, Path], ids=["str", "bytes", "Path"])
def test_a_path_that_can_not_be_read(
    tmp_path: Path,
    name: str,
    kind: type[OSError],
    number: int,
    wrap: Callable[[str], Any],
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    path = str(tmp_path / name)
    with pytest.raises(OSError, match="Errno") as caught:
        procmaps.from_path(wrap(path))
    error = caught.value
    assert type(error) is kind
    assert (error.errno, error.filename) == (number, path)
    assert error.strerror == os.strerror(number)


def test_an_empty_path() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        procmaps.from_path("")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, "")


@pytest.mark.parametrize("path", ["a\0b", b"a\0b", "\0"])
def test_a_nul_in_a_path_is_no_matter_for_the_system(path: str | bytes) -> None:
    with pytest.raises(ValueError, match="nul byte"):
        procmaps.from_path(path)


def test_a_path_that_can_not_be_encoded() -> None:
    with pytest.raises(UnicodeEncodeError):
        procmaps.from_path("/\ud800")


AS_NOBODY = f"""
import json, os, sys
import procmaps
pid, path = int(sys.argv[1]), sys.argv[2]
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
for read, argument in (procmaps.from_pid, pid), (procmaps.from_path, path):
    try:
        read(argument)
    except OSError as error:
        print(json.dumps([type(error).__name__, error.errno, error.filename]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_may_not_read(tmp_path: Path) -> None:
    # In the working directory, which a child keeps whatever user it becomes.
    (tmp_path / "maps").write_text(LINE)
    (tmp_path / "maps").chmod(0)
    child = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(os.getpid()), "maps"],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
    )
    # Root can always read both; that another user can not is what is tested.
    assert [json.loads(line) for line in child.stdout.splitlines()] == [
        ["PermissionError", errno.EACCES, f"/proc/{os.getpid()}/maps"],
        ["PermissionError", errno.EACCES, "maps"],
    ]


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def raise_on_alarm(*_: object) -> None:
    raise Raised


@pytest.mark.parametrize("is_open", [False, True], ids=["opening", "reading"])
def test_a_signal_ends_the_wait_for_a_fifo(fifo: Path, is_open: bool) -> None:
    previous = signal.signal(signal.SIGALRM, raise_on_alarm)
    # Open for both, a FIFO is at once open for the reader and never ends.
    writer = os.open(fifo, os.O_RDWR) if is_open else None
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Raised):
            procmaps.from_path(fifo)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if writer is not None:
            os.close(writer)


def test_a_signal_that_is_answered_loses_nothing(fifo: Path) -> None:
    answered = threading.Event()
    previous = signal.signal(signal.SIGALRM, lambda *_: answered.set())

    def write() -> None:
        with fifo.open("w") as file:
            print(LINE, file=file, flush=True)
            answered.wait()
            print(LINE, file=file)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        maps = procmaps.from_path(fifo)
    finally:
        signal.signal(signal.SIGALRM, previous)
        answered.set()
        writer.join()
    assert maps == procmaps.from_str(LINE) * 2


def open_descriptors() -> list[Path]:
    return sorted(Path("/proc/self/fd").iterdir())


def test_no_descriptor_is_left_open(tmp_path: Path, fifo: Path) -> None:
    (tmp_path / "bad").write_text("bad")
    before = open_descriptors()
    procmaps.from_pid(os.getpid())
    with pytest.raises(procmaps.ParseError):
        procmaps.from_path(tmp_path / "bad")
    test_a_signal_ends_the_wait_for_a_fifo(fifo, is_open=True)
    assert open_descriptors() == before


def test_a_device_without_end_is_given_up() -> None:
    with pytest.raises(procmaps.ParseError) as caught:
        procmaps.from_path("/dev/zero")
    assert caught.value.line_number == 1
    assert caught.value.reason.startswith("begin address: ")


def test_another_thread_runs_while_one_waits_for_a_fifo(fifo: Path) -> None:
    results: list[list[procmaps.Map]] = []
    reader = threading.Thread(target=lambda: results.append(procmaps.from_path(fifo)))
    reader.start()
    # This thread needs the interpreter's lock to go on, both after the reader
    # has opened its end and while it waits for something to read.
    with fifo.open("w") as file:
        time.sleep(0.1)
        assert reader.is_alive()
        print(LINE, file=file)
    reader.join()
    assert results == [procmaps.from_str(LINE)]
