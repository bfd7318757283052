"""Memory stays flat over many calls: a hundredth of a million, or all of it."""

from __future__ import annotations

import gc
import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.helpers import IS_LONG, LINE, TESTS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

CALLS = 1_000_000 if IS_LONG else 10_000
PARTS = 10

TEXT = f"{LINE}\n3000-4000 rw-p 00000000 00:00 0 /n\udce4me\\012 (deleted)\n"
MAP = procmaps.from_str(LINE)[0]
SPACE = procmaps.AddressSpace(procmaps.from_str(TEXT))
CORE = TESTS / "data/cores/little-64.core"
SMAPS = f"{LINE}\nRss: 4 kB\nNew: 1\nVmFlags: rd mr\n"


def parse() -> None:
    procmaps.from_str(TEXT)


def parse_error() -> None:
    with suppress(procmaps.ParseError):
        procmaps.from_str(f"{TEXT}nonsense \udcff")


def stray_surrogate() -> None:
    with suppress(procmaps.ParseError):
        procmaps.from_str(f"{TEXT}{LINE}\ud800")


def parse_smaps() -> None:
    usage = procmaps.smaps_from_str(SMAPS)[0]
    assert usage.rss == 4096


def smaps_error() -> None:
    with suppress(procmaps.ParseError):
        procmaps.smaps_from_str(f"{SMAPS}Rss: x")


def no_process() -> None:
    with suppress(ProcessLookupError):
        procmaps.from_pid(0)


def no_argument() -> None:
    with suppress(TypeError):
        procmaps.Map(1, "2")  # type: ignore[arg-type]
    with suppress(ValueError):
        MAP.file_offset(0)


def look_up() -> None:
    found = SPACE.find(0x3FFF)
    assert found is not None
    assert SPACE.find_many([0, 0x1000]) == [None, MAP]
    assert SPACE.overlapping(0, 0x3000)[0] == MAP


def dead_process() -> None:
    with procmaps.Core(CORE) as core:
        assert core.maps() == procmaps.from_core(CORE)
        assert core.resolve(0x12010) is not None
    with suppress(procmaps.ParseError):
        procmaps.from_core(__file__)


def question() -> None:
    procmaps.find(os.getpid(), 0x1000)


def values() -> None:
    assert pickle.loads(pickle.dumps(MAP)) == MAP.replace()
    assert repr(MAP)
    assert str(MAP)
    assert hash(MAP) == hash(procmaps.Map(**MAP.asdict()))


def resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "call",
    [
        parse,
        parse_error,
        stray_surrogate,
        parse_smaps,
        smaps_error,
        no_process,
        no_argument,
        look_up,
        dead_process,
        question,
        values,
    ],
)
def test_memory_is_flat(call: Callable[[], None]) -> None:
    sizes = []
    for _ in range(PARTS):
        for _ in range(CALLS // PARTS):
            call()
        gc.collect()
        sizes.append(resident())
    # A leak of 16 bytes a call is more than this over a million calls, and one
    # of an object more than this over ten thousand.
    settled = max(sizes[:3])
    allowed = (8 << 20) if IS_LONG else (1 << 19)
    assert max(sizes) - settled <= allowed, sizes
