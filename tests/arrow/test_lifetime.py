"""Streams that are dropped, forked, interrupted, left open: no hang, leak or crash."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procmaps import arrow
from support.arrow_stream import Reader, StreamError
from support.helpers import LINE, TESTS
from support.threads import wait_for_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.not_on("pypy", reason="reads capsules with CPython's API"),
    pytest.mark.not_on("windows", "emulator", reason="forks, and starts programs"),
    pytest.mark.not_on("elsewhere", reason="reads /proc/self"),
]

LINES = 5_000


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """As much text as no channel holds at once."""
    path = tmp_path / "maps"
    path.write_text(f"{LINE}\n" * LINES)
    return [path] * 500


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    yield
    gc.collect()
    wait_for_threads(0)


def test_a_stream_that_nobody_reads(paths: list[Path]) -> None:
    for _ in range(100):
        Reader(arrow.from_paths(paths))
        arrow.from_paths(paths).__arrow_c_schema__()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_stream_dropped_half_way(paths: list[Path], threads: int) -> None:
    for count in (1, 2, 7):
        reader = Reader(arrow.from_paths(paths, threads=threads))
        for _ in range(count):
            assert next(reader)
        # By its consumer, or with the capsule.
        if count == 2:
            reader.release()
        del reader


def test_two_streams_of_one_table(paths: list[Path]) -> None:
    table = arrow.from_paths(paths[:40])
    one, other = Reader(table), Reader(table)
    both = list(zip_longest(one.lengths(), other.lengths(), fillvalue=0))
    assert [sum(counts) for counts in zip(*both)] == [40 * LINES] * 2


def test_files_that_vanish_while_they_are_read(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(3000)]
    for path in paths:
        path.write_text(f"{LINE}\n" * 100)
    reader = Reader(arrow.from_paths(paths))
    next(reader)
    paths[-1].unlink()
    with pytest.raises(StreamError, match=f": {paths[-1]}: No such file"):
        list(reader.lengths())


def test_a_fork_before_the_first_batch_reads_all(paths: list[Path]) -> None:
    table = arrow.from_paths(paths[:20])
    assert in_a_fork(lambda: sum(Reader(table).lengths()) == 20 * LINES)


def test_a_fork_after_the_first_batch_reads_no_further(paths: list[Path]) -> None:
    table = arrow.from_paths(paths[:60], threads=3)
    for _ in range(20):
        reader = Reader(table)
        next(reader.lengths())

        def child(reader: Reader = reader) -> bool:
            with pytest.raises(StreamError, match="before a fork: ask for it anew"):
                next(reader)
            reader.release()
            del reader
            return sum(Reader(arrow.from_paths(paths[:2])).lengths()) == 2 * LINES

        assert in_a_fork(child)
        assert next(reader.lengths())
        reader.release()


def in_a_fork(check: object) -> bool:
    """Return what a child says to a question, or fail if it hangs."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if check() else 1)  # type: ignore[operator]
        except BaseException:  # noqa: BLE001
            os._exit(2)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("the child of a fork hangs")


#: Reads one batch, and goes on as the argument says.
PROGRAM = """\
import os, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
from procmaps import arrow
from support.arrow_stream import Reader
reader = Reader(arrow.from_paths([sys.argv[2]] * 1_000_000))
next(reader)
print("ready", flush=True)
"""

ENDINGS = {
    "the end": ("", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "os._exit": ("os._exit(4)", 4),
    "an exception": ("raise SystemError", 1),
    "a global": ("import builtins; builtins.reader = reader", 0),
    "a cycle": ("reader.me = reader", 0),
    "a thread": (
        "threading.Thread(target=list, args=[reader], daemon=True).start()",
        0,
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_interpreter_that_exits_with_a_stream_open(
    paths: list[Path], ending: str
) -> None:
    code, status = ENDINGS[ending]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + code, str(TESTS), str(paths[0])],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (status, b"ready\n"), done.stderr


@pytest.mark.parametrize(
    ("handler", "number", "said"),
    [
        ("", signal.SIGINT, b"KeyboardInterrupt"),
        (
            "def stop(*_): raise TimeoutError('enough')\n"  # noqa: ISC004
            "signal.signal(signal.SIGALRM, stop)\n",
            signal.SIGALRM,
            b"TimeoutError: enough",
        ),
    ],
    ids=["Ctrl-C", "a handler that raises"],
)
def test_a_signal_ends_a_long_stream(
    paths: list[Path], handler: str, number: int, said: bytes
) -> None:
    code = PROGRAM.replace('print("ready"', handler + 'print("ready"')
    with subprocess.Popen(
        [
            *(sys.executable, "-c", code + "for length in reader.lengths(): pass"),
            *(str(TESTS), str(paths[0])),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode != 0
    assert said in stderr


def test_a_table_of_processes_can_be_interrupted() -> None:
    def stop(*_: object) -> None:
        raise TimeoutError("enough")

    before = signal.signal(signal.SIGALRM, stop)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGALRM])
    try:
        timer.start()
        with pytest.raises(TimeoutError, match="enough"):
            arrow.from_pids([os.getpid()] * 1_000_000)
    finally:
        timer.join()
        signal.signal(signal.SIGALRM, before)


def test_memory_does_not_grow(paths: list[Path]) -> None:
    def use() -> None:
        for _ in range(20):
            reader = Reader(arrow.from_paths(paths[:6], threads=2))
            next(reader.lengths())
            del reader
            bad = arrow.from_paths([*paths[:1], Path("missing")], errors="column")
            list(Reader(bad).lengths())

    use()
    sizes = []
    for _ in range(5):
        use()
        gc.collect()
        sizes.append(resident())
    assert sizes[-1] < sizes[0] + 16 * 2**20, sizes


def resident() -> int:
    """Return how much memory this process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def test_memory_is_bounded_whatever_the_number_of_files(paths: list[Path]) -> None:
    """500 files of 5,000 lines are hundreds of megabytes of rows."""
    reader = Reader(arrow.from_paths(paths))
    next(reader)
    before = resident()
    for _ in reader.lengths():
        assert resident() < before + 64 * 2**20
