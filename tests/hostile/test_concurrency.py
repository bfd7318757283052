"""Processes that are forked and spawned, interpreters beside one another, signals."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import procmaps
from support.helpers import LINE

pytestmark = pytest.mark.needs_programs

MAP = procmaps.from_str(LINE)[0]


def answers(pid: int, map_: procmaps.Map) -> tuple[bool, procmaps.Map, int]:
    """Use the package in another process, and send back what it gives."""
    space = procmaps.AddressSpace.from_pid(pid)
    with procmaps.Process(pid) as process:
        found = process.find(space[0].begin_address)
    try:
        procmaps.from_str("x")
    except procmaps.ParseError as error:
        number = error.line_number
    return found == space[0], map_.replace(inode=7), number


@pytest.mark.needs_processes
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method: str) -> None:
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        found = pool.starmap(answers, [(os.getpid(), MAP)] * 8)
    assert found == [(True, MAP.replace(inode=7), 1)] * 8


@pytest.mark.needs_processes
def test_a_fork_while_threads_read() -> None:
    """Nothing that a thread held when the process forked is missed by the child."""
    done = threading.Event()
    process = procmaps.Process(os.getpid())

    def read() -> None:
        while not done.is_set():
            process.maps()
            procmaps.from_str(f"{LINE}\n" * 100)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            for _ in range(20):
                assert forked() == 0
        finally:
            done.set()
        for reader in readers:
            reader.result()
    process.close()


def forked() -> int:
    """Parse and read in a child, and return its status."""
    code = f"""
        import os, procmaps
        assert procmaps.from_pid(os.getpid())
        assert procmaps.from_str({LINE!r})
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(20)
            exec(textwrap.dedent(code), {})
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


SUBINTERPRETERS = """
    import sys
    if sys.version_info >= (3, 13):
        import _interpreters
        create, run = _interpreters.create, _interpreters.exec
    else:
        import _xxsubinterpreters
        create, run = _xxsubinterpreters.create, _xxsubinterpreters.run_string
    import procmaps
    code = "try: import procmaps\\nexcept ImportError as e: print(e, flush=True)"
    for _ in range(3):
        run(create(), code)
    print(procmaps.Map(1, 2).size)
"""


def test_subinterpreters_are_told_that_they_can_not_have_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SUBINTERPRETERS)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    *refusals, size = done.stdout.splitlines()
    if sys.version_info >= (3, 12):
        refusal = (
            "module procmaps._procmaps does not support loading in subinterpreters"
        )
    else:
        refusal = (
            "procmaps does not support subinterpreters: another interpreter has it"
        )
    assert (refusals, size) == ([refusal] * 3, "1")


LONG_TEXTS = {
    "many maps": LINE.encode() + b"\n",
    "long names": LINE.encode() + b"x" * 60_000 + b"\n",
    "names, not UTF-8": LINE.encode() + b"\xff" * 60_000 + b"\n",
}
LONG_SMAPS = LINE.encode() + b"\nRss: 4 kB\nNew: 7\nVmFlags: rd ex mr\n"

MANY_FIELDS = LINE.encode() + b"\n"
MANY_FIELDS += b"".join(b"New%08d: 7\n" % number for number in range(3900))

# The document ends with a bad line: who reads to the end, raises ParseError. The
# signal comes half-way, by the time that the last reading took. It was seen late
# if ParseError, which is written in Python, was being made or had been raised.
INTERRUPTED = """
    import signal, sys, time, procmaps

    def interrupt(_, frame):
        raise InterruptedError(frame.f_code.co_name)

    def answer(delay):
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                parse(document)
            except procmaps.ParseError:
                time.sleep(2 * delay + 1)
        except InterruptedError as error:
            is_early = error.args == ("answer",) and error.__context__ is None
            return "interrupted" if is_early else "late"
        return "lost"

    def duration():
        begin = time.perf_counter()
        try:
            parse(document)
        except procmaps.ParseError:
            return time.perf_counter() - begin

    signal.signal(signal.SIGALRM, interrupt)
    text, parse = bytes.fromhex(sys.argv[1]), getattr(procmaps, sys.argv[2])
    document = text * (100_000_000 // len(text)) + b"x"
    answers = ["late"]
    while answers[-1] == "late" and len(answers) < 20:
        answers.append(answer(duration() / 2))
    print(answers[-1])
"""


@pytest.mark.parametrize(
    ("text", "parse"),
    [
        *((text, "from_bytes") for text in LONG_TEXTS.values()),
        (LONG_SMAPS, "smaps_from_bytes"),
        (MANY_FIELDS, "smaps_from_bytes"),
    ],
    ids=[*LONG_TEXTS, "smaps", "smaps of many fields"],
)
def test_a_signal_ends_a_long_parse(text: bytes, parse: str) -> None:
    """One that comes in the midst of it; a busy machine may be late with it."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), text.hex(), parse],
        stdout=subprocess.PIPE,
        timeout=200,
        check=True,
    )
    assert done.stdout == b"interrupted\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_very_many_empty_lines(end: bytes) -> None:
    with pytest.raises(procmaps.ParseError) as caught:
        procmaps.from_bytes(end * (1 << 25) + b"x" + end)
    assert (caught.value.line_number, caught.value.line) == ((1 << 25) + 1, "x")
