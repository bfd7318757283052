"""What a list of maps holds in memory once, and what nobody has to look at."""

from __future__ import annotations

import gc
import platform

import pytest

import procmaps


def parsed(names: list[str]) -> list[procmaps.Map]:
    lines = [f"1000-2000 r--p 00000000 08:01 42 {name}" for name in names]
    return procmaps.from_str("\n".join(lines))


def test_lines_of_one_name_share_it() -> None:
    first, other, second = parsed(
        ["/usr/lib/libc.so.6", "[heap]", "/usr/lib/libc.so.6"]
    )
    assert first.pathname is second.pathname
    assert first.path is second.path
    assert other.pathname == "[heap]"


def test_lines_of_one_name_share_a_path_that_differs_from_it() -> None:
    first, second = parsed(["/tmp/x\\012y (deleted)"] * 2)
    assert first.path == "/tmp/x\ny"
    assert first.path is second.path


def test_files_of_one_device_share_it() -> None:
    first, other, second = parsed(["/usr/lib/libc.so.6", "/x", "/usr/lib/libc.so.6"])
    assert first.device is other.device is second.device
    assert first.device == (8, 1)


def test_many_devices_stay_apart() -> None:
    numbers = [(major, minor) for major in range(20) for minor in range(20)]
    lines = [
        f"1000-2000 r--p 00000000 {major:02x}:{minor:02x} 42 {name}"
        for major, minor in numbers
        for name in ("", "/x", "/y")
    ]
    devices = [map_.device for map_ in procmaps.from_str("\n".join(lines))]
    assert devices[::3] == devices[1::3] == devices[2::3] == numbers


def test_maps_without_a_source_share_its_absence() -> None:
    assert procmaps.Map(0, 1).device is procmaps.Map(1, 2).device
    assert procmaps.Map(0, 1).device == (0, 0)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 40])
def test_names_that_end_alike_stay_apart(length: int) -> None:
    end = "/same-end".rjust(length, "-")[-length:]
    names = [f"{number:04}{end}" for number in range(1_000)] * 2
    assert [map_.pathname for map_ in parsed(names)] == names


@pytest.mark.skipif(
    platform.python_implementation() != "CPython",
    reason="only CPython's collector tracks objects one by one",
)
def test_parsed_maps_are_nothing_to_the_garbage_collector() -> None:
    maps = parsed(["/usr/lib/libc.so.6"] * 3)
    assert not any(gc.is_tracked(map_) for map_ in maps)
    del maps
    gc.collect()


def test_files_of_one_name_on_two_devices_stay_apart() -> None:
    devices = ["08:01", "08:02", "08:02", "00:00", "08:01"]
    lines = [f"1000-2000 r--p 00000000 {device} 42 /x" for device in devices]
    maps = procmaps.from_str("\n".join(lines))
    assert [map_.device for map_ in maps] == [(8, 1), (8, 2), (8, 2), (0, 0), (8, 1)]
    assert {map_.pathname for map_ in maps} == {"/x"}


def test_a_device_without_a_name_is_kept() -> None:
    [map_] = procmaps.from_str("1000-2000 r--p 00000000 08:01 42 ")
    assert (map_.device, map_.pathname, map_.kind) == ((8, 1), None, "anonymous")
