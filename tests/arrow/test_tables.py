"""Tables hold what objects say, row by row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import arrow
from support.arrow_rows import map_row, signed, usage_row
from support.arrow_stream import Reader, rows_of, schema_of
from support.helpers import TESTS, good_vectors

pytestmark = pytest.mark.not_on("pypy", reason="reads capsules with CPython's API")

LINES = [vector.line for vector in good_vectors()]
DOCUMENT = b"\n".join(LINES)
MAPS = procmaps.from_bytes(DOCUMENT)
VSYSCALL = b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]"
SMAPS = {
    path.name: path.read_bytes()
    for path in sorted((TESTS / "data/smaps").glob("*.txt"))
    if path.name not in {"fields.txt", "vm_flags.txt"}
}

MAPPING = [
    *[
        ("begin_address", "L"),
        ("end_address", "L"),
        ("size", "L"),
        ("permissions", "u"),
    ],
    *[("offset", "L"), ("device_major", "L"), ("device_minor", "L"), ("inode", "L")],
    *[("pathname", "u"), ("kind", "u"), ("path", "u"), ("is_deleted", "b")],
]


def test_maps_are_rows() -> None:
    names = [map_.pathname for map_ in MAPS]
    assert any("\udcff" in name for name in names if name)
    assert None in names
    assert rows_of(arrow.from_maps(MAPS)) == [map_row(map_) for map_ in MAPS]


def test_an_address_space_is_a_table_by_itself() -> None:
    space = procmaps.AddressSpace(MAPS)
    assert rows_of(space) == [map_row(map_) for map_ in space]


def test_columns_and_their_types() -> None:
    table = arrow.from_maps([])
    assert schema_of(table) == Reader(table).columns == MAPPING
    assert table.column_names == tuple(name for name, _ in MAPPING)
    assert rows_of(table) == []
    table = arrow.from_maps([], source="x", raw_names=True, signed=True)
    assert schema_of(table) == [
        ("source", "u"),
        *[(name, form.replace("L", "l")) for name, form in MAPPING],
        *[("pathname_bytes", "z"), ("path_bytes", "z")],
    ]


def test_a_source_is_named_in_every_row() -> None:
    table = arrow.from_maps(MAPS, source=b"/tmp/\xff")
    assert rows_of(table) == [map_row(map_, r"/tmp/\xff") for map_ in MAPS]
    table = arrow.from_usages([], source=Path("host"))
    assert table.column_names[0] == "source"


def test_names_as_bytes() -> None:
    table = arrow.from_maps(MAPS, raw_names=True)
    assert rows_of(table) == [map_row(map_, raw_names=True) for map_ in MAPS]


def test_numbers_with_a_sign() -> None:
    maps = [*MAPS, *procmaps.from_bytes(VSYSCALL)]
    rows = rows_of(arrow.from_maps(maps, signed=True))
    assert rows == [signed(map_row(map_)) for map_ in maps]
    assert rows[-1]["begin_address"] == -0xA00000
    assert rows_of(arrow.from_maps(maps))[-1]["begin_address"] == 0xFFFFFFFFFF600000


def test_usages_are_rows() -> None:
    for name, text in SMAPS.items():
        usages = procmaps.smaps_from_bytes(text)
        expected = [usage_row(usage, name) for usage in usages]
        assert rows_of(arrow.from_usages(usages, source=name)) == expected
        assert rows_of(arrow.from_documents([(name, text)], what="smaps")) == expected
    without = arrow.from_usages(usages)
    assert rows_of(without) == [usage_row(usage) for usage in usages]


def test_documents_are_rows_in_their_order() -> None:
    pairs: list[tuple[Any, Any]] = [
        ("b", DOCUMENT),
        (Path("a"), bytearray(DOCUMENT)),
        (b"\xff", memoryview(DOCUMENT)),
        ("empty", ""),
        ("text", DOCUMENT.decode("utf-8", "surrogateescape")),
    ]
    table = arrow.from_documents(iter(pairs))
    sources = ["b", "a", r"\xff", "text"]
    expected = [map_row(map_, source) for source in sources for map_ in MAPS]
    assert rows_of(table) == expected
    assert rows_of(table) == expected
    assert repr(table) == f"<procmaps.arrow.Table of {4 * len(MAPS)} rows>"


def test_a_certain_path_stays_certain() -> None:
    (map_,) = procmaps.from_str(r"1000-2000 r--p 0 08:01 5 /tmp/a\012b (deleted)")
    (row,) = rows_of(arrow.from_maps([map_]))
    assert (row["pathname"], row["path"]) == (map_.pathname, "/tmp/a\nb")
    assert row["is_deleted"]


def test_many_rows_are_several_batches() -> None:
    count = 40_000
    maps = MAPS[:1] * count
    sizes = [len(batch) for batch in Reader(arrow.from_maps(maps))]
    assert sum(sizes) == count
    assert max(sizes) <= 1 << 14


def test_long_names_make_small_batches() -> None:
    name = "/" + "x" * 3_000_000
    line = f"1000-2000 r--p 0 08:01 5 {name}\n"
    sizes = [len(batch) for batch in Reader(arrow.from_documents([("a", line * 9)]))]
    assert sizes == [3, 3, 3]


def test_a_name_that_no_column_can_hold_is_refused() -> None:
    name = "/" + "x" * (1 << 28)
    message = f"a name of {(1 << 28) + 1} bytes is too long for a table"
    with pytest.raises(ValueError, match=f"^{message}$"):
        arrow.from_maps([], source=name)
    with pytest.raises(ValueError, match=f"^{message}$"):
        arrow.from_maps([procmaps.Map(0x1000, 0x2000, pathname=name)])
    document = f"1000-2000 r--p 0 08:01 5 {name}"
    with pytest.raises(ValueError, match=f"^big: {message}$"):
        arrow.from_documents([("big", document)])


@pytest.mark.needs_processes
def test_processes_are_rows() -> None:
    own = [os.getpid(), os.getpid()]
    rows = rows_of(arrow.from_pids(own, errors="raise"))
    assert {row["source"] for row in rows} == {str(os.getpid())}
    now = [map_row(map_, str(os.getpid())) for map_ in procmaps.from_pid(own[0])]
    code = [row for row in now if row["kind"] == "file"]
    assert [row for row in rows if row["kind"] == "file"] == code * 2
    usages = rows_of(arrow.from_pids([os.getpid()], what="smaps", errors="raise"))
    assert sum(row["rss"] for row in usages) > 0


@pytest.mark.needs_processes
def test_all_processes_but_those_without_maps() -> None:
    sources = {row["source"] for row in rows_of(arrow.from_pids())}
    assert str(os.getpid()) in sources
    # A kernel thread where one is to be seen, and in any case no process at all.
    assert "2" not in sources or Path("/proc/2/exe").exists()
    assert rows_of(arrow.from_pids([2**31 - 1], errors="raise")) == []


@pytest.mark.needs_processes
def test_another_mount_of_procfs(tmp_path: Path) -> None:
    (tmp_path / "proc").symlink_to("/proc")
    pid = os.getpid()
    rows = rows_of(arrow.from_pids([pid], proc=tmp_path / "proc", errors="raise"))
    assert {row["source"] for row in rows} == {str(pid)}
    with pytest.raises(FileNotFoundError) as raised:
        arrow.from_pids([pid], proc=tmp_path)
    assert raised.value.filename == str(tmp_path)
