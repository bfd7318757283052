"""What programs written for procmaps 0.6.5 rely on: all of this holds there as well.

So nothing here may use what came later, not even from a helper.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

import procmaps

LINE = "7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774                     "
NAMES = [None, "/usr/lib/libc.so.6", "/a b", "/a (deleted)", "[heap]", "[anon:x]"]


def parse(text: str) -> procmaps.Map:
    (map_,) = procmaps.from_str(text)
    return map_


def test_star_import() -> None:
    names: dict[str, Any] = {}
    exec("from procmaps import *", names)
    assert {"Map", "from_pid", "from_path", "from_str"} <= set(names)


@pytest.mark.needs_processes
def test_arguments_by_keyword_and_by_position() -> None:
    pid = os.getpid()
    path = f"/proc/{pid}/maps"
    for maps in (
        procmaps.from_pid(pid),
        procmaps.from_pid(pid=pid),
        procmaps.from_path(path),
        procmaps.from_path(path=path),
    ):
        assert type(maps) is list
        assert len(maps) >= 10
        assert all(type(map_) is procmaps.Map for map_ in maps)
    assert len(procmaps.from_str(LINE)) == len(procmaps.from_str(maps_data=LINE)) == 1


def test_the_list_is_the_callers_own() -> None:
    maps = procmaps.from_str(f"{LINE}\n{LINE}\n")
    maps.append(maps.pop(0))
    maps.sort(key=lambda map_: map_.begin_address)
    assert len(maps[:1] + maps[1:]) == 2
    assert procmaps.from_str("") == []


def test_the_eleven_attributes() -> None:
    map_ = parse(LINE + "/usr/lib/libc.so.6")
    assert map_.begin_address == 0x7F3A5C000000
    assert map_.end_address == 0x7F3A5C021000
    assert map_.is_readable is True
    assert map_.is_writable is False
    assert map_.is_executable is True
    assert map_.is_shared is False
    assert map_.is_private is True
    assert map_.offset == 0x2000
    assert map_.device == (0xFE, 0)
    assert map_.inode == 247774
    assert map_.pathname == "/usr/lib/libc.so.6"
    major, minor = map_.device
    assert {type(major), type(minor), type(map_.inode), type(map_.offset)} == {int}


@pytest.mark.parametrize("name", NAMES)
def test_pathname_is_the_field_as_printed(name: str | None) -> None:
    assert parse(LINE + (name or "")).pathname == name


def test_membership() -> None:
    map_ = parse(LINE)
    assert map_.begin_address in map_
    assert map_.end_address - 1 in map_
    assert map_.end_address not in map_
    assert 0 not in map_
    with pytest.raises(TypeError):
        assert "0" in map_  # type: ignore[operator]


@pytest.mark.not_on("pypy", reason="an object takes any new attribute")
def test_maps_are_read_only_and_hashable() -> None:
    map_: Any = parse(LINE)
    with pytest.raises(AttributeError):
        map_.inode = 1
    with pytest.raises(AttributeError):
        map_.note = "x"
    assert {map_: 1}[map_] == 1
    assert [map_].index(map_) == 0


@pytest.mark.needs_processes
def test_an_address_is_looked_up_in_the_usual_way() -> None:
    address = id(object())
    (found,) = [map_ for map_ in procmaps.from_pid(os.getpid()) if address in map_]
    assert found.is_readable
    assert found.is_writable
    assert found.is_private
    assert not found.is_executable


@pytest.mark.needs_processes
def test_errors() -> None:
    with pytest.raises(OSError, match="No such"):
        procmaps.from_pid(2**31 - 1)
    with pytest.raises(OSError, match="No such file or directory"):
        procmaps.from_path("/proc/no such file")
    with pytest.raises(TypeError):
        procmaps.from_pid("1")  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        procmaps.from_pid(2**40)
    with pytest.raises(TypeError):
        procmaps.from_str(b"")  # type: ignore[arg-type]
    # It could not be imported, but its name and its kind could be relied on.
    with pytest.raises(Exception, match="begin") as caught:
        procmaps.from_str("x")
    assert type(caught.value).__name__ == "ParseError"
    assert type(caught.value).__module__ == "procmaps"
    assert not isinstance(caught.value, OSError)
