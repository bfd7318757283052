"""Other libraries read tables whole and right: equal to the objects, row by row.

`make consumers` installs each in an environment of its own, in the lowest version that
is right; elsewhere those that are not installed are left out by name.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Callable

import pytest

import procmaps
from procmaps import arrow
from support.arrow_rows import map_row, signed, usage_row
from support.helpers import LINE, TESTS, good_vectors

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.not_on("pypy", "emulator", reason="has no such libraries")

#: The one that is installed here to be tested, if there is one.
CHOSEN = os.environ.get("PROCMAPS_CONSUMER")

VSYSCALL = b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n"
DOCUMENT = b"\n".join(vector.line for vector in good_vectors()) + b"\n" + VSYSCALL
SMAPS = (TESTS / "data/smaps/linux-6.18.txt").read_bytes()
OLD_SMAPS = (TESTS / "data/smaps/linux-2.6.32.txt").read_bytes()

Rows = list[dict[str, Any]]


def pyarrow_rows(table: Any) -> Rows:
    pa = import_module("pyarrow")
    rows: Rows = pa.table(table).to_pylist()
    return rows


def polars_rows(table: Any) -> Rows:
    pl = import_module("polars")
    rows: Rows = pl.DataFrame(table).to_dicts()
    return rows


def duckdb_rows(maps: Any) -> Rows:
    # It finds the variable by its name.
    result = import_module("duckdb").sql("FROM maps")
    assert maps is not None
    return [dict(zip(result.columns, row)) for row in result.fetchall()]


def pandas_rows(table: Any) -> Rows:
    pd = import_module("pandas")
    frame = pd.DataFrame.from_arrow(table)
    frame = frame.astype(object).where(frame.notna(), None)
    rows: Rows = frame.to_dict("records")
    return rows


def nanoarrow_rows(table: Any) -> Rows:
    na = import_module("nanoarrow")
    rows: Rows = list(na.ArrayStream(table).iter_py())
    return rows


READERS: dict[str, Callable[[Any], Rows]] = {
    "pyarrow": pyarrow_rows,
    "polars": polars_rows,
    "duckdb": duckdb_rows,
    "pandas": pandas_rows,
    "nanoarrow": nanoarrow_rows,
}


@pytest.fixture(params=READERS)
def rows(request: pytest.FixtureRequest) -> Callable[[Any], Rows]:
    name: str = request.param
    if CHOSEN not in {None, name}:
        pytest.skip(f"tests {CHOSEN} alone")
    # pandas reads tables with pyarrow.
    for needed in {name, "pyarrow"} if name == "pandas" else {name}:
        if CHOSEN is None and find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    if name == "pandas" and CHOSEN is None:
        frame = import_module("pandas").DataFrame
        if not hasattr(frame, "from_arrow"):
            pytest.skip("pandas is older than 3.0")
    return READERS[name]


def test_maps(rows: Callable[[Any], Rows]) -> None:
    maps = procmaps.from_bytes(DOCUMENT)
    assert rows(arrow.from_maps(maps)) == [map_row(map_) for map_ in maps]
    raw = [map_row(map_, "a", raw_names=True) for map_ in maps]
    assert rows(arrow.from_maps(maps, source="a", raw_names=True)) == raw
    expected = [signed(map_row(map_)) for map_ in maps]
    assert rows(arrow.from_maps(maps, signed=True)) == expected
    assert rows(arrow.from_maps([])) == []


def test_an_address_space(rows: Callable[[Any], Rows]) -> None:
    space = procmaps.AddressSpace(procmaps.from_bytes(DOCUMENT))
    assert rows(space) == [map_row(map_) for map_ in space]


def test_usages(rows: Callable[[Any], Rows]) -> None:
    for text in (SMAPS, OLD_SMAPS):
        usages = procmaps.smaps_from_bytes(text)
        expected = [usage_row(usage) for usage in usages]
        assert rows(arrow.from_usages(usages)) == expected


def test_every_batch_of_many_files(rows: Callable[[Any], Rows], tmp_path: Path) -> None:
    paths = []
    for number in range(400):
        paths.append(tmp_path / f"{number}.maps")
        paths[-1].write_bytes(DOCUMENT * (number % 4))
    table = arrow.from_paths(paths, threads=2)
    expected = [
        map_row(map_, str(path)) for path in paths for map_ in procmaps.from_path(path)
    ]
    assert rows(table) == expected
    # It is read anew.
    assert rows(table) == expected


def test_a_bad_file_is_named(rows: Callable[[Any], Rows], tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text(f"{LINE}\nnonsense\n")
    # polars 1.10 makes a panic of it, which is no Exception.
    with pytest.raises(BaseException, match=f"{bad}: line 2: begin address"):
        rows(arrow.from_paths([bad]))
    (row,) = rows(arrow.from_paths([bad], errors="column"))
    assert row["error"].startswith("line 2: begin address")
    assert row["pathname"] is None
