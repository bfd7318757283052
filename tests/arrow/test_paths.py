"""Tables of many files: in order, read anew each time, by any number of threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from procmaps import arrow
from support.arrow_rows import map_row, usage_row
from support.arrow_stream import Reader, StreamError, rows_of
from support.helpers import LINE, good_vectors
from support.threads import reading_threads, wait_for_threads

if TYPE_CHECKING:
    from typing import Literal

pytestmark = pytest.mark.not_on("pypy", reason="reads capsules with CPython's API")

DOCUMENT = b"\n".join(vector.line for vector in good_vectors())


def write(directory: Path, count: int, lines: int = 20) -> list[Path]:
    """Write files that differ in every line."""
    paths = []
    for number in range(count):
        path = directory / f"{number:05}.maps"
        path.write_text(
            "".join(
                f"{number + 1:x}{at:03x}000-{number + 1:x}{at:03x}800 r-xp 0 8:1 {at}\n"
                for at in range(lines if number % 7 else 0)
            )
        )
        paths.append(path)
    return paths


@pytest.mark.parametrize("threads", [1, 2, 7, None])
def test_files_are_rows_in_their_order(tmp_path: Path, threads: int | None) -> None:
    paths = write(tmp_path, 300)
    table = arrow.from_paths(paths, threads=threads)
    assert repr(table) == "<procmaps.arrow.Table of 300 files>"
    expected = [
        map_row(map_, str(path)) for path in paths for map_ in procmaps.from_path(path)
    ]
    assert rows_of(table) == expected
    assert rows_of(table) == expected


def test_few_batches_for_many_files(tmp_path: Path) -> None:
    sizes = [len(batch) for batch in Reader(arrow.from_paths(write(tmp_path, 2000)))]
    assert sum(sizes) == 20 * len([number for number in range(2000) if number % 7])
    assert len(sizes) < 100


def test_no_files_and_empty_files(tmp_path: Path) -> None:
    assert rows_of(arrow.from_paths([])) == []
    empty = tmp_path / "empty"
    empty.touch()
    assert rows_of(arrow.from_paths([empty] * 100)) == []


def test_a_large_file_is_several_batches(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_text(f"{LINE}\n" * 10_000)
    batches = list(Reader(arrow.from_paths([path])))
    assert [len(batch) for batch in batches] == [4096, 4096, 10_000 - 2 * 4096]


def test_files_are_read_when_the_table_is(tmp_path: Path) -> None:
    path = tmp_path / "maps"
    table = arrow.from_paths(iter([path]))
    with pytest.raises(StreamError, match="No such file"):
        rows_of(table)
    for lines in (1, 2):
        path.write_text(f"{LINE}\n" * lines)
        assert len(rows_of(table)) == lines


def test_threads_start_with_the_first_batch_and_end_with_the_last(
    tmp_path: Path,
) -> None:
    table = arrow.from_paths(write(tmp_path, 50) * 100, threads=3)
    reader = Reader(table)
    assert reading_threads() == 0
    next(reader)
    wait_for_threads(3)
    list(reader)
    wait_for_threads(0)


def test_usages_and_raw_names(tmp_path: Path) -> None:
    path = tmp_path / "smaps"
    path.write_bytes(DOCUMENT.split(b"\n")[0] + b"\nRss: 8 kB\nVmFlags: rd mr ac \n")
    (usage,) = procmaps.smaps_from_path(path)
    assert rows_of(arrow.from_paths([path], what="smaps")) == [
        usage_row(usage, str(path))
    ]
    path.write_bytes(DOCUMENT)
    assert rows_of(arrow.from_paths([path], raw_names=True)) == [
        map_row(map_, str(path), raw_names=True) for map_ in procmaps.from_path(path)
    ]


@pytest.mark.not_on("elsewhere", reason="file names are UTF-16, or normalised")
def test_paths_of_every_kind(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\\x41"
    Path(os.fsdecode(path)).write_text(LINE)
    paths: list[str | bytes | Path] = [path, os.fsdecode(path), Path(os.fsdecode(path))]
    rows = rows_of(arrow.from_paths(paths))
    assert [row["source"] for row in rows] == [f"{tmp_path}/\\xff\\x41"] * 3


@pytest.mark.not_on("windows", reason="has no FIFOs, and other words for errors")
class TestBadFiles:
    """What is no file of maps, in each way that a table can take it."""

    def bad(self, tmp_path: Path) -> dict[Path, str]:
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        nonsense = tmp_path / "nonsense"
        nonsense.write_text(f"{LINE}\nnonsense\n")
        binary = tmp_path / "binary"
        binary.write_bytes(bytes(range(256)) * 1000)
        return {
            tmp_path / "missing": "No such file or directory (os error 2)",
            tmp_path: "is a directory",
            fifo: "not a regular file",
            Path("/dev/zero"): "not a regular file",
            Path("/dev/null"): "not a regular file",
            tmp_path / ("x" * 300): "File name too long (os error 36)",
            nonsense: "line 2: begin address: expected hexadecimal digits",
            binary: "line 1: begin address: expected hexadecimal digits",
        }

    def test_raised(self, tmp_path: Path) -> None:
        good = tmp_path / "good"
        good.write_text(LINE)
        for path, message in self.bad(tmp_path).items():
            reader = Reader(arrow.from_paths([good, path, good]))
            with pytest.raises(StreamError) as raised:
                list(reader)
            assert f": {path}: {message}" in str(raised.value)
            assert list(reader) == []

    def test_in_a_column_or_left_out(self, tmp_path: Path) -> None:
        good = tmp_path / "good"
        good.write_text(LINE)
        bad = self.bad(tmp_path)
        paths = [path for one in bad for path in (good, one)] * 30
        rows = rows_of(arrow.from_paths(paths, errors="column", threads=2))
        assert [row["source"] for row in rows] == [str(path) for path in paths]
        for row in rows:
            message = bad.get(Path(row["source"]))
            if message is None:
                assert row.pop("error") is None
                assert row == map_row(procmaps.from_path(good)[0], str(good))
            else:
                assert row["error"].startswith(message)
                assert row["pathname"] is row["begin_address"] is None
        rows = rows_of(arrow.from_paths(paths, errors="skip"))
        assert [row["source"] for row in rows] == [str(good)] * len(bad) * 30

    @pytest.mark.parametrize("what", ["maps", "smaps"])
    def test_the_other_kind_of_text(
        self, tmp_path: Path, what: Literal["maps", "smaps"]
    ) -> None:
        path = tmp_path / "text"
        path.write_text(LINE if what == "smaps" else f"{LINE}\nRss: 4 kB\n")
        with pytest.raises(StreamError, match=f"{path}: line "):
            rows_of(arrow.from_paths([path], what=what))
