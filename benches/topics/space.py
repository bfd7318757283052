"""An AddressSpace: what it costs to build, and to ask for an address."""

from collections.abc import Iterator

from benches.harness import Case, Row
from benches.topics.read import OURS

ASKED = 10_000
# Addresses in few of the maps, as of samples or a stack, or in any of them: then
# each answer is memory that the processor has to wait for.
SPACE = """
import random
from procmaps import AddressSpace, Map
maps = [Map(0x3000 * n, 0x3000 * n + 0x2000, "rw-p") for n in range(1, {maps} + 1)]
space = AddressSpace(maps)
chosen = random.Random(1).choices(random.Random(2).sample(maps, {among}), k={asked})
begins = [map_.begin_address for map_ in chosen]
addresses = [begin + 0x123 for begin in begins]
find, get = space.find, {{map_.begin_address: map_ for map_ in maps}}.get
"""

# What loaders make of so many files: five segments each, and memory after them.
LOADED = """
from benches import inputs
from procmaps import AddressSpace
text = inputs.loaded({maps}, {files})
before, after = AddressSpace.from_bytes(text), AddressSpace.from_bytes(text)
"""


def _loaded(statement: str) -> Case:
    maps = 20_000
    return Case(LOADED.format(maps=maps, files=4_000), statement, per=maps)


def _asked(maps: int, among: int, statement: str) -> Case:
    setup = SPACE.format(maps=maps, among=among, asked=ASKED)
    return Case(setup, statement, per=ASKED)


def rows() -> Iterator[Row]:
    """One address, many, and the way to the first of them."""
    one_by_one = "for address in addresses: find(address)"
    by_key = "for begin in begins: get(begin)"
    for maps in (100, 60_000):
        yield Row(
            f"`space.find`, {maps:,} maps",
            _asked(maps, 100, one_by_one),
            "`dict.get`",
            _asked(maps, 100, by_key),
            target="under 3",
            is_share=True,
        )
    for where, among in (("in 100 of", 100), ("anywhere in", 60_000)):
        yield Row(
            f"`space.find`, {where} 60,000 maps",
            _asked(60_000, among, one_by_one),
            "the same in 100",
            _asked(100, 100, one_by_one),
            target="at most 1.5",
            is_share=True,
        )
    yield Row(
        "`dict.get`, anywhere in 60,000 keys",
        _asked(60_000, 60_000, by_key),
        "the same in 100",
        _asked(100, 100, by_key),
        is_share=True,
    )
    for maps in (100, 60_000):
        yield Row(
            f"`space.find_many`, {maps:,} maps",
            _asked(maps, maps, "space.find_many(addresses)"),
            "a loop over `find`",
            _asked(maps, maps, "[find(address) for address in addresses]"),
            target="at least 3",
        )
    for maps in (1_000, 30_000):
        setup = f"from benches import inputs; inputs.grow_to({maps})\n{OURS}"
        yield Row(
            f"`AddressSpace.from_pid`, {maps:,} maps, per map",
            Case(setup, "procmaps.AddressSpace.from_pid(pid)", per=maps),
            "`from_pid`",
            Case(setup, "procmaps.from_pid(pid)", per=maps),
            target="at most 1.15",
            is_share=True,
        )
    parse = _loaded("AddressSpace.from_bytes(text)")
    for what, statement, target in (
        ("`from_bytes(text).modules`", "AddressSpace.from_bytes(text).modules", 3),
        ("`before.diff(after)`", "before.diff(after)", 2),
    ):
        yield Row(
            f"{what}, 20,000 maps in 4,000 files, per map",
            _loaded(statement),
            "`AddressSpace.from_bytes(text)`",
            parse,
            target=f"at most {target}",
            is_share=True,
        )
