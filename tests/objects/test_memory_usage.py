"""MemoryUsage: made, frozen, compared, hashed, ordered, shown, pickled."""

from __future__ import annotations

import copy
import pickle
import random
import subprocess
import sys
from typing import Any

import pytest

import procmaps
from procmaps import Map, MemoryUsage
from support.helpers import MAXIMUM
from support.smaps_helpers import DATA, DOCUMENTS, cost_of
from support.smaps_oracle import ATTRIBUTES, BYTES

MAP = Map(0x1000, 0x3000, "r-xp", 0x2000, (8, 1), 42, "/usr/bin/true")
NUMBERS: list[str] = [*BYTES.values(), "protection_key"]
ORDER = [
    *(name for name in BYTES.values()),
    "thp_eligible",
    "protection_key",
    "vm_flags",
]
# Every argument with two values that differ, the smaller one first.
PAIRS: dict[str, tuple[object, object]] = {
    "map": (MAP, MAP.replace(pathname="/usr/bin/two")),
    **dict.fromkeys(NUMBERS, (0, 1)),
    "thp_eligible": (False, True),
    "vm_flags": (frozenset({"ac", "rd"}), frozenset({"rd"})),
    "extra": ({"New": 1}, {"New": 2}),
}


def usage(**arguments: Any) -> MemoryUsage:
    return MemoryUsage(**{"map": MAP, **arguments})


def all_usages() -> list[MemoryUsage]:
    return [one for path in DOCUMENTS for one in procmaps.smaps_from_path(path)]


def test_what_is_not_given_is_none() -> None:
    empty = MemoryUsage(MAP)
    assert empty.map is MAP
    assert {getattr(empty, name) for name in ATTRIBUTES.values()} == {None}
    assert (empty.extra, empty.uss, empty.describe_flags()) == ({}, None, {})
    nones = dict.fromkeys(ATTRIBUTES.values())
    assert usage(**nones) == empty


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_kept(name: str) -> None:
    for value in (0, 1, MAXIMUM):
        one = usage(**{name: value})
        assert getattr(one, name) == value
        others = {other for other in ATTRIBUTES.values() if other != name}
        assert {getattr(one, other) for other in others} == {None}
    for value in (-1, MAXIMUM + 1):
        with pytest.raises(OverflowError, match=f"^{name} does not fit in 64 bits$"):
            usage(**{name: value})
    with pytest.raises(TypeError, match=f"^{name} must be an integer, not str$"):
        usage(**{name: "1"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"map": "/usr/bin/true"}, "map must be a Map, not str"),
        ({"thp_eligible": 1}, "thp_eligible must be a bool or None, not int"),
        ({"vm_flags": "rd wr"}, "vm_flags must be an iterable of str or None, not str"),
        ({"vm_flags": 1}, "vm_flags must be an iterable of str or None, not int"),
        ({"vm_flags": [1]}, "vm_flags must be an iterable of str or None, not list"),
        ({"extra": None}, "extra must be a mapping of str to int or str, not NoneType"),
        ({"extra": {1: 1}}, "extra must be a mapping of str to int or str, not dict"),
        ({"extra": {"A": 1.5}}, "extra must be an integer, not float"),
        ({"uss": 1}, "MemoryUsage has no argument 'uss'"),
        ({"Rss": 1}, "MemoryUsage has no argument 'Rss'"),
    ],
)
def test_an_argument_of_another_type_is_named(
    arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        usage(**arguments)
    assert str(caught.value) == message


def test_the_other_arguments() -> None:
    def codes() -> Any:
        yield from ("rd", "wr", "rd")

    one = usage(thp_eligible=False, vm_flags=codes(), extra={"A": 1, "B": "x y"})
    assert one.thp_eligible is False
    assert one.vm_flags == frozenset({"rd", "wr"})
    assert type(one.vm_flags) is frozenset
    assert dict(one.extra) == {"A": 1, "B": "x y"}
    with pytest.raises(TypeError):
        MemoryUsage()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        MemoryUsage(MAP, 1)  # type: ignore[call-arg]


def test_unique_memory() -> None:
    assert usage(private_clean=1, private_dirty=2).uss == 3
    assert usage(private_clean=1, private_dirty=2, private_hugetlb=4).uss == 7
    assert usage(private_clean=1, private_hugetlb=4).uss is None
    assert usage(private_dirty=1, private_hugetlb=4).uss is None


def test_flags_are_described_in_the_order_of_the_kernel() -> None:
    one = usage(vm_flags=["zz", "ex", "rd", "aa"])
    assert list(one.describe_flags().items()) == [
        ("rd", "readable"),
        ("ex", "executable"),
        ("aa", "aa"),
        ("zz", "zz"),
    ]


@pytest.mark.not_on("pypy", reason="an object takes any new attribute")
def test_it_is_frozen() -> None:
    extra = {"New": 1}
    one: Any = usage(rss=1, vm_flags=["rd"], extra=extra)
    before = hash(one)
    extra["New"] = 2
    for name in ("map", "rss", "pss", "vm_flags", "extra", "other"):
        with pytest.raises(AttributeError):
            setattr(one, name, None)
        with pytest.raises(AttributeError):
            delattr(one, name)
    with pytest.raises(TypeError):
        one.extra["New"] = 2
    with pytest.raises(TypeError):
        usage().extra["New"] = 2  # type: ignore[index]
    with pytest.raises(TypeError):
        type("Derived", (MemoryUsage,), {})
    assert (one.extra, hash(one)) == ({"New": 1}, before)


@pytest.mark.parametrize("name", PAIRS)
def test_each_argument_tells_two_apart(name: str) -> None:
    smaller, larger = PAIRS[name]
    a, b = usage(**{name: smaller}), usage(**{name: larger})
    assert a == usage(**{name: smaller})
    assert hash(a) == hash(usage(**{name: smaller}))
    assert (a == b, a != b) == (False, True)
    assert hash(a) != hash(b)
    assert (a < b, a <= b, a > b, a >= b) == (True, True, False, False)
    assert (a < a, a <= a, a > a, a >= a) == (False, True, False, True)  # noqa: PLR0124
    if name != "map":
        nothing = usage()
        assert nothing != a
        assert nothing < a
        assert a > nothing


def test_the_order_is_that_of_the_arguments() -> None:
    names = ["map", *ORDER, "extra"]
    for first, second in zip(names, names[1:]):
        a = usage(**{first: PAIRS[first][0], second: PAIRS[second][1]})
        b = usage(**{first: PAIRS[first][1], second: PAIRS[second][0]})
        assert a < b
    assert usage(extra={"A": 2}) < usage(extra={"A": ""}) < usage(extra={"B": 1})
    assert usage(vm_flags=[]) < usage(vm_flags=["rd"]) < usage(vm_flags=["rd", "wr"])


def test_all_can_be_sorted() -> None:
    usages = all_usages()
    expected = sorted(usages)
    random.Random(1).shuffle(usages)
    assert sorted(usages) == expected
    assert all(a <= b for a, b in zip(expected, expected[1:]))


def test_nothing_else_is_equal_or_comparable() -> None:
    other: Any = MAP
    assert usage() != other
    assert usage() != cost_of(usage())
    with pytest.raises(TypeError):
        usage() < other  # noqa: B015


def test_the_order_of_flags_and_extra_makes_no_difference() -> None:
    a = usage(vm_flags=["rd", "wr"], extra={"A": 1, "B": 2})
    b = usage(vm_flags=["wr", "rd"], extra={"B": 2, "A": 1})
    assert a == b
    assert hash(a) == hash(b)
    assert a <= b <= a


def test_repr_can_be_evaluated() -> None:
    for one in all_usages():
        names = {"Map": Map, "MemoryUsage": MemoryUsage}
        assert eval(repr(one), names) == one
    assert repr(usage(rss=4096, thp_eligible=False, vm_flags=["wr", "rd"])) == (
        f"MemoryUsage({MAP!r}, rss=4096, thp_eligible=False, vm_flags=['rd', 'wr'])"
    )
    assert repr(usage(extra={"A": "x"})) == f"MemoryUsage({MAP!r}, extra={{'A': 'x'}})"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol: int) -> None:
    usages = [*all_usages(), usage()]
    again = pickle.loads(pickle.dumps(usages, protocol))
    assert again == usages
    assert [cost_of(one) for one in again] == [cost_of(one) for one in usages]
    slow: Any = pickle._dumps  # type: ignore[attr-defined] # noqa: SLF001
    assert pickle.loads(slow(usages, protocol)) == usages


def test_a_pickle_means_the_same_in_another_process() -> None:
    usages = procmaps.smaps_from_path(DATA / "linux-6.18.txt")
    script = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    shown = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(usages),
        capture_output=True,
        check=True,
    )
    assert shown.stdout.decode() == f"{usages}\n"


def test_copies_are_the_same_object() -> None:
    one = usage(rss=1)
    assert copy.copy(one) is one
    assert copy.deepcopy([one])[0] is one


def test_as_a_dict() -> None:
    one = usage(rss=4096, thp_eligible=False, vm_flags=["rd"], extra={"A": 1})
    expected = {
        "map": MAP,
        **dict.fromkeys(ATTRIBUTES.values()),
        "rss": 4096,
        "thp_eligible": False,
        "vm_flags": frozenset({"rd"}),
        "extra": {"A": 1},
    }
    assert one.asdict() == expected
    assert list(one.asdict()) == ["map", *ORDER, "extra"]
    assert one.asdict()["map"] is one.map
    assert one.asdict()["thp_eligible"] is False
    assert type(one.asdict()["extra"]) is dict
    as_dict: Any = dict(one)
    assert as_dict == expected
    assert type(as_dict["extra"]) is dict
    assert one.keys() == tuple(expected)
    for each in all_usages():
        assert MemoryUsage(**each.asdict()) == each
        assert dict(each) == each.asdict()


def test_what_is_missing_gets_another_value() -> None:
    missing = object()
    given = usage(rss=0, thp_eligible=False).asdict(missing=missing)
    assert (given["rss"], given["thp_eligible"], given["extra"]) == (0, False, {})
    others = set(ATTRIBUTES.values()) - {"rss", "thp_eligible"}
    assert {given[name] for name in others} == {missing}
    assert usage().asdict(missing=None) == usage().asdict()
    assert usage().asdict(missing=0)["swap"] == 0
    with pytest.raises(TypeError):
        usage().asdict(0)  # type: ignore[call-overload]


def test_a_dict_of_it_changes_nothing() -> None:
    one = usage(extra={"A": 1})
    one.asdict()["extra"]["A"] = 2
    one["extra"]["A"] = 2
    assert one == usage(extra={"A": 1})


def test_values_by_name() -> None:
    one = usage(rss=4096, vm_flags=["rd"])
    assert (one["map"], one["rss"], one["pss"]) == (MAP, 4096, None)
    assert one["vm_flags"] == frozenset({"rd"})
    assert one["extra"] == {}
    keys: list[Any] = ["uss", "Rss", "", 0, ("rss",), None, "\ud800"]
    for key in keys:
        with pytest.raises(KeyError) as caught:
            one[key]
        assert caught.value.args == (key,)


def test_it_is_no_sequence() -> None:
    one: Any = usage()
    with pytest.raises(TypeError):
        iter(one)
    with pytest.raises(TypeError):
        len(one)


@pytest.mark.not_on("pypy", reason="cpyext keeps no text signature")
def test_the_names_of_the_constructor() -> None:
    assert MemoryUsage.__module__ == "procmaps"
    signature = MemoryUsage.__text_signature__
    if signature is None:
        # CPython 3.9 finds none for a class of the stable ABI, Map's neither.
        assert sys.version_info < (3, 10)
        return
    names = [
        part.partition("=")[0].strip() for part in signature.strip("()").split(",")
    ]
    assert names == ["map", "*", *ORDER, "extra"]
