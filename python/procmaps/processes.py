"""The same question to every process, put by several threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from operator import index
from queue import SimpleQueue
from time import perf_counter

from procmaps._procmaps import Process
from procmaps._procmaps import pids as all_pids

# To import typing takes as long as to read twenty processes.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, SupportsIndex, TypeVar, Union

    _T = TypeVar("_T")
    _Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]
    _Outcome = Union[tuple[Any], BaseException, None]
    """What was read, why it was not, or None for a process that is left out."""

LOOK_AHEAD = 8
"""How many results for each thread may wait to be taken."""

QUICK = 1e-4
"""What a process may take, in seconds, for threads to cost more than they gain: to
hand the interpreter's lock from one to the other takes as long as a short read."""


def each_process(
    read: Callable[[Process], _T],
    pids: Iterable[SupportsIndex] | None = None,
    *,
    proc: _Path = "/proc",
    threads: SupportsIndex | None = None,
) -> ProcessScan[_T]:
    """Call a function with every process, or with each of `pids`, open as a Process.

    Return an iterator of (pid, result) in the order of the pids. The Process is
    closed when `read` returns.

    Processes that have ended are left out, and those without an address space:
    kernel threads and zombies. Those that may not be read, where opening them or
    `read` raises PermissionError, are in `denied` of the ProcessScan. Any other
    exception of `read` is raised in the place of its result, and ends the scan.

    `read` is called in `threads` threads, with threads=1 in the one that takes the
    results. By default it is called there as long as processes take less than 0.1
    ms on average, and else in one thread for each processor that may be used, at
    most 8: the kernel does most of the work, without the interpreter's lock. Only a
    few results are ever kept until they are taken, and nothing is read before the
    first one is asked for.

    `proc` is the mount of procfs to look in; see pids(). Raises what that raises,
    TypeError if `read` is not a function or a pid is not an integer, ValueError for
    less than one thread.
    """
    if not callable(read):
        message = f"read must be a function, not {type(read).__name__}"
        raise TypeError(message)
    threads = None if threads is None else index(threads)
    if threads is not None and threads < 1:
        message = f"threads must be at least 1, not {threads}"
        raise ValueError(message)
    numbers = all_pids(proc=proc) if pids is None else sorted({*map(index, pids)})
    return ProcessScan(_Scan(read, numbers, proc, threads))


def _default_threads() -> int:
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        processors = os.cpu_count() or 1
    return min(processors, 8)


class ProcessScan(Iterator["tuple[int, _T]"]):
    """What each_process() gives: (pid, result) of one process after the other.

    It is an iterator for one thread at a time, in the process that made it. To leave
    a loop over it early does no harm: threads that still read end by themselves.
    """

    def __init__(self, scan: _Scan) -> None:
        self._scan = scan
        self._answers = scan.answers()

    @property
    def total(self) -> int:
        """How many processes there are to ask; known from the start."""
        return len(self._scan.pids)

    @property
    def done(self) -> int:
        """How many of them are dealt with: taken, left out or denied."""
        return self._scan.done

    @property
    def denied(self) -> list[int]:
        """The pids of processes that may not be read, as far as it has come."""
        return self._scan.denied

    def __next__(self) -> tuple[int, _T]:
        """Return the next pid and result, once they are there."""
        return next(self._answers)


class _Scan:
    """What those who read share with the one who takes what they read.

    No thread waits for that one, who may never come back: a thread that is too far
    ahead ends, and another one is started when there is room again.

    Ctrl-C can come anywhere in the thread that takes. A lock is safe from that, since
    `with` takes and gives it back in C, and so is a queue; a Condition is not.
    """

    def __init__(
        self,
        read: Callable[[Process], Any],
        pids: list[int],
        proc: _Path,
        threads: int | None,
    ) -> None:
        self.pids = pids
        self.done: int = 0
        self.denied: list[int] = []
        self._read = read
        self._proc = proc
        self._threads = threads or _default_threads()
        # Where threads are not asked for: what was spent, in seconds.
        self._spent = 0.0 if threads is None else None
        self._owner = os.getpid()
        self._arrived: SimpleQueue[tuple[int, _Outcome]] = SimpleQueue()
        self._outcomes: dict[int, _Outcome] = {}
        self._is_over = False
        self._lock = threading.Lock()  # guards what follows
        self._running = 0
        self._begun = 0

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Yield the answers in the order of the pids."""
        try:
            for pid in self.pids:
                outcome = self._take()
                self.done += 1
                if isinstance(outcome, tuple):
                    yield pid, outcome[0]
                elif isinstance(outcome, PermissionError):
                    self.denied.append(pid)
                elif outcome is not None:
                    raise outcome
        finally:
            self._is_over = True
            # The traceback of an exception refers to this frame.
            outcome = None

    def _take(self) -> _Outcome:
        """Wait for the next outcome, or read it where there are no threads."""
        if self._spent is not None and self._spent <= QUICK * (self.done + 1):
            start = perf_counter()
            outcome = self._ask_here()
            self._spent += perf_counter() - start
            return outcome
        self._spent = None
        if os.getpid() != self._owner:
            message = "the scan was begun before a fork: only the parent can go on"
            raise RuntimeError(message)
        while self._start_thread() and self.done not in self._outcomes:
            position, outcome = self._arrived.get()
            self._outcomes[position] = outcome
        if self.done in self._outcomes:
            return self._outcomes.pop(self.done)
        return self._ask_here()

    def _start_thread(self) -> bool:
        """Start a thread if one is missing; return whether the next outcome comes."""
        if self._threads == 1:
            return False
        limit = self._threads * LOOK_AHEAD
        with self._lock:
            missing = min(self._threads, len(self.pids) - self._begun) - self._running
            # Half of the results are taken before threads start anew.
            if missing <= 0 or (self._begun - self.done) * 2 > limit:
                return True
            self._running += 1
        try:
            threading.Thread(target=self._work, name="procmaps").start()
        except RuntimeError:  # no more threads can be had
            with self._lock:
                self._running -= 1
                return self._running > 0 or self._begun > self.done
        return True

    def _work(self) -> None:
        """Read one process after the other, until there is no room for more."""
        self._start_thread()
        while (position := self._begin()) is not None:
            self._arrived.put((position, self._ask(self.pids[position])))

    def _begin(self) -> int | None:
        with self._lock:
            position = self._begun
            is_room = position - self.done < self._threads * LOOK_AHEAD
            if self._is_over or not is_room or position == len(self.pids):
                self._running -= 1
                return None
            self._begun += 1
            return position

    def _ask_here(self) -> _Outcome:
        self._begun += 1
        return self._ask(self.pids[self.done])

    def _ask(self, pid: int) -> _Outcome:
        try:
            with Process(pid, proc=self._proc) as process:
                return (self._read(process),) if process.has_maps else None
        except ProcessLookupError:
            return None
        except PermissionError as error:
            return error
        except BaseException as error:  # noqa: BLE001 raised where it is taken
            self._is_over = True
            return error


# Users import them from the package.
each_process.__module__ = ProcessScan.__module__ = "procmaps"
