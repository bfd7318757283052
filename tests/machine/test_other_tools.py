"""What other tools say of the same processes: smem, ps_mem, checkrestart and grep.

The programs that are asked about are linked statically and stand still, so that
nobody else's start or end changes what they share.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from procmaps import MemoryUsage, Process
from support.c_code import compile_c
from support.children import child
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.needs_processes

KIB = 1024

# It writes to some of its memory, and waits.
STILL = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words)
{
    size_t size = count * 100000;
    memset(malloc(size), count, size);
    puts("ready");
    fflush(stdout);
    return getchar();
}
"""


def needs(tool: str) -> pytest.MarkDecorator:
    reason = f"{tool} is not installed"
    return pytest.mark.skipif(shutil.which(tool) is None, reason=reason)


def output(*command: str) -> list[str]:
    """Return the lines that a tool writes."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(
        STILL, tmp_path_factory.mktemp("still") / "stands-still", "-static"
    )


@pytest.fixture(scope="module")
def still(program: Path) -> Iterator[list[int]]:
    """Give the pids of programs that stand still, each larger than the one before."""
    with ExitStack() as stack:
        children = [
            stack.enter_context(child(program, *["x"] * number)) for number in range(4)
        ]
        assert [one.line() for one in children] == ["ready"] * len(children)
        yield sorted(one.pid for one in children)


@contextmanager
def others_start_and_end() -> Iterator[None]:
    """Let processes start and end all the while."""
    enough = threading.Event()

    def run() -> None:
        while not enough.is_set():
            subprocess.run(["true"], check=True)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def in_kib(usage: MemoryUsage) -> tuple[int, ...]:
    numbers = (usage.swap, usage.uss, usage.pss, usage.rss)
    assert None not in numbers
    return tuple(number // KIB for number in numbers if number is not None)


@needs("smem")
def test_the_memory_of_each_process_is_what_smem_says(
    still: list[int], program: Path
) -> None:
    with others_start_and_end():
        lines = output("smem", "-H", "-c", "pid swap uss pss rss", "-P", program.name)
        ours = dict(procmaps.each_process(lambda one: procmaps.sum_usage(one.smaps())))
    theirs = {
        int(pid): (*map(int, numbers),) for pid, *numbers in map(str.split, lines)
    }
    for pid in still:
        assert in_kib(ours[pid]) == theirs[pid]
        # Each larger than the one before, so that none can be taken for another.
        assert theirs[pid][1] > 0
    assert len({theirs[pid] for pid in still}) == len(still)


# It leaves the files open that it has read.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_memory_of_each_process_is_what_ps_mem_says(still: list[int]) -> None:
    ps_mem = pytest.importorskip("ps_mem", reason="ps_mem is not installed")
    with others_start_and_end():
        ours = dict(procmaps.each_process(Process.rollup))
        theirs = {pid: ps_mem.getMemStats(pid) for pid in still}
    for pid in still:
        private, shared, _, swap, _ = theirs[pid]
        assert ours[pid].uss == private * KIB
        assert ours[pid].swap_pss == swap * KIB
        # Half of what rounding takes away on average is added.
        assert ours[pid].pss == (private + shared - 0.5) * KIB


@needs("smem")
def test_the_memory_of_a_library_is_what_smem_says(tmp_path: Path) -> None:
    library = compile_c("char content[50000] = {1};", tmp_path / "libone.so", "-shared")
    with Target() as one, Target() as two:
        for target in (one, two):
            target.run(f"result = bool(ctypes.CDLL({str(library)!r}))")
        one.run(f"ctypes.CDLL({str(library)!r}).content and None")
        columns = "pids pss rss"
        (line,) = output("smem", "-m", "-H", "-c", columns, "-M", str(library))
        usages = [
            usage
            for _, smaps in procmaps.each_process(Process.smaps)
            for usage in smaps
        ]
    total = procmaps.sum_usage_by(usages, "module")[str(library)]
    assert total.pss is not None
    assert total.rss is not None
    assert [2, total.pss // KIB, total.rss // KIB] == [*map(int, line.split())]


@needs("checkrestart")
def test_who_still_uses_deleted_libraries_is_what_checkrestart_says(
    tmp_path: Path,
) -> None:
    libraries = {tmp_path / "libone.so", tmp_path / "libtwo.so"}
    for library in libraries:
        compile_c("int one;", library, "-shared")

    def deleted(process: Process) -> set[str]:
        found = {map_.path for map_ in process.maps() if map_.is_deleted}
        return {Path(path).name for path in found if path is not None}

    with Target() as old, Target() as new:
        old.run("kept = []")
        for library in sorted(libraries):
            old.run(f"kept.append(ctypes.CDLL({str(library)!r}))")
            library.unlink()
        before = dict(procmaps.each_process(deleted))
        lines = output("checkrestart", "--nolsof", "-a", "-m", "-v")
        after = dict(procmaps.each_process(deleted))
        assert before[old.pid] == {"libone.so", "libtwo.so"}
        assert before[new.pid] == set()
    theirs: dict[int, set[str]] = {}
    for line in lines:
        # Files that are open, and not mapped, it names by their paths.
        found = re.fullmatch(r"file\t(\d+)\t.*\t([^/]*) \(deleted\)", line)
        if found:
            theirs.setdefault(int(found[1]), set()).add(found[2])
    assert theirs[old.pid] == before[old.pid]
    assert new.pid not in theirs
    for pid in before.keys() & after.keys():
        # It names kinds of memory besides, and leaves out who has one alone.
        if before[pid] == after[pid] and pid in theirs:
            assert before[pid] <= theirs[pid]


def test_what_is_writable_and_executable_is_what_grep_says() -> None:
    def is_any(process: Process) -> bool:
        return bool(process.maps(writable=True, executable=True))

    def by_grep() -> set[int]:
        maps = Path("/proc").glob("[0-9]*/maps")
        done = subprocess.run(
            ["grep", "-ls", "^[^ ]* .wx", *map(str, maps)],
            stdout=subprocess.PIPE,
            check=False,
        )
        return {int(name.split("/")[2]) for name in done.stdout.decode().split()}

    with Target() as one, Target() as other:
        protection = "READ | WRITE | EXECUTE"
        one.run(f"libc.mmap(None, PAGE, {protection}, PRIVATE | ANONYMOUS, -1, 0)")
        before, scan = by_grep(), procmaps.each_process(is_any)
        answers = dict(scan)
        after = by_grep()
    found = {pid for pid, is_found in answers.items() if is_found}
    assert one.pid in found
    assert other.pid not in found
    assert before & after <= found | set(scan.denied)
    assert found <= before | after
