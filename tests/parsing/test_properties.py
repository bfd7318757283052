"""What holds for every Map and for any text, searched with hypothesis."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

import procmaps
from procmaps import Map, ParseError
from support import oracle
from support.helpers import LINE, bad_lines, good_vectors, map_of, raw_maps, row_of
from support.strategies import maps, names, u64

if TYPE_CHECKING:
    from support.oracle import Row

REAL_LINES = raw_maps().splitlines()[:40]
STORED_LINES = [*(vector.line for vector in good_vectors()), *bad_lines()]
# Bytes that decide something, and one of each other sort.
BYTES = st.sampled_from(b" \t\r\n\0-:/[]0179afAFgrwxps+_\\\x1f\x7f\x80\xc3\xa9\xff")


def sort_key(row: Row) -> tuple[Any, ...]:
    *numbers, name = row
    return (*numbers, name is not None, name or "")


@given(maps)
def test_a_map_comes_back_from_its_text(map_: Map) -> None:
    assert procmaps.from_str(str(map_)) == [map_]
    # A line that ends in LF alone: without it, a CR at the end of a name that is
    # followed by LF would pass for a line break of Windows.
    document = f"{LINE}\n{map_}\n".encode("utf-8", "surrogateescape")
    assert procmaps.from_bytes(document)[1:] == [map_]
    assert str(map_) == oracle.text(row_of(map_))


@given(st.lists(maps))
def test_a_document_comes_back_from_its_text(document: list[Map]) -> None:
    text = "".join(f"{map_}\n" for map_ in [*document, LINE])
    assert procmaps.from_str(text)[:-1] == document


@given(maps)
def test_a_map_comes_back_from_repr_dict_pickle_and_copy(map_: Map) -> None:
    anything: Any = map_
    assert eval(repr(map_), {"Map": Map}) == map_
    assert Map(**dict(anything)) == map_
    assert map_.replace() == map_
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(map_, protocol)) == map_
    assert copy.deepcopy(map_) is map_


@given(maps)
def test_derived_attributes_agree_with_the_oracle(map_: Map) -> None:
    row = row_of(map_)
    assert map_.kind == oracle.kind(row)
    assert map_.path == oracle.path(row)
    assert map_.is_deleted == oracle.is_deleted(row)
    assert map_.size == row.end_address - row.begin_address


@given(maps, maps)
def test_equality_hash_and_order_are_those_of_the_fields(one: Map, two: Map) -> None:
    assert (one == two) == (row_of(one) == row_of(two))
    assert (one < two) == (sort_key(row_of(one)) < sort_key(row_of(two)))
    assert (one >= two) == (sort_key(row_of(one)) >= sort_key(row_of(two)))
    twin = map_of(row_of(one))
    assert twin == one
    assert hash(twin) == hash(one)


@given(maps, u64 | st.integers())
def test_membership(map_: Map, address: int) -> None:
    assert (address in map_) == (map_.begin_address <= address < map_.end_address)
    assert (map_.begin_address in map_) == (map_.size > 0)
    assert map_.end_address not in map_


@given(names)
def test_a_name_is_kept_as_its_bytes_are_decoded(name: str) -> None:
    raw = name.encode("utf-8", "surrogateescape")
    assert Map(0, 0, pathname=name).pathname == raw.decode("utf-8", "surrogateescape")


def outcome_of_oracle(document: bytes) -> list[Row] | tuple[int, str]:
    try:
        return oracle.parse(document)
    except oracle.RefusedError as error:
        return error.line_number, error.field


def outcome(document: bytes) -> list[Row] | tuple[int, str]:
    """Return the rows of a document, or the line and the field to blame."""
    try:
        return [row_of(map_) for map_ in procmaps.from_bytes(document)]
    except ParseError as error:
        return error.line_number, error.reason.partition(":")[0]


def outcome_as_text(document: bytes) -> list[Row] | tuple[int, str]:
    text = document.decode("utf-8", "surrogateescape")
    try:
        return [row_of(map_) for map_ in procmaps.from_str(text)]
    except ParseError as error:
        return error.line_number, error.reason.partition(":")[0]


def assert_same_outcome(document: bytes) -> None:
    expected = outcome_of_oracle(document)
    assert outcome(document) == expected
    assert outcome_as_text(document) == expected


@st.composite
def mutated_documents(draw: st.DrawFn) -> bytes:
    lines = st.sampled_from(REAL_LINES) | st.sampled_from(STORED_LINES)
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    document = bytearray(end.join(draw(st.lists(lines, min_size=1, max_size=3))))
    if draw(st.booleans()):
        document += end
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(document)))
        removed = draw(st.integers(0, 3))
        document[begin : begin + removed] = bytes(draw(st.lists(BYTES, max_size=3)))
    return bytes(document)


@given(mutated_documents())
@example(b"1-2 ---p 0 0:0 0\r\n1-2 ---p 0 0:0 0\n")
def test_mutated_lines_are_read_as_the_oracle_reads_them(document: bytes) -> None:
    assert_same_outcome(document)


@given(st.binary() | st.lists(BYTES, max_size=60).map(bytes))
def test_any_bytes_are_read_as_the_oracle_reads_them(document: bytes) -> None:
    assert_same_outcome(document)


@given(st.text(st.characters() | st.sampled_from(" \n\t0af-:\r"), max_size=60))
def test_any_text_gives_maps_or_a_parse_error(text: str) -> None:
    try:
        procmaps.from_str(text)
    except ParseError as error:
        raised = error
    else:
        return
    line = text.split("\n")[raised.line_number - 1]
    assert line in {raised.line, raised.line + "\r"}
