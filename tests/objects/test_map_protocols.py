"""Map in the protocols of Python: in, match, replace, dict, pickle, copy."""

from __future__ import annotations

import copy
import pickle
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
NAMES = [None, "/usr/bin/true", "\udcff\udcfe", "/\xe9\U0001f600 x ", "\t\r"]


class Index:
    """An integer by `__index__` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Other(int):
    """An integer of a class that claims to be another one."""

    def __index__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (0xFFF, False),
        (0x1000, True),
        (0x2FFF, True),
        (0x3000, False),
        (0, False),
        (-1, False),
        (0x1000 - 2**64, False),
        (2**64 + 0x1000, False),
        (0x1000 - 2**63, False),
        (2**63 + 0x1000, False),
        (2**200, False),
        (-(2**200), False),
        (Other(0x1000), True),
        (Other(2**64 + 0x1000), False),
        (Index(0x1000), True),
        (Index(2**64), False),
        (Index(-1), False),
        (True, False),
    ],
)
def test_membership_is_half_open(address: Any, expected: bool) -> None:
    assert (address in MAP) is expected
    assert (address not in MAP) is not expected


def test_membership_at_the_ends_of_the_address_space() -> None:
    whole = Map(0, MAXIMUM)
    assert 0 in whole
    assert 2**63 - 1 in whole
    assert 2**63 in whole
    assert Other(2**63) in whole
    assert MAXIMUM - 1 in whole
    assert MAXIMUM not in whole
    assert False in whole


def test_an_empty_map_contains_nothing() -> None:
    empty = Map(0x1000, 0x1000)
    assert 0x1000 not in empty
    assert 0xFFF not in empty


@pytest.mark.parametrize("address", ["4096", 4096.0, None, b"x", (4096,), MAP])
def test_membership_asks_for_an_integer(address: Any) -> None:
    name = type(address).__qualname__
    with pytest.raises(
        TypeError, match="cannot be interpreted as an integer"
    ) as caught:
        assert address in MAP
    assert name in str(caught.value)
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        MAP.file_offset(address)


def test_file_offset() -> None:
    assert MAP.file_offset(0x1000) == 0x2000
    assert MAP.file_offset(0x2FFF) == 0x3FFF
    assert MAP.file_offset(Index(0x1001)) == 0x2001
    # Past 64 bits, where an unsigned sum would begin again at 0.
    assert Map(0, 2, offset=MAXIMUM).file_offset(1) == 2**64


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (0xFFF, "0xfff"),
        (0x3000, "0x3000"),
        (-1, "-0x1"),
        (2**64, "0x1" + "0" * 16),
        (Index(7), "0x7"),
    ],
)
def test_file_offset_of_an_address_elsewhere(address: Any, text: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        MAP.file_offset(address)
    assert str(caught.value) == f"address {text} is not in 0x1000-0x3000"


def test_a_map_is_no_container_of_addresses_to_walk_through() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(MAP)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="has no len"):
        len(MAP)  # type: ignore[arg-type]


def test_dict_and_asdict_give_the_seven_fields() -> None:
    assert dict(MAP) == BASE._asdict()
    assert MAP.asdict() == BASE._asdict()
    assert list(MAP.asdict()) == list(MAP.keys()) == list(Row._fields)
    assert Map(**MAP.asdict()) == MAP
    # A type checker asks for one type of value there.
    anything: Any = MAP
    assert {**anything} == BASE._asdict()
    assert Map(**dict(anything)) == Map(**anything) == MAP


def test_asdict_is_a_fresh_dict() -> None:
    MAP.asdict()["inode"] = 0
    assert MAP.asdict()["inode"] == MAP.inode == 42


@pytest.mark.parametrize("name", Row._fields)
def test_a_field_by_its_name(name: str) -> None:
    assert MAP[name] == getattr(BASE, name)


@pytest.mark.parametrize(
    "key", ["size", "kind", "", "Inode", "inode ", 0, None, (1, 2)]
)
def test_no_other_key(key: Any) -> None:
    with pytest.raises(KeyError) as caught:
        MAP[key]
    assert caught.value.args == (key,)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"begin_address": 0},
        {"end_address": MAXIMUM},
        {"permissions": "rwxs"},
        {"offset": 0},
        {"device": (0, 5)},
        {"inode": 0},
        {"pathname": None},
        {"begin_address": 0x5000, "end_address": 0x6000, "pathname": "/x"},
    ],
    ids=str,
)
def test_replace(changes: dict[str, Any]) -> None:
    expected = map_of(BASE._replace(**changes))
    assert MAP.replace(**changes) == expected
    assert MAP.__replace__(**changes) == expected
    if sys.version_info >= (3, 13):
        assert copy.replace(MAP, **changes) == expected
    assert map_of(BASE) == MAP


def test_replace_takes_the_constructors_names_only() -> None:
    replace: Any = MAP.replace
    with pytest.raises(TypeError, match="unexpected keyword argument 'size'"):
        replace(size=1)
    with pytest.raises(TypeError, match="takes 0 positional arguments"):
        replace(1)


def test_match_args_are_the_constructors_arguments() -> None:
    assert Map.__match_args__ == Row._fields


MATCH = """
match map_:
    case Map(0, 0):
        found = "nothing"
    case Map(begin, end, permissions, offset, (major, minor), inode, pathname):
        found = (begin, end, permissions, offset, (major, minor), inode, pathname)
match map_:
    case Map(kind="file", path=path, is_deleted=False):
        named = path
"""


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match came with Python 3.10")
def test_match_statement() -> None:
    names: dict[str, Any] = {"map_": MAP, "Map": Map}
    exec(MATCH, names)
    assert names["found"] == tuple(BASE)
    assert names["named"] == "/usr/bin/true"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", NAMES)
def test_pickle(protocol: int, name: str | None) -> None:
    map_ = Map(1, MAXIMUM, "rw-s", MAXIMUM, (2**32 - 1, 5), MAXIMUM, name)
    again = pickle.loads(pickle.dumps(map_, protocol))
    assert type(again) is Map
    assert again == map_
    assert hash(again) == hash(map_)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_in_a_process_with_another_hash_seed(protocol: int) -> None:
    # There the hash is another one: it must not travel with the pickle.
    program = (
        "import pickle, sys\n"
        "table = pickle.load(sys.stdin.buffer)\n"
        "(map_,) = table\n"
        "assert table[map_.replace()] == 'found'\n"
        "sys.stdout.buffer.write(pickle.dumps((map_, hash(map_)), int(sys.argv[1])))"
    )
    child = subprocess.run(
        [sys.executable, "-c", program, str(protocol)],
        input=pickle.dumps({MAP: "found"}, protocol),
        env={"PYTHONHASHSEED": "4711"},
        check=True,
        capture_output=True,
    )
    map_, its_hash = pickle.loads(child.stdout)
    assert map_ == MAP
    assert hash(map_) == hash(MAP) != its_hash


def test_pickles_name_the_public_module() -> None:
    assert Map.__module__ == "procmaps"
    assert b"procmaps\nMap\n" in pickle.dumps(MAP, 0)


def test_copies_are_the_same_object() -> None:
    assert copy.copy(MAP) is MAP
    assert copy.deepcopy(MAP) is MAP
    assert copy.deepcopy([MAP])[0] is MAP


def test_bytes_are_the_line_to_the_byte() -> None:
    name = b"/srv/\xff\xfe caf\xc3\xa9 \\012"
    (map_,) = procmaps.from_bytes(b"7f00-8000 r--p 00001000 08:01 7 " + name)
    assert bytes(map_) == b"00007f00-00008000 r--p 00001000 08:01 7 ".ljust(73) + name
    assert bytes(Map(1, 2)) == b"00000001-00000002 ---p 00000000 00:00 0 "
