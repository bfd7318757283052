"""Child processes: started, spoken to, awaited and ended in one way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534


class Child:
    """A program that runs, with its input and output in pipes of this process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pid = process.pid

    def line(self) -> str:
        """Return the next line that it writes, without the line break."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def tell(self, line: str = "") -> None:
        """Write a line for it to read."""
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)


@contextmanager
def child(*command: str | Path) -> Iterator[Child]:
    """Run a program, and kill it in the end if it still runs."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def python(code: str, *words: str | Path) -> tuple[str | Path, ...]:
    """Return the command that executes Python code, which may be indented."""
    return (sys.executable, "-c", textwrap.dedent(code), *words)


def ended_pid() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


@contextmanager
def zombie() -> Iterator[int]:
    """Give the number of a process that has ended and was not waited for."""
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


def in_fork(call: Callable[[], str | None]) -> str:
    """Return what a function gives in a forked child, or how it fails there."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = call() or ""
        except OSError as error:
            answer = f"{type(error).__name__} {error.errno} {error.filename}"
        except BaseException as error:  # noqa: BLE001
            answer = repr(error)
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        text = file.read().decode()
    os.waitpid(pid, 0)
    return text


@contextmanager
def forked_as(pid: int) -> Iterator[None]:
    """Give a pid that is free to a child that waits, or skip the test."""
    for _ in range(1000):
        try:
            # The kernel gives out the next one after the last, as this file names it.
            Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
        except OSError as error:
            pytest.skip(f"only the administrator can choose a pid: {error}")
        child = os.fork()
        if child == 0:
            signal.pause()
        try:
            if child == pid:
                yield
                return
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    pytest.fail("others always took the pid first")


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true, for at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
