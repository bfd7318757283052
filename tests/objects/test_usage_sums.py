"""Sums of what mappings cost: over a process, in groups, and as the kernel adds up."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

import pytest

import procmaps
from procmaps import Map, MemoryUsage
from support.helpers import MAXIMUM
from support.smaps_helpers import DATA, cost_of, raw_smaps, stopped_process
from support.smaps_oracle import BYTES

pytestmark = pytest.mark.not_on("windows", reason="terminals, signals and limits")

ADDING_UP = set(BYTES.values()) - {"kernel_page_size", "mmu_page_size"}
# Shares of pages, which the kernel rounds down to kB for each mapping.
SHARES = {"pss", "pss_dirty", "swap_pss", "locked"}
# Other fields than of single mappings.
ROLLUP_ONLY = {"pss_anon", "pss_file", "pss_shmem"}


def usage(begin: int, end: int, name: str | None = None, **fields: Any) -> MemoryUsage:
    return MemoryUsage(Map(begin, end, "rw-p", pathname=name), **fields)


def test_a_sum() -> None:
    total = procmaps.sum_usage(
        [
            usage(0x5000, 0x6000, "/a", size=0x1000, rss=1, pss=1, kernel_page_size=8),
            usage(0x1000, 0x3000, "/b", size=0x2000, rss=2, kernel_page_size=8),
        ]
    )
    rollup = Map(0x1000, 0x6000, "---p", pathname="[rollup]")
    assert total == MemoryUsage(rollup, size=0x3000, rss=3)


def test_what_does_not_add_up_is_none() -> None:
    usages = procmaps.smaps_from_path(DATA / "linux-6.18.txt")
    total = procmaps.sum_usage(usages)
    assert total.map == Map(0x55D0C1A2E000, 0xFFFFFFFFFF601000, pathname="[rollup]")
    assert (total.kernel_page_size, total.mmu_page_size) == (None, None)
    assert (total.thp_eligible, total.protection_key) == (None, None)
    assert (total.vm_flags, total.extra) == (None, {})
    for name in ADDING_UP - ROLLUP_ONLY:
        assert getattr(total, name) == sum(getattr(one, name) for one in usages)
    for name in ROLLUP_ONLY:
        assert getattr(total, name) is None


def test_one_unknown_part_makes_the_sum_unknown() -> None:
    for order in (1, -1):
        parts = [usage(0, 1, rss=1, pss=1), usage(1, 2, pss=2)][::order]
        total = procmaps.sum_usage(parts)
        assert (total.rss, total.pss, total.uss) == (None, 3, None)


def test_the_sum_of_nothing_is_zero() -> None:
    total = procmaps.sum_usage([])
    assert total.map == Map(0, 0, pathname="[rollup]")
    values = cost_of(total).values
    assert {name for name, value in values.items() if value == 0} == ADDING_UP
    assert {values[name] for name in values.keys() - ADDING_UP} == {None}
    assert (total.uss, total.extra) == (0, {})


def test_a_sum_of_sums_is_the_sum_of_all() -> None:
    usages = procmaps.smaps_from_path(DATA / "linux-6.18.txt")
    whole = procmaps.sum_usage(usages)
    for key in ("pathname", "module", "kind"):
        groups = procmaps.sum_usage_by(usages, key)
        assert procmaps.sum_usage(groups.values()) == whole
    halves = [procmaps.sum_usage(usages[:2]), procmaps.sum_usage(iter(usages[2:]))]
    assert procmaps.sum_usage(halves) == whole


def test_groups() -> None:
    a, b, c, d, e, f = usages = [
        usage(0x1000, 0x2000, "/lib/x.so", rss=1),
        usage(0x2000, 0x3000, None, rss=2),
        usage(0x3000, 0x4000, "/lib/x.so (deleted)", rss=4),
        usage(0x4000, 0x5000, "[heap]", rss=8),
        usage(0x5000, 0x6000, "/lib/x.so", rss=16),
        usage(0x6000, 0x7000, "[anon:arena]", rss=32),
    ]
    total = procmaps.sum_usage
    assert list(procmaps.sum_usage_by(usages, "pathname").items()) == [
        ("/lib/x.so", total([a, e])),
        (None, total([b])),
        ("/lib/x.so (deleted)", total([c])),
        ("[heap]", total([d])),
        ("[anon:arena]", total([f])),
    ]
    assert list(procmaps.sum_usage_by(usages, "module").items()) == [
        ("/lib/x.so", total([a, c, e])),
        (None, total([b, d, f])),
    ]
    assert list(procmaps.sum_usage_by(iter(usages), "kind").items()) == [
        ("file", total([a, c, e])),
        ("anonymous", total([b, f])),
        ("heap", total([d])),
    ]
    assert procmaps.sum_usage_by([], "kind") == {}


def test_groups_that_a_function_names() -> None:
    a, b, c = usages = [
        usage(0x1000, 0x2000, "/lib/x.so", rss=1),
        usage(0x2000, 0x3000, None, rss=2),
        usage(0x3000, 0x4000, "/lib/y.so", rss=4),
    ]
    total = procmaps.sum_usage
    by_file = procmaps.sum_usage_by(usages, lambda one: one.map.path is not None)
    assert list(by_file.items()) == [(True, total([a, c])), (False, total([b]))]
    # Keys that are equal name one group, by the first of them.
    equal_keys = iter([1, 1.0, 2])
    by_number = procmaps.sum_usage_by(iter(usages), lambda _: next(equal_keys))
    assert list(by_number.items()) == [(1, total([a, b])), (2, total([c]))]
    assert [type(key) for key in by_number] == [int, int]
    asked: list[MemoryUsage] = []
    assert procmaps.sum_usage_by(usages, asked.append) == {None: total(usages)}
    assert all(got is given for got, given in zip(asked, usages))


def test_a_function_that_names_no_group() -> None:
    usages = [usage(0, 1)]
    unhashable: Any = lambda _: []  # noqa: E731
    with pytest.raises(TypeError, match="unhashable"):
        procmaps.sum_usage_by(usages, unhashable)
    with pytest.raises(ZeroDivisionError):
        procmaps.sum_usage_by(usages, lambda one: one.map.begin_address / 0)
    wrong: Any = [Map(0, 1)]
    with pytest.raises(TypeError, match=r"^each of usages must be a MemoryUsage"):
        procmaps.sum_usage_by(wrong, lambda one: one.rss)


@pytest.mark.needs_processes
def test_groups_of_a_process() -> None:
    usages = procmaps.smaps_from_pid(os.getpid())
    expected: dict[str | None, int] = defaultdict(int)
    for one in usages:
        assert one.rss is not None
        expected[one.map.pathname] += one.rss
    groups = procmaps.sum_usage_by(usages, "pathname")
    assert {name: total.rss for name, total in groups.items()} == expected


def test_a_sum_that_is_too_large() -> None:
    parts = [usage(0, 1, rss=MAXIMUM), usage(1, 2, rss=1)]
    with pytest.raises(
        OverflowError, match=r"^the sum of rss does not fit in 64 bits$"
    ):
        procmaps.sum_usage(parts)
    with pytest.raises(
        OverflowError, match=r"^the sum of rss does not fit in 64 bits$"
    ):
        procmaps.sum_usage_by(parts, "kind")


def test_arguments_of_other_types() -> None:
    wrong: Any = [Map(0, 1)]
    message = r"^each of usages must be a MemoryUsage, not Map$"
    with pytest.raises(TypeError, match=message):
        procmaps.sum_usage(wrong)
    with pytest.raises(TypeError, match=message):
        procmaps.sum_usage_by(wrong, "kind")
    with pytest.raises(TypeError):
        procmaps.sum_usage(wrong[0])
    key: Any = "path"
    message = r"^key must be 'pathname', 'module' or 'kind', not 'path'$"
    with pytest.raises(ValueError, match=message):
        procmaps.sum_usage_by([], key)
    key = None
    with pytest.raises(
        TypeError, match=r"^key must be a str or a function, not NoneType$"
    ):
        procmaps.sum_usage_by([], key)


@pytest.mark.needs_processes
def test_the_kernel_adds_up_the_same() -> None:
    with stopped_process() as pid:
        for _ in range(100):
            before = raw_smaps(pid, "smaps_rollup")
            usages = procmaps.smaps_from_pid(pid)
            rollup = procmaps.rollup(pid)
            # Who else maps its pages, and so their shares, can change meanwhile.
            if raw_smaps(pid, "smaps_rollup") == before:
                break
        else:
            pytest.fail("the file never stood still")
    assert [rollup] == procmaps.smaps_from_bytes(before)
    total = procmaps.sum_usage(usages)
    compared = 0
    for name in ADDING_UP - ROLLUP_ONLY - {"size"}:
        ours, kernels = getattr(total, name), getattr(rollup, name)
        if kernels is None:
            assert ours is None
        elif name in SHARES:
            assert ours <= kernels < ours + 1024 * len(usages)
        else:
            assert ours == kernels
            compared += 1
    assert compared >= 10
    assert total.uss == rollup.uss
    assert (rollup.size, rollup.kernel_page_size, rollup.vm_flags) == (None, None, None)
    assert rollup.map.pathname == "[rollup]"
    assert rollup.map.begin_address == total.map.begin_address
    for name in ("anonymous", "locked", "shared_clean", "private_dirty"):
        assert getattr(rollup, name) > 0
