"""Processes that have ended or execute another program, and how that shows."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from support.target import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    import procmaps

# It says 1 when it runs.
ANOTHER_PROGRAM = "os.execv('/bin/sh', ['sh', '-c', 'echo 1; read line'])"

QUESTIONS: dict[str, Callable[[procmaps.Process, procmaps.Map], object]] = {
    "maps": lambda process, _map: process.maps(),
    "address_space": lambda process, _map: process.address_space(),
    "find": lambda process, map_: process.find(map_.begin_address),
    "find nothing": lambda process, _map: process.find(0),
    "find_next": lambda process, _map: process.find_next(0),
    "find the last": lambda process, _map: process.find_next(2**64 - PAGE),
    "build_id": lambda process, map_: process.build_id(map_.begin_address),
    "build_id of a map": lambda process, map_: process.build_id(map_),
    "open": lambda process, map_: process.open(map_),
    "open an address": lambda process, map_: process.open(map_.begin_address),
    "path_of": lambda process, map_: process.path_of(map_),
    "modules": lambda process, _map: process.modules(),
    "resolve": lambda process, map_: process.resolve(map_.begin_address),
}


def lines_of(maps: list[procmaps.Map]) -> list[str]:
    return [str(map_) for map_ in maps]


def assert_gone(process: procmaps.Process, map_: procmaps.Map) -> None:
    for name, ask in QUESTIONS.items():
        with pytest.raises(ProcessLookupError) as caught:
            ask(process, map_)
        assert caught.value.errno == errno.ESRCH, name
        assert caught.value.filename == f"/proc/{process.pid}/maps", name


def first_file(maps: list[procmaps.Map]) -> procmaps.Map:
    return next(map_ for map_ in maps if map_.kind == "file")
