"""What changed between two moments: of lines, and of a living process."""

from __future__ import annotations

import copy
import os
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps
from procmaps import AddressSpace, Difference, Map
from support.target import PAGE, Target

pytestmark = pytest.mark.not_on("windows", reason="terminals, signals and limits")

BEFORE = AddressSpace.from_str("""\
10000-20000 rw-p 00000000 00:00 0 [heap]
30000-31000 r--p 00000000 08:01 7 /a
31000-32000 rw-p 00001000 08:01 7 /a
40000-41000 r--p 00000000 08:01 8 /b
50000-51000 r--p 00000000 08:01 9 /c
70000-80000 rw-p 00000000 00:00 0 [stack]
""")
AFTER = AddressSpace.from_str("""\
10000-1f000 rw-p 00000000 00:00 0 [heap]
30000-31000 rw-p 00000000 08:01 7 /a
31000-32000 rw-p 00001000 08:01 7 /a
40000-41000 r--p 00000000 08:01 8 /b (deleted)
60000-61000 r--p 00000000 08:01 9 /c
6e000-80000 rw-p 00000000 00:00 0 [stack]
""")
CHANGES = BEFORE.diff(AFTER)


def test_each_kind_of_change() -> None:
    assert CHANGES.added == AFTER[4:5]
    assert CHANGES.removed == BEFORE[4:5]
    assert CHANGES.changed == AddressSpace([AFTER[1], AFTER[3]])
    assert CHANGES.grown == AFTER[5:]
    assert CHANGES.shrunk == AFTER[:1]
    assert CHANGES.before is BEFORE
    assert CHANGES.after is AFTER
    expected = "<Difference: 1 added, 1 removed, 2 changed, 1 grown, 1 shrunk>"
    assert repr(CHANGES) == expected


def test_previous_is_what_a_map_was() -> None:
    for position in (0, 1, 3, 5):
        assert CHANGES.previous(AFTER[position]) is BEFORE[position]
    for map_ in (AFTER[2], AFTER[4], BEFORE[0]):
        with pytest.raises(ValueError, match=r"\) is not among what changed, has gro"):
            CHANGES.previous(map_)
    with pytest.raises(TypeError, match=r"^map_ must be a Map, not int$"):
        CHANGES.previous(1)  # type: ignore[arg-type]


def test_no_change_is_false() -> None:
    again = AddressSpace(map_.replace() for map_ in BEFORE)
    assert CHANGES
    assert not BEFORE.diff(again)
    for changed in ([], [AFTER[0], *BEFORE[1:]], [*BEFORE, BEFORE[0]]):
        assert BEFORE.diff(AddressSpace(changed))


def test_differences_are_values() -> None:
    again = Difference(BEFORE, after=AFTER)
    assert again == CHANGES
    assert hash(again) == hash(CHANGES)
    assert AFTER.diff(BEFORE) != CHANGES
    assert BEFORE.diff(BEFORE) != CHANGES
    assert copy.copy(CHANGES) is CHANGES
    assert copy.deepcopy(CHANGES) is CHANGES


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_differences_pickle(protocol: int) -> None:
    again = pickle.loads(pickle.dumps(CHANGES, protocol))
    assert again == CHANGES
    assert again.grown == CHANGES.grown


def test_only_address_spaces_are_compared() -> None:
    wrong: Any = list(AFTER)
    with pytest.raises(TypeError, match=r"^other must be an AddressSpace, not list$"):
        BEFORE.diff(wrong)
    with pytest.raises(TypeError, match=r"^before must be an AddressSpace, not list$"):
        Difference(wrong, AFTER)
    with pytest.raises(TypeError, match=r"^after must be an AddressSpace, not list$"):
        Difference(BEFORE, wrong)


some_maps = st.lists(
    st.builds(
        lambda ends, permissions, name: Map(
            min(ends), max(ends), permissions, pathname=name
        ),
        st.tuples(st.integers(0, 3), st.integers(0, 3)),
        st.sampled_from(["r--p", "rw-p"]),
        st.sampled_from([None, "[heap]"]),
    ),
    max_size=6,
)


@given(some_maps, some_maps)
def test_every_map_is_accounted_for_once(old: list[Map], new: list[Map]) -> None:
    changes = AddressSpace(old).diff(AddressSpace(new))
    altered = [*changes.changed, *changes.grown, *changes.shrunk]
    same_after = sorted(new)
    for map_ in [*changes.added, *altered]:
        same_after.remove(map_)
    assert all(map_ in old for map_ in same_after)
    # A map that is in both, as often in one as in the other, is no change.
    for map_ in {*old, *new}:
        if old.count(map_) == new.count(map_):
            assert map_ not in altered
            assert map_ not in changes.added
            assert map_ not in changes.removed
    assert len(old) == len(same_after) + len(altered) + len(changes.removed)
    ranges = {(map_.begin_address, map_.end_address) for map_ in changes.added}
    assert ranges.isdisjoint((m.begin_address, m.end_address) for m in changes.removed)


@given(some_maps.map(set), some_maps.map(set))
def test_what_a_map_was_shows_how_it_changed(old: set[Map], new: set[Map]) -> None:
    changes = AddressSpace(old).diff(AddressSpace(new))
    for map_ in changes.changed:
        was = changes.previous(map_)
        assert (was.begin_address, was.end_address) == (
            map_.begin_address,
            map_.end_address,
        )
    for map_ in [*changes.grown, *changes.shrunk]:
        was = changes.previous(map_)
        same_begin = was.begin_address == map_.begin_address
        assert same_begin != (was.end_address == map_.end_address)


def moments(target: Target, code: str) -> tuple[Any, Difference]:
    before = AddressSpace.from_pid(target.pid)
    result = target.run(code)
    return result, before.diff(AddressSpace.from_pid(target.pid))


@pytest.mark.needs_processes
def test_what_a_process_does_to_its_memory(tmp_path: Any) -> None:
    path = str(tmp_path / "data")
    with Target() as target:
        target.run("import gc; libc.sbrk.restype = ctypes.c_void_p; gc.disable()")
        assert not AddressSpace.from_pid(target.pid).diff(
            AddressSpace.from_pid(target.pid)
        )
        address, changes = moments(target, f"result = map_file({path!r})")
        [added] = [map_ for map_ in changes.added if map_.path == path]
        assert added.begin_address == address

        _, changes = moments(target, f"libc.mprotect({address}, PAGE, READ | WRITE)")
        [changed] = [map_ for map_ in changes.changed if map_.path == path]
        assert (changes.previous(changed), changed.permissions) == (added, "rw-p")

        _, changes = moments(target, f"os.unlink({path!r})")
        [deleted] = [map_ for map_ in changes.changed if map_.is_deleted]
        assert changes.previous(deleted) == changed

        _, changes = moments(target, f"libc.munmap({address}, PAGE)")
        assert deleted in changes.removed


@pytest.mark.needs_processes
@pytest.mark.not_on("musl", reason="its malloc maps memory instead of growing the heap")
def test_heap_and_stack_grow_and_shrink() -> None:
    with Target() as target:
        target.run("libc.sbrk.argtypes = [ctypes.c_long]")
        _, changes = moments(target, "libc.sbrk(64 * PAGE)")
        [heap] = [map_ for map_ in changes.grown if map_.kind == "heap"]
        assert heap.size - changes.previous(heap).size >= 64 * PAGE
        _, changes = moments(target, "libc.sbrk(-32 * PAGE)")
        [heap] = [map_ for map_ in changes.shrunk if map_.kind == "heap"]
        assert changes.previous(heap).size - heap.size == 32 * PAGE

        # The stack grows when a page below it is touched.
        _, changes = moments(
            target,
            "line = next(l for l in open('/proc/self/maps') if '[stack]' in l)\n"
            "low = int(line.partition('-')[0], 16)\n"
            "ctypes.c_char.from_address(low - 8 * PAGE).value",
        )
        [stack] = [map_ for map_ in changes.grown if map_.kind == "stack"]
        was = changes.previous(stack)
        assert stack.end_address == was.end_address
        assert was.begin_address - stack.begin_address >= 8 * PAGE


@pytest.mark.needs_processes
def test_own_maps_are_no_difference_to_themselves() -> None:
    maps = procmaps.from_pid(os.getpid())
    assert not AddressSpace(maps).diff(AddressSpace(reversed(maps)))
