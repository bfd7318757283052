"""One address asked for: both ways give what the kernel's text says."""

from __future__ import annotations

import errno
import os
import pickle
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.odd_mappings import map_deep, map_oddities
from support.target import (
    PAGE,
    WAYS,
    Target,
    ask_kernel,
    kernel_answers_queries,
    maps_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A process with a map of every odd kind, which holds still."""
    directory = tmp_path_factory.mktemp("maps")
    with Target() as target:
        map_oddities(target, directory)
        map_deep(target, directory)
        yield target


def _range(line: str) -> tuple[int, int]:
    begin, _, end = line.partition(" ")[0].partition("-")
    return int(begin, 16), int(end, 16)


def _text(map_: procmaps.Map | None) -> str | None:
    return None if map_ is None else str(map_)


def test_every_map_is_found_from_its_first_address_to_its_last(
    target: Target, process: procmaps.Process
) -> None:
    lines = target.lines()
    assert len(lines) > 60
    for line in lines:
        begin, end = _range(line)
        for address in (begin, (begin + end) // 2, end - 1):
            assert str(process.find(address)) == line
            assert str(process.find_next(address)) == line


def test_between_maps_there_is_none_and_then_the_next(
    target: Target, process: procmaps.Process
) -> None:
    lines = target.lines()
    ends = [0, *(_range(line)[1] for line in lines)]
    begins = [*(_range(line)[0] for line in lines), 2**64]
    holes = 0
    for end, begin, following in zip(ends, begins, [*lines, None]):
        for address in {end, (end + begin) // 2, begin - 1} if end < begin else ():
            assert process.find(address) is None
            assert _text(process.find_next(address)) == following
            holes += 1
    assert holes > 12


def test_both_ways_give_equal_maps(target: Target) -> None:
    listed = procmaps.from_pid(target.pid)
    for way in WAYS:
        with procmaps.Process(target.pid, query=way) as process:
            assert process.maps() == listed
            found = [process.find(map_.begin_address) for map_ in listed]
            assert found == listed
            kinds = [(map_.kind, map_.is_deleted) for map_ in found if map_]
            assert kinds == [(map_.kind, map_.is_deleted) for map_ in listed]


def test_module_level_find(target: Target) -> None:
    for map_ in procmaps.from_pid(target.pid):
        assert procmaps.find(target.pid, map_.begin_address) == map_
    assert procmaps.find(target.pid, 0) is None
    assert procmaps.find(target.pid, 2**64 - 1) is None


def test_the_oddities_are_there(target: Target) -> None:
    """What the tests above run over."""
    names = [line[73:] for line in target.lines()]
    assert sum(name.endswith(r"/new\012line") for name in names) == 2
    assert any(len(name) > 4096 for name in names)
    assert r"/memfd:a\012b c (deleted)" in names
    assert "/dev/zero (deleted)" in names
    assert "/dev/zero" in names


def test_vsyscall_is_found(target: Target, process: procmaps.Process) -> None:
    lines = [line for line in target.lines() if line.endswith("[vsyscall]")]
    for line in lines:
        begin, end = _range(line)
        for address in (begin, end - 1):
            assert str(process.find(address)) == line
        for address in (begin - 1, begin, end - 1):
            assert str(process.find_next(address)) == line
        assert process.find(begin - 1) is None
        assert process.find_next(end) is None
        if kernel_answers_queries():
            assert ask_kernel(target.pid, begin) is None
    # Every process of the same bits has it, or none.
    assert len(lines) == sum("[vsyscall]" in line for line in maps_lines("self"))


@pytest.mark.skipif(not kernel_answers_queries(), reason="the kernel has no ioctl")
def test_the_kernel_makes_a_path_certain(target: Target, tmp_path: Path) -> None:
    newline, literal = tmp_path / "a\nb", tmp_path / r"a\012b"
    deleted = tmp_path / "c\nd"
    addresses = {
        path: target.run(f"result = map_file({os.fspath(path)!r})")
        for path in (newline, literal, deleted)
    }
    deleted.unlink()
    with procmaps.Process(target.pid) as process:
        for path, address in addresses.items():
            found = process.find(address)
            assert found is not None
            assert found.path == str(path)
            printed = str(path).replace("\n", r"\012")
            assert found.pathname == printed + " (deleted)" * (path is deleted)
            assert found.is_deleted is (path is deleted)
            # A copy is made from the arguments, which are as text has them.
            guessed = found.path.replace(r"\012", "\n")
            for same in (
                found.replace(),
                pickle.loads(pickle.dumps(found)),
                procmaps.Map(**found.asdict()),
            ):
                assert same == found
                assert hash(same) == hash(found)
                assert same.path == guessed
    with procmaps.Process(target.pid, query=False) as process:
        for path, address in addresses.items():
            found = process.find(address)
            assert found is not None
            assert found.path == str(path).replace(r"\012", "\n")
    for address in addresses.values():
        target.run(f"libc.munmap({address}, PAGE)")


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@pytest.mark.skipif(not kernel_answers_queries(), reason="the kernel has no ioctl")
def test_a_name_that_the_kernel_refuses_comes_from_the_text(target: Target) -> None:
    (line,) = [line for line in target.lines() if line.endswith("/deep")]
    begin = _range(line)[0]
    with pytest.raises(OSError, match="File name too long") as caught:
        ask_kernel(target.pid, begin)
    assert caught.value.errno == errno.ENAMETOOLONG
    with procmaps.Process(target.pid) as process:
        assert process.is_query_supported
        assert str(process.find(begin)) == line


@pytest.mark.parametrize("query", WAYS)
def test_answers_follow_the_process(query: bool) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        address = target.run(
            "result = libc.mmap(None, 3 * PAGE, 1, PRIVATE | ANONYMOUS, -1, 0)"
        )
        before = process.find(address)
        target.run(f"libc.mprotect({address} + PAGE, PAGE, 7)")
        middle = process.find(address + PAGE)
        assert before is not None
        assert middle is not None
        assert not before.is_writable
        assert middle.permissions == "rwxp"
        assert (middle.begin_address, middle.size) == (address + PAGE, PAGE)
        target.run(f"libc.munmap({address} + PAGE, PAGE)")
        assert process.find(address + PAGE) is None
        following = process.find_next(address + PAGE)
        assert following is not None
        assert following.begin_address == address + 2 * PAGE
