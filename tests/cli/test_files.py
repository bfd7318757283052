"""Answers that are files: one page of HTML, or a table of all processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.command import EXAMPLE, run

pytestmark = [pytest.mark.needs_programs, pytest.mark.needs_processes]


def refusal(*words: str | Path) -> str:
    done = run(*map(str, words))
    assert (done.returncode, done.stdout) == (1, b"")
    return done.stderr.decode().removeprefix("procmaps: ").rstrip("\n")


def test_a_page_of_one_target(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("what was here before")
    done = run("show", str(EXAMPLE), "--html", str(page))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>\n")
    assert text.count("<title>") == 1
    assert "libc.so.6" in text
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_page_of_what_a_filter_keeps(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run("show", str(EXAMPLE), "--kind", "heap", "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert "1 map," in text
    assert "libc.so.6" not in text


def test_what_can_not_be_written(tmp_path: Path) -> None:
    missing = tmp_path / "none" / "page.html"
    message = f'cannot write "{missing}": No such file or directory'
    assert refusal("show", EXAMPLE, "--html", missing) == message
    message = 'cannot write "/dev/null": it is no regular file'
    assert refusal("show", EXAMPLE, "--html", "/dev/null") == message
    message = f'cannot write "{tmp_path}": it is no regular file'
    assert refusal("show", EXAMPLE, "--html", tmp_path) == message
    assert list(tmp_path.iterdir()) == []


def test_one_target_or_all() -> None:
    message = "--html is a page of one process: give its pid as the target"
    assert refusal("show", "all", "--html", "x") == message
    message = "--parquet is a file of all processes: give all as the target"
    assert refusal("show", EXAMPLE, "--parquet", "x") == message
    assert refusal("usage", "self", "--parquet", "x") == message
    assert refusal("usage", "self", "self", "--parquet", "x") == message


def test_without_pyarrow_one_line_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    for command in ("show", "usage"):
        done = run(
            *(command, "all", "--parquet", str(tmp_path / "x")),
            env={"PYTHONPATH": str(tmp_path)},
        )
        assert done.returncode == 1
        line = "procmaps: --parquet needs pyarrow: pip install 'procmaps[arrow]'\n"
        assert done.stderr.decode() == line


@pytest.mark.parametrize("command", ["show", "usage"])
def test_a_table_of_all_processes(tmp_path: Path, command: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "host.parquet"
    assert run(command, "all", "--kind", "file", "--parquet", str(file)).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["host.parquet"]
    table = parquet.read_table(file)
    assert table.schema.names[:5] == ["host", "pid", "program", "time", "begin_address"]
    rows = table.to_pylist()
    own = [row for row in rows if row["pid"] == os.getpid()]
    assert {row["program"] for row in own} == {str(Path("/proc/self/exe").readlink())}
    assert {(row["host"], row["kind"]) for row in rows} == {
        (os.uname().nodename, "file")
    }
    assert len({row["time"] for row in rows}) == 1
    if command == "usage":
        assert sum(row["rss"] for row in own) > 0
