"""AddressSpace.to_bytes: what was saved is read back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmaps import AddressSpace, Map
from support.helpers import raw_maps
from support.strategies import maps


@given(st.lists(maps))
def test_a_space_comes_back_from_its_bytes(some: list[Map]) -> None:
    space = AddressSpace(some)
    text = space.to_bytes()
    assert AddressSpace.from_bytes(text) == space
    assert (
        text.rstrip(b"\n").split(b"\n") == [bytes(map_) for map_ in space] or not some
    )


def test_names_that_end_in_cr_come_back_from_bytes() -> None:
    space = AddressSpace([Map(1, 2, pathname="/a\r"), Map(3, 4, pathname="/b\r")])
    assert AddressSpace.from_bytes(space.to_bytes()) == space
    assert AddressSpace([]).to_bytes() == b""


@pytest.mark.not_on("elsewhere", reason="reads its own maps")
def test_bytes_of_a_process_are_what_the_kernel_prints() -> None:
    document = b"".join(
        line + b"\n" for line in raw_maps().splitlines() if b"[anon" not in line
    )
    assert AddressSpace.from_bytes(document).to_bytes() == document
