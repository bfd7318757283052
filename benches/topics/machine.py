"""All processes of a machine, beside the bare read of their files and other tools."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benches.harness import OURS, Case, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = 100
# Programs of ordinary size that hold still, for as long as the case is measured.
FLEET = f"""
import atexit, subprocess, sys, time
PROGRAM = "import ctypes, decimal, json, ssl, sys; print(flush=True); sys.stdin.read()"
fleet = [
    subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    for _ in range({PROCESSES})
]
for program in fleet:
    atexit.register(program.communicate)
    program.stdout.readline()
pids = [program.pid for program in fleet]
def once(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
"""
SCAN = FLEET + "import collections, procmaps; from procmaps import Process\n"
BARE = FLEET + "from benches import peers\n"
TAKE_ALL = "collections.deque(procmaps.each_process({}, pids{}), maxlen=0)"
SEARCH = "lambda process: process.maps(writable=True, executable=True)"
# Whole commands.
TOTALS = """
import procmaps
for pid, usage in procmaps.each_process(procmaps.Process.rollup):
    print(pid, usage.uss, usage.pss, usage.rss)
"""
SEARCHED = f"""
import procmaps
for pid, maps in procmaps.each_process({SEARCH}):
    if maps:
        print(f"/proc/{{pid}}/maps")
"""
GREP = "grep -ls '^[^ ]* .wx' /proc/[0-9]*/maps || true"


def scan(read: str, *, threads: int | None = None) -> Case:
    """Return the time from start to end of a scan of the fleet."""
    call = TAKE_ALL.format(read, "" if threads is None else f", threads={threads}")
    return Case(f"{SCAN}def measure(): return once(lambda: {call})\n", per=PROCESSES)


def bare(file: str) -> Case:
    """Return the processor time of bare reads of a file of each process."""
    read = f"peers.bare_read(f'/proc/{{pid}}/{file}')"
    return Case(BARE, f"for pid in pids: {read}", per=PROCESSES)


def command(*words: str) -> Case:
    """Return the time from start to end of a command, the least of three."""
    run = f"subprocess.run({list(words)!r}, stdout=subprocess.DEVNULL, check=True)"
    run = f"once(lambda: {run})"
    return Case(f"{FLEET}def measure(): return min({run} for _ in range(3))\n")


def rows() -> Iterator[Row]:
    """`each_process`, and commands that read all processes."""
    one_thread = Case(
        SCAN, TAKE_ALL.format("Process.rollup", ", threads=1"), per=PROCESSES
    )
    yield Row(
        f"`each_process(Process.rollup)`, {PROCESSES} processes, processor time",
        one_thread,
        "the bare read",
        bare("smaps_rollup"),
        target="at most 1.3",
        is_share=True,
    )
    for read in ("Process.rollup", "Process.smaps", "Process.maps", SEARCH):
        name = "writable and executable maps" if read is SEARCH else f"`{read}`"
        yield Row(
            f"{name} of {PROCESSES} processes, time for each",
            scan(read),
            "with `threads=1`",
            scan(read, threads=1),
        )
    if shutil.which("smem"):
        yield Row(
            "totals of all processes, whole command",
            command(str(OURS), "-c", TOTALS),
            "`smem`",
            command("smem", "-H", "-c", "pid uss pss rss"),
            target="at least 10 times",
            rounds=5,
        )
    yield Row(
        "who has writable and executable maps, whole command",
        command(str(OURS), "-c", SEARCHED),
        "`grep -l`",
        command("sh", "-c", GREP),
        target="at most 3",
        is_share=True,
        rounds=5,
    )
