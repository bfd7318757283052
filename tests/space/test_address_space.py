"""AddressSpace: a sequence of maps in order, and what is mapped where."""

from __future__ import annotations

import copy
import os
import pickle
import sys
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps
from procmaps import AddressSpace, Map

LINES = """\
00400000-00402000 r-xp 00000000 08:01 42                                 /usr/bin/a
00402000-00403000 rw-p 00002000 08:01 42                                 /usr/bin/a
01000000-01021000 rw-p 00000000 00:00 0                                  [heap]
"""
MAPS = procmaps.from_str(LINES)
SPACE = AddressSpace(MAPS)
LIMIT = 12

small_maps = st.lists(
    st.builds(
        lambda ends, permissions: Map(min(ends), max(ends), permissions),
        st.tuples(st.integers(0, LIMIT), st.integers(0, LIMIT)),
        st.sampled_from(["r--p", "rw-p"]),
    ),
    max_size=8,
)
bounds = st.integers(-2, LIMIT + 2)


class Index:
    """An integer that is not an int."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_it_is_a_sequence_in_address_order() -> None:
    space = AddressSpace(reversed(MAPS))
    assert list(space) == MAPS
    assert list(reversed(space)) == MAPS[::-1]
    assert len(space) == 3
    assert [space[0], space[-1], space[Index(1)]] == [MAPS[0], MAPS[2], MAPS[1]]
    assert space[0] is MAPS[0]
    assert [space.index(map_) for map_ in MAPS] == [0, 1, 2]
    assert [space.count(map_) for map_ in MAPS] == [1, 1, 1]
    assert AddressSpace([*MAPS, MAPS[1]]).count(MAPS[1]) == 2


def test_it_is_not_registered_as_a_sequence() -> None:
    # polars.DataFrame() takes what is for a list of objects, and asks for no table.
    assert not isinstance(SPACE, Sequence)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match is newer syntax")
def test_it_matches_a_sequence_pattern() -> None:
    namespace: dict[str, Any] = {"space": SPACE}
    exec("match space:\n    case [first, *_, last]: pass", namespace)
    assert (namespace["first"], namespace["last"]) == (MAPS[0], MAPS[2])


@pytest.mark.parametrize("step", [None, 1, 2, 3, -1, -2])
@pytest.mark.parametrize("start", [None, 0, 1, -1, 99])
@pytest.mark.parametrize("stop", [None, 0, 2, -1, 99])
def test_a_slice_picks_as_from_a_list(
    start: int | None, stop: int | None, step: int | None
) -> None:
    part = SPACE[start:stop:step]
    assert type(part) is AddressSpace
    assert list(part) == sorted(MAPS[start:stop:step])


def test_an_index_out_of_range_or_of_another_type() -> None:
    for index in (3, -4, 2**70):
        with pytest.raises(IndexError, match=r"^AddressSpace index out of range$"):
            SPACE[index]
    expected = "AddressSpace index must be an integer or a slice, not str"
    with pytest.raises(TypeError, match=f"^{expected}$"):
        SPACE["0"]  # type: ignore[call-overload]


def first_position(index: Any, *arguments: object) -> int | None:
    try:
        position: int = index(*arguments)
    except ValueError:
        return None
    return position


@pytest.mark.parametrize("map_", MAPS)
@pytest.mark.parametrize("start", [0, 1, 2, 3, -1, -3, 99])
@pytest.mark.parametrize("stop", [0, 1, 2, 4, -1, -3, 2**70])
def test_index_takes_bounds_as_a_list_does(map_: Map, start: int, stop: int) -> None:
    space = AddressSpace([MAPS[0], MAPS[1], MAPS[1], MAPS[2]])
    expected = first_position(list(space).index, map_, start, stop)
    assert first_position(space.index, map_, start, stop) == expected


@given(small_maps)
def test_membership_counts_and_positions_are_those_of_the_sorted_list(
    maps: list[Map],
) -> None:
    space, listed = AddressSpace(maps), sorted(maps)
    assert list(space) == listed
    for begin in range(4):
        for permissions in ("r--p", "rw-p"):
            map_ = Map(begin, 4, permissions)
            assert (map_ in space) == (map_ in listed)
            assert space.count(map_) == listed.count(map_)
            if map_ in listed:
                assert space.index(map_) == listed.index(map_)


def test_equal_maps_make_equal_spaces() -> None:
    other = AddressSpace(map_.replace() for map_ in reversed(MAPS))
    assert other == SPACE
    assert hash(other) == hash(SPACE)
    assert {SPACE: 1}[other] == 1
    assert SPACE[:2] != SPACE
    assert SPACE != MAPS
    assert AddressSpace([*MAPS, MAPS[0]]) != SPACE
    with pytest.raises(TypeError):
        SPACE < other  # type: ignore[operator]  # noqa: B015


def test_what_neighbours_in_order_does_not_make_equal() -> None:
    # The same range under two names: told apart, and in the order of Map.
    a, b = Map(1, 2, "r--p", pathname="/a"), Map(1, 2, "r--p", pathname="/b")
    assert list(AddressSpace([b, a, b])) == [a, b, b]
    assert [AddressSpace([b, a, b]).index(map_) for map_ in (a, b)] == [0, 1]
    assert AddressSpace([b, a, b]).count(b) == 2


def test_repr_is_short() -> None:
    assert repr(SPACE) == "<AddressSpace of 3 maps, 0x400000-0x1021000>"
    assert repr(AddressSpace([])) == "<AddressSpace of 0 maps>"
    nested = AddressSpace([Map(0, 9), Map(1, 2)])
    assert repr(nested) == "<AddressSpace of 2 maps, 0x0-0x9>"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_pickles(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(SPACE, protocol)) == SPACE


def test_copies_are_the_same_object() -> None:
    assert copy.copy(SPACE) is SPACE
    assert copy.deepcopy(SPACE) is SPACE


@pytest.mark.not_on("pypy", reason="an object takes any new attribute")
def test_nothing_can_be_assigned() -> None:
    with pytest.raises(AttributeError):
        SPACE.size = 0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        SPACE.other = 0  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        SPACE[0] = MAPS[0]  # type: ignore[index]


@pytest.mark.needs_processes
def test_it_is_made_of_all_that_maps_are_made_of(tmp_path: Any) -> None:
    path = tmp_path / "maps"
    path.write_text(LINES)
    assert AddressSpace.from_path(path) == SPACE
    assert AddressSpace.from_path(os.fsencode(path)) == SPACE
    assert AddressSpace.from_str(maps_data=LINES) == SPACE
    assert AddressSpace.from_bytes(maps_data=LINES.encode()) == SPACE
    here = object()
    assert id(here) in AddressSpace.from_pid(pid=os.getpid())
    with pytest.raises(procmaps.ParseError, match=r"^line 1: begin address: "):
        AddressSpace.from_str("x")
    with pytest.raises(ProcessLookupError):
        AddressSpace.from_pid(0)


@pytest.mark.not_on("pypy", reason="messages name a class without its package")
@pytest.mark.parametrize(
    ("maps", "message"),
    [
        ([MAPS[0], 1], r"maps\[1\] must be a Map, not int"),
        ("ab", r"maps\[0\] must be a Map, not str"),
        ([None], r"maps\[0\] must be a Map, not NoneType"),
        (5, "'int' object is not iterable"),
        (MAPS[0], "'procmaps.Map' object is not iterable"),
    ],
)
def test_it_is_made_of_maps_alone(maps: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        AddressSpace(maps)


def test_in_asks_for_an_address_or_an_element() -> None:
    assert 0x400000 in SPACE
    assert Index(0x402FFF) in SPACE
    assert 0x403000 not in SPACE
    assert -1 not in SPACE
    assert 2**64 not in SPACE
    assert MAPS[0].replace() in SPACE
    assert MAPS[0].replace(inode=43) not in SPACE
    for other in ("0x400000", 4194304.0, None, [MAPS[0]]):
        name = type(other).__name__
        expected = f"element must be a Map or an address, not {name}"
        with pytest.raises(TypeError, match=f"^{expected}$"):
            other in SPACE  # type: ignore[operator]  # noqa: B015


def test_find() -> None:
    assert SPACE.find(0x400000) is MAPS[0]
    assert SPACE.find(0x401FFF) is MAPS[0]
    assert SPACE.find(0x402000) is MAPS[1]
    assert SPACE.find(address=Index(0x1000000)) is MAPS[2]
    for nowhere in (0, 0x3FFFFF, 0x403000, 0x1021000, -1, 2**64, 2**64 - 1, -(2**99)):
        assert SPACE.find(nowhere) is None
    assert AddressSpace([]).find(0) is None


def test_addresses_in_the_upper_half_are_found() -> None:
    space = AddressSpace([Map(2**63 - 1, 2**63), Map(2**63, 2**64 - 1)])
    asked: list[Any] = [2**63 - 1, 2**63, 2**64 - 2, Index(2**63), True]
    asked += [2**64 - 1, -(2**63)]
    found = [space[0], space[1], space[1], space[1], None, None, None]
    assert [space.find(address) for address in asked] == found
    assert space.find_many(asked) == found
    mapped = [address for address in asked if address in space]
    assert mapped == asked[:4]


def linear_find(maps: list[Map], address: int) -> Map | None:
    """Return the greatest map that contains the address."""
    holders = [m for m in maps if m.begin_address <= address < m.end_address]
    return max(holders, default=None)


@given(small_maps)
def test_every_question_is_answered_as_by_a_linear_scan(maps: list[Map]) -> None:
    space = AddressSpace(maps)
    addresses = list(range(-1, LIMIT + 1))
    expected = [linear_find(maps, address) for address in addresses]
    assert [space.find(address) for address in addresses] == expected
    assert space.find_many(addresses) == expected
    assert space.find_many(iter(addresses)) == expected
    mapped = [address for address in addresses if linear_find(maps, address)]
    assert [address for address in addresses if address in space] == mapped
    assert space.size == len(mapped)
    gaps = [address for begin, end in space.gaps() for address in range(begin, end)]
    between = range(mapped[0], mapped[-1]) if mapped else range(0)
    assert gaps == [address for address in between if address not in mapped]
    assert space.gaps() == sorted(space.gaps())


@given(small_maps, bounds, bounds)
def test_ranges_are_answered_as_by_a_linear_scan(
    maps: list[Map], one: int, other: int
) -> None:
    space, begin, end = AddressSpace(maps), min(one, other), max(one, other)
    asked = set(range(begin, end))
    sharing = [m for m in maps if asked & {*range(m.begin_address, m.end_address)}]
    assert list(space.overlapping(begin, end)) == sorted(sharing)
    mapped = {address for address in asked if linear_find(maps, address)}
    assert space.covers(begin, end) == (mapped == asked)


def test_find_many_goes_on_past_what_it_does_at_once() -> None:
    maps = [Map(begin, begin + 1) for begin in range(0, 5000, 2)]
    found = AddressSpace(maps).find_many(range(5000))
    assert found[::2] == maps
    assert found[1::2] == [None] * 2500
    assert AddressSpace(maps).find_many([]) == []


def test_find_many_names_the_address_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"^addresses\[1\] must be an integer, not str"):
        SPACE.find_many([1, "2"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"^addresses\[300\] must be an integer, not f"):
        SPACE.find_many([1] * 300 + [1.5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"^'int' object is not iterable$"):
        SPACE.find_many(5)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        SPACE.find_many(1 // n for n in (1, 0))


def test_find_many_survives_a_list_that_changes_meanwhile() -> None:
    addresses: list[Any] = [0x400000] * 10

    class Clearing(Index):
        def __index__(self) -> int:
            addresses.clear()
            return self.value

    addresses[3] = Clearing(0x402000)
    assert SPACE.find_many(addresses) == [MAPS[0]] * 3 + [MAPS[1]]


def test_a_range_may_reach_beyond_every_address() -> None:
    assert SPACE.overlapping(-(2**70), 2**70) == SPACE
    assert SPACE.overlapping(0, 2**64) == SPACE
    assert SPACE.overlapping(2**64, 2**65) == AddressSpace([])
    assert SPACE.overlapping(begin=0x401000, end=0x402000) == SPACE[:1]
    whole = AddressSpace([Map(0, 2**64 - 1)])
    assert whole.covers(0, 2**64 - 1)
    assert not whole.covers(0, 2**64)
    assert not whole.covers(-1, 5)
    assert whole.covers(2**70, 2**70)
    assert whole.covers(-5, -5)
    assert SPACE.covers(begin=0x400000, end=0x403000)
    assert not SPACE.covers(0x400000, 0x403001)


Ask = Callable[[Any, Any], object]


@pytest.mark.parametrize("ask", [SPACE.overlapping, SPACE.covers])
def test_a_range_has_two_ends_in_order(ask: Ask) -> None:
    expected = "end must not be below begin, 0x1 is below 0x2"
    with pytest.raises(ValueError, match=f"^{expected}$"):
        ask(2, 1)
    with pytest.raises(ValueError, match=r", -0x2 is below -0x1$"):
        ask(-1, -2)
    with pytest.raises(
        ValueError, match=r", 0x10000000000000000 is below 0x1000000000"
    ):
        ask(2**64 + 1, 2**64)
    with pytest.raises(TypeError, match=r"^begin must be an integer, not float$"):
        ask(1.0, 2)
    with pytest.raises(TypeError, match=r"^end must be an integer, not NoneType$"):
        ask(1, None)


@pytest.mark.needs_processes
def test_size_and_gaps_of_a_real_process() -> None:
    maps = procmaps.from_pid(os.getpid())
    space = AddressSpace(maps)
    assert space.size == sum(map_.size for map_ in maps)
    edges = [
        (below.end_address, above.begin_address)
        for below, above in zip(maps, maps[1:])
        if below.end_address < above.begin_address
    ]
    assert space.gaps() == sorted(edges, key=itemgetter(0))


@pytest.mark.parametrize("ask", [SPACE.find, SPACE.index, SPACE.count])
def test_a_question_of_the_wrong_type(ask: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"must be (an integer|a Map), not str$"):
        ask("x")
    with pytest.raises(
        ValueError, match=r"^Map\(begin_address=0x1, .* is not in the A"
    ):
        SPACE.index(Map(1, 2))
