"""Maps that have some properties and lack others, asked of the kernel or picked."""

from __future__ import annotations

import itertools
import os
import random
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support import oracle
from support.helpers import raw_maps, row_of
from support.odd_mappings import map_oddities
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.oracle import Row

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

NAMES = ("readable", "writable", "executable", "shared", "file_backed")
# Every way to want, not to want and not to ask for five properties.
FILTERS: list[dict[str, Any]] = [
    dict(zip(NAMES, wanted))
    for wanted in itertools.product((True, False, None), repeat=5)
]


def has(row: Row, name: str) -> bool:
    """Say whether a line has a property, judged by its letters."""
    if name == "file_backed":
        return row.device != (0, 0) or row.inode != 0
    place = ("readable", "writable", "executable", "shared").index(name)
    return row.permissions[place] == "rwxs"[place]


def kept(rows: list[Row], filters: dict[str, bool | None]) -> list[Row]:
    return [
        row
        for row in rows
        if all(
            wanted is None or has(row, name) is wanted
            for name, wanted in filters.items()
        )
    ]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target() as target:
        map_oddities(target, tmp_path_factory.mktemp("maps"))
        yield target


@pytest.fixture(scope="module")
def rows(target: Target) -> list[Row]:
    return oracle.parse(raw_maps(target.pid))


def test_the_target_has_maps_with_and_without_each_property(rows: list[Row]) -> None:
    for name in NAMES:
        assert {has(row, name) for row in rows} == {True, False}
    assert sum(bool(kept(rows, filters)) for filters in FILTERS) > 150


def test_process_maps(process: procmaps.Process, rows: list[Row]) -> None:
    for filters in FILTERS:
        found = process.maps(**filters)
        assert [row_of(map_) for map_ in found] == kept(rows, filters), filters


def test_from_pid(target: Target, rows: list[Row]) -> None:
    for filters in FILTERS:
        found = procmaps.from_pid(target.pid, **filters)
        assert [row_of(map_) for map_ in found] == kept(rows, filters), filters


def test_find_next(process: procmaps.Process, rows: list[Row]) -> None:
    addresses = [0, 2**64 - 1, *(row.begin_address for row in rows)]
    addresses += [row.end_address for row in rows]
    seed = random.Random(0)
    for filters in FILTERS:
        for address in seed.sample(addresses, 8):
            following = (
                row for row in kept(rows, filters) if row.end_address > address
            )
            found = process.find_next(address, **filters)
            expected = next(following, None)
            assert (found and row_of(found)) == expected, (hex(address), filters)


def test_none_asks_for_nothing(process: procmaps.Process) -> None:
    nothing: dict[str, None] = dict.fromkeys(NAMES)
    assert process.maps(**nothing) == process.maps()
    assert process.find_next(0, **nothing) == process.find_next(0)


@pytest.mark.parametrize("value", [1, 0, "yes", "", [], object()])
def test_a_filter_is_a_bool_or_none(value: Any) -> None:
    with procmaps.Process(os.getpid()) as process:
        for name in NAMES:
            for ask in (
                lambda **filters: procmaps.from_pid(os.getpid(), **filters),
                process.maps,
                lambda **filters: process.find_next(0, **filters),
            ):
                with pytest.raises(TypeError, match=name):
                    ask(**{name: value})


def test_filters_are_given_by_name() -> None:
    with pytest.raises(TypeError, match="positional"):
        procmaps.from_pid(os.getpid(), True)  # type: ignore[call-arg]


def test_a_process_without_maps_has_none_of_any_kind() -> None:
    with Target() as target:
        target.become_zombie()
        for filters in FILTERS[::20]:
            assert procmaps.from_pid(target.pid, **filters) == []
            with procmaps.Process(target.pid) as process:
                assert process.maps(**filters) == []
                assert process.find_next(0, **filters) is None
        target.reap()
        with pytest.raises(ProcessLookupError):
            procmaps.from_pid(target.pid, executable=True, file_backed=True)


def test_which_libraries_are_loaded() -> None:
    maps = procmaps.from_pid(os.getpid(), executable=True, file_backed=True)
    modules = procmaps.AddressSpace(procmaps.from_pid(os.getpid())).modules
    code = {module.path for module in modules if module.is_executable}
    assert {map_.path for map_ in maps} == code
    assert any("_procmaps" in (map_.path or "") for map_ in maps)


def test_is_anything_writable_and_executable() -> None:
    with Target() as target:
        assert procmaps.from_pid(target.pid, writable=True, executable=True) == []
        address = target.run(
            "result = libc.mmap(None, PAGE, 7, PRIVATE | ANONYMOUS, -1, 0)"
        )
        (found,) = procmaps.from_pid(target.pid, writable=True, executable=True)
        assert (found.begin_address, found.permissions) == (address, "rwxp")
