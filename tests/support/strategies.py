"""Everything that a Map can hold, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from procmaps import Map
from support.helpers import MAXIMUM

u64 = st.one_of(
    st.integers(0, MAXIMUM),
    st.integers(0, 64).map(lambda bits: 2**bits - 1),
    st.integers(0, 63).map(lambda bits: 2**bits),
)
u32 = st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 32).map(lambda b: 2**b - 1))
permissions = st.tuples(*map(st.sampled_from, ("r-", "w-", "x-", "ps"))).map("".join)

# Pieces that mean something to whoever reads a name.
PIECES = [
    *("/", "/dev/", "/dev/shm/", "/dev/zero", "/memfd:", "/SYSV", "SYSV", "[anon:"),
    *("[anon_shmem:", "[stack", "[heap]", "anon_inode:", "/[aio]", "/anon_hugepage"),
    *(" (deleted)", "\\012", "\\", " ", "\t", "\r", "]", ":", "12ab34cd", "\x85"),
    *("\udcc3", "\udca9", "\udcff", "\u2028", "\ud7ff\ue000", "\U0001f600", "\u0660"),
]


def _is_name(name: str) -> bool:
    return name != "" and name[0] != " " and not set(name) & {"\0", "\n"}


def _from_bytes(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


characters = st.characters(codec="utf-8") | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]
)
names = st.one_of(
    st.text(characters),
    st.binary().map(_from_bytes),
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
).filter(_is_name)


@st.composite
def _maps(draw: st.DrawFn) -> Map:
    begin_address, end_address = sorted([draw(u64), draw(u64)])
    return Map(
        begin_address,
        end_address,
        draw(permissions),
        draw(u64),
        (draw(u32), draw(u32)),
        draw(u64),
        draw(st.none() | names),
    )


maps = _maps()
