"""Map as a value: equality, hash, order, immutability, and its text forms."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from typing import Any

import pytest

import procmaps
from procmaps import Map
from support.helpers import MAXIMUM, map_of
from support.oracle import Row

BASE = Row(0x1000, 0x3000, "r-xp", 0x2000, (8, 1), 42, "/usr/bin/true")
MAP = map_of(BASE)

# One change to each field, and to each half of the device.
CHANGES: list[dict[str, Any]] = [
    {"begin_address": 0x1001},
    {"end_address": 0x3001},
    {"permissions": "r-xs"},
    {"offset": 0x2001},
    {"device": (9, 1)},
    {"device": (8, 2)},
    {"inode": 43},
    {"pathname": "/usr/bin/truf"},
]
ATTRIBUTES = [
    *Row._fields,
    "is_readable",
    "is_writable",
    "is_executable",
    "is_shared",
    "is_private",
    "size",
    "kind",
    "path",
    "is_deleted",
]


def test_equal_maps_are_one_member_and_one_key() -> None:
    twin = map_of(BASE)
    assert twin is not MAP
    assert twin == MAP
    assert not twin != MAP  # noqa: SIM202
    assert hash(twin) == hash(MAP)
    assert {MAP, twin} == {MAP}
    assert {MAP: "first"}[twin] == "first"
    (parsed,) = procmaps.from_str(str(MAP))
    assert parsed == MAP
    assert hash(parsed) == hash(MAP)


@pytest.mark.parametrize("changes", [*CHANGES, {"pathname": None}], ids=str)
def test_every_field_counts_for_equality_and_hash(changes: dict[str, Any]) -> None:
    other = map_of(BASE._replace(**changes))
    assert other != MAP
    assert not other == MAP  # noqa: SIM201
    assert hash(other) != hash(MAP)
    assert len({other, MAP}) == 2


def test_hashes_of_neighbours_differ_where_a_dict_looks() -> None:
    maps = [Map(page, page + 0x1000) for page in range(0, 2**24, 0x1000)]
    assert len({hash(map_) for map_ in maps}) == 2**12
    # Chance alone fills (1 - 1/e) of as many places: 2,589.
    assert len({hash(map_) % 2**12 for map_ in maps}) > 2_400


def test_a_map_equals_nothing_but_a_map() -> None:
    for other in (tuple(BASE), BASE, None, 0, str(MAP), MAP.asdict(), object()):
        assert MAP != other
        assert not MAP == other  # noqa: SIM201


def test_the_other_side_may_decide_equality() -> None:
    class Anything:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Map)

        __hash__ = None  # type: ignore[assignment]

    assert Anything() == MAP
    assert MAP == Anything()


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_every_field_counts_for_the_order(changes: dict[str, Any]) -> None:
    later = map_of(BASE._replace(**changes))
    assert MAP < later
    assert MAP <= later
    assert later > MAP
    assert later >= MAP
    assert not later < MAP
    assert not later <= MAP
    assert not MAP > later
    assert not MAP >= later
    assert MAP <= map_of(BASE)
    assert MAP >= map_of(BASE)
    assert not MAP < map_of(BASE)
    assert not MAP > map_of(BASE)


def test_earlier_fields_outweigh_later_ones() -> None:
    rows = [
        Row(begin, end, permissions, offset, device, inode, name)
        for begin, end, permissions, offset, device, inode, name in itertools.product(
            (0, 1),
            (MAXIMUM - 1, MAXIMUM),
            ("---p", "rwxs"),
            (0, 2**63),
            ((0, 2**32 - 1), (1, 0)),
            (0, 2**63),
            ("", "/a", "/b", "[heap]"),
        )
    ]
    # A tuple can't compare None with text; the empty name stands for it here.
    maps = [map_of(row._replace(pathname=row.pathname or None)) for row in rows]
    assert rows == sorted(rows)
    assert sorted(random.Random(0).sample(maps, len(maps))) == maps


def test_no_name_comes_before_any_name() -> None:
    nameless = MAP.replace(pathname=None)
    assert nameless < MAP.replace(pathname="\t")
    assert not nameless < MAP.replace(pathname=None)
    assert MAP.replace(pathname="\t") > nameless


@pytest.mark.parametrize("symbol", ["<", "<=", ">", ">="])
def test_maps_are_ordered_among_themselves_only(symbol: str) -> None:
    with pytest.raises(TypeError, match=f"'{symbol}' not supported"):
        eval(f"map_ {symbol} other", {"map_": MAP, "other": tuple(BASE)})


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_can_be_neither_set_nor_deleted(name: str) -> None:
    before = getattr(MAP, name)
    with pytest.raises(AttributeError, match=name):
        setattr(MAP, name, before)
    with pytest.raises(AttributeError, match=name):
        delattr(MAP, name)
    with pytest.raises(AttributeError, match=name):
        object.__setattr__(MAP, name, before)
    assert getattr(MAP, name) == before


@pytest.mark.not_on("pypy", reason="an object takes any new attribute")
def test_nothing_can_be_added_or_reinitialised() -> None:
    with pytest.raises(AttributeError):
        MAP.note = "x"  # type: ignore[attr-defined]
    assert not hasattr(MAP, "__dict__")
    with pytest.raises(TypeError):
        MAP["inode"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        del MAP["inode"]  # type: ignore[attr-defined]
    MAP.__init__(1, 2)  # type: ignore[call-arg]
    assert map_of(BASE) == MAP


def test_map_is_final() -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (Map,), {})


def test_repr() -> None:
    assert repr(MAP) == (
        "Map(begin_address=0x1000, end_address=0x3000, permissions='r-xp', "
        "offset=0x2000, device=(8, 1), inode=42, pathname='/usr/bin/true')"
    )
    assert repr(Map(0, 0)) == (
        "Map(begin_address=0x0, end_address=0x0, permissions='---p', "
        "offset=0x0, device=(0, 0), inode=0, pathname=None)"
    )


@pytest.mark.parametrize(
    "name",
    [None, "it's", 'say "x"', "back\\slash", "\udcff", "\t\r\x85\u2028", "{x}%s"],
)
def test_repr_is_evaluable(name: str | None) -> None:
    map_ = MAP.replace(pathname=name)
    assert eval(repr(map_), {"Map": Map}) == map_


@pytest.mark.parametrize(
    ("map_", "line"),
    [
        (Map(0, 0), "00000000-00000000 ---p 00000000 00:00 0 "),
        (Map(0xABC, 0x100000000, "rwxs"), "00000abc-100000000 rwxs 00000000 00:00 0 "),
        (
            Map(0x1000, 0x3000, "r-xp", 0x2000, (0x103, 0x12A), 42, "/a"),
            "00001000-00003000 r-xp 00002000 103:12a 42" + " " * 31 + "/a",
        ),
        (
            Map(1, MAXIMUM, "---s", MAXIMUM, (2**32 - 1, 2**32 - 1), MAXIMUM, "x "),
            f"00000001-{'f' * 16} ---s {'f' * 16} ffffffff:ffffffff {MAXIMUM}  x ",
        ),
    ],
)
def test_str_is_the_line_of_a_64_bit_kernel(map_: Map, line: str) -> None:
    assert str(map_) == line
    assert f"{map_}" == line
    assert procmaps.from_str(line) == [map_]


@pytest.mark.parametrize("inode_digits", range(1, 20))
def test_a_name_begins_in_column_73_or_after_two_spaces(inode_digits: int) -> None:
    inode = 10 ** (inode_digits - 1)
    map_ = Map(2**60, 2**61, "r--p", 2**61, (1, 1), inode, "/a")
    header = f"{2**60:x}-{2**61:x} r--p {2**61:x} 01:01 {inode} "
    assert str(map_) == header + " " * max(1, 73 - len(header)) + "/a"


def test_the_hash_of_a_nameless_map_is_the_same_everywhere() -> None:
    # Text is hashed with a seed of the process; numbers are not.
    program = "import procmaps; print(hash(procmaps.Map(1, 2)))"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert hashes == {b"%d\n" % hash(Map(1, 2))}
