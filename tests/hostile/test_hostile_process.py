"""A process that maps, forks, executes and ends as fast as it can, while it is read.

Ten seconds in an ordinary run, ten minutes in a long one.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.children import child
from support.helpers import IS_LONG
from support.target import open_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

# For each of the two tests.
SECONDS = 300 if IS_LONG else 5
PAGE = 4096
# Where chaos.c has them.
BASES = (0x100000000000, 0x200000000000) if sys.maxsize > 2**32 else (2**29, 2**30)
LANDMARK = range(BASES[0], BASES[0] + 64 * PAGE, PAGE)
ARENA = range(BASES[1], BASES[1] + 2 * 512 * 64 * PAGE, PAGE)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chaos") / "chaos"
    source = Path(__file__).parent / "chaos.c"
    command = ["cc", "-O2", "-w", "-pthread", "-o", str(path), str(source)]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def chaos(program: Path) -> Iterator[int]:
    with child(program, str(SECONDS + 60)) as process:
        assert process.line() == "ready"
        yield process.pid


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * PAGE


def check_sane(maps: list[procmaps.Map]) -> None:
    """Check what holds for every mapping of every process."""
    for map_ in maps:
        assert map_.begin_address < map_.end_address
        assert map_.begin_address % PAGE == map_.end_address % PAGE == 0
        assert map_.kind != "other"
    assert procmaps.from_str("\n".join(map(str, maps))) == maps


def check_landmark(maps: list[procmaps.Map], program: Path) -> None:
    """Check the one range that never changes."""
    found = [map_ for map_ in maps if map_.begin_address in LANDMARK]
    assert [map_.begin_address for map_ in found] == list(LANDMARK)
    status = program.stat()
    for map_ in found:
        is_even = map_.begin_address // PAGE % 2 == 0
        assert map_.permissions == ("r--p" if is_even else "---p")
        assert (map_.size, map_.offset, map_.inode) == (PAGE, 0, status.st_ino)
        assert map_.path == str(program)


def by_pid(pid: int) -> list[procmaps.Map]:
    return procmaps.from_pid(pid)


def by_space(pid: int) -> list[procmaps.Map]:
    return list(procmaps.AddressSpace.from_pid(pid))


def by_process(pid: int) -> list[procmaps.Map]:
    with procmaps.Process(pid) as process:
        return process.maps()


def by_text(pid: int) -> list[procmaps.Map]:
    with procmaps.Process(pid, query=False) as process:
        return process.maps()


def by_walk(pid: int) -> list[procmaps.Map]:
    """List the maps one question at a time."""
    maps = []
    with procmaps.Process(pid) as process:
        address = 0
        while address < 2**64 and (map_ := process.find_next(address)):
            assert map_.end_address > address
            maps.append(map_)
            address = map_.end_address
    return maps


def by_smaps(pid: int) -> list[procmaps.Map]:
    usages = procmaps.smaps_from_pid(pid)
    for usage in usages:
        assert usage.size == usage.map.size
        assert usage.rss is not None
        assert usage.pss is not None
    return [usage.map for usage in usages]


def by_rollup(pid: int) -> list[procmaps.Map]:
    """Tell nothing but whether there are maps."""
    usage = procmaps.rollup(pid)
    assert usage.map.pathname == "[rollup]"
    assert usage.rss is not None
    return []


def by_queries(pid: int) -> list[procmaps.Map]:
    """List with a filter that is asked of the kernel, and never of the text."""
    maps = procmaps.from_pid(pid, file_backed=True)
    begins = [map_.begin_address for map_ in maps]
    assert begins == sorted(set(begins))
    return maps


LISTINGS: list[Callable[[int], list[procmaps.Map]]] = [
    by_pid,
    by_space,
    by_process,
    by_text,
    by_queries,
    by_walk,
    by_smaps,
]


def look_up(pid: int, address: int) -> procmaps.Map | None:
    map_ = procmaps.find(pid, address)
    assert map_ is None or address in map_
    return map_


def rounds() -> Iterator[None]:
    """Go on for the time that is set, with descriptors and memory flat."""
    deadline = time.monotonic() + SECONDS
    memory: list[int] = []
    files = len(open_files())
    while time.monotonic() < deadline or len(memory) < 5:
        for _ in range(2):
            yield
        assert len(open_files()) == files
        memory.append(resident())
    gc.collect()
    settled = max(memory[: len(memory) // 4 + 1])
    assert max(memory) < settled + (8 << 20), (settled, max(memory))


def test_a_process_that_changes(chaos: int, program: Path) -> None:
    seed = random.Random(0)
    seen: Counter[Any] = Counter()
    for _ in rounds():
        for listing in LISTINGS:
            maps = listing(chaos)
            check_sane(maps)
            check_landmark(maps, program)
            assert by_rollup(chaos) == []
            seen[listing.__name__, len(maps)] += 1
        for landmark in seed.sample(LANDMARK, 20):
            map_ = look_up(chaos, landmark)
            assert map_ is not None
            assert map_.begin_address == landmark
            address = seed.choice(ARENA)
            seen["arena", look_up(chaos, address) is not None] += 1
    # It did change: of ten rounds, which is the least, hardly two were alike.
    assert len({key for key in seen if key[0] == "by_pid"}) > 5
    assert seen["arena", True] > 10 < seen["arena", False]


def outcome(listing: Callable[[int], list[procmaps.Map]], pid: int) -> str:
    """Say what came of asking; nothing but ProcessLookupError may be raised."""
    try:
        maps = listing(pid)
    except ProcessLookupError:
        return "gone"
    check_sane(maps)
    return "maps" if maps else "no maps"


def test_processes_that_execute_and_end(chaos: int) -> None:
    seen: Counter[str] = Counter()
    for _ in rounds():
        for pid in children(chaos):
            for listing in [*LISTINGS, by_rollup]:
                seen[outcome(listing, pid)] += 1
    # All three happened: alive, ended and not waited for, waited for.
    assert min(seen[what] for what in ("maps", "no maps", "gone")) > 0, seen
