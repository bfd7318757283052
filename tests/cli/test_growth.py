"""`procmaps usage A B`: what grew and shrank between two moments."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import procmaps
from support.children import child, python
from support.command import answer, on_terminal, run

pytestmark = pytest.mark.needs_programs

BEFORE = [
    ("10000-12000 r-xp 00000000 08:01 7 /srv/program", 8, 8),
    ("20000-30000 rw-p 00000000 00:00 0 [heap]", 64, 40),
    ("40000-41000 r--p 00000000 08:01 9 /srv/data", 4, 4),
    ("60000-61000 r--p 00000000 08:01 7 /srv/same", 4, 2),
]
AFTER = [
    ("10000-12000 rwxp 00000000 08:01 7 /srv/program", 8, 3),
    ("20000-38000 rw-p 00000000 00:00 0 [heap]", 96, 96),
    ("60000-61000 r--p 00000000 08:01 7 /srv/same", 4, 2),
    ("70000-72000 rw-p 00000000 00:00 0 ", 8, 7),
]


def smaps(parts: list[tuple[str, int, int]]) -> bytes:
    return "".join(
        f"{head}\nSize: {size} kB\nRss: {pss} kB\nPss: {pss} kB\n"
        f"Private_Clean: 0 kB\nPrivate_Dirty: {pss} kB\nSwap: 0 kB\n"
        for head, size, pss in parts
    ).encode()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("growth")
    (folder / "before").write_bytes(smaps(BEFORE))
    (folder / "after").write_bytes(smaps(AFTER))
    return str(folder / "before"), str(folder / "after")


def test_largest_changes_come_first_and_are_summed(files: tuple[str, str]) -> None:
    assert answer("usage", *files) == (
        "pss before    after   change  module\n"
        "    40 KiB   96 KiB  +56 KiB  (heap)\n"
        "       0 B    7 KiB   +7 KiB  (anonymous)\n"
        "     8 KiB    3 KiB   -5 KiB  /srv/program\n"
        "     4 KiB      0 B   -4 KiB  /srv/data\n"
        "    52 KiB  106 KiB  +54 KiB  in all that changed\n"
    )


def test_each_map_by_its_successor(files: tuple[str, str]) -> None:
    assert answer("usage", *files, "--by", "map") == (
        "range              pss before    after   change  name\n"
        "00020000-00038000      40 KiB   96 KiB  +56 KiB  [heap]\n"
        "00070000-00072000         0 B    7 KiB   +7 KiB\n"
        "00010000-00012000       8 KiB    3 KiB   -5 KiB  /srv/program\n"
        "00040000-00041000       4 KiB      0 B   -4 KiB  /srv/data\n"
        "                       52 KiB  106 KiB  +54 KiB  in all that changed\n"
    )


def test_another_size_another_group_and_the_first_n(files: tuple[str, str]) -> None:
    words = ("--by", "kind", "--sort", "size", "-n", "1")
    assert answer("usage", *files, *words) == (
        "size before    after   change  kind\n"
        "     64 KiB   96 KiB  +32 KiB  heap\n"
        "     16 KiB   20 KiB   +4 KiB  2 more\n"
        "     80 KiB  116 KiB  +36 KiB  in all that changed\n"
    )


def test_nothing_changed(files: tuple[str, str]) -> None:
    assert answer("usage", files[0], files[0]) == (
        "pss before  after  change  module\n"
        "       0 B    0 B          nothing changed\n"
        "       0 B    0 B          in all that changed\n"
    )
    assert json.loads(answer("usage", files[0], files[0], "--json")) == []


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_has_each_size_before_and_after(form: str, files: tuple[str, str]) -> None:
    text = answer("usage", *files, "--by", "path", form)
    lines = text.splitlines()
    records = json.loads(text) if form == "--json" else [json.loads(x) for x in lines]
    sums = [
        procmaps.sum_usage_by(procmaps.smaps_from_path(path), "pathname")
        for path in files
    ]
    assert [each["path"] for each in records] == [
        *("[heap]", None, "/srv/program", "/srv/data"),
    ]
    for record in records:
        for field in ("size", "rss", "pss", "uss", "swap"):
            before, after = (
                getattr(each[record["path"]], field) if record["path"] in each else 0
                for each in sums
            )
            assert record["before"][field] == before
            assert record["after"][field] == after
            assert record["change"][field] == after - before
        assert record["change"]["referenced"] is None


def test_csv(files: tuple[str, str]) -> None:
    def rows(*words: str) -> list[dict[str, Any]]:
        text = answer("usage", *files, "--csv", *words)
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["module"] for row in rows()] == ["", "", "/srv/program", "/srv/data"]
    assert [row["kind"] for row in rows()][:2] == ["heap", "anonymous"]
    heap = rows("--by", "map")[0]
    assert (heap["begin_address"], heap["end_address"]) == ("131072", "229376")
    assert (heap["pss_before"], heap["pss_after"]) == ("40960", "98304")


def test_a_live_process_since_it_was_saved(tmp_path: Path) -> None:
    code = """
        import sys
        print(flush=True); sys.stdin.readline()
        kept = b"x" * (8 << 20); print(flush=True); sys.stdin.read()
    """
    with child(*python(code)) as grows:
        grows.line()
        saved = tmp_path / "saved"
        saved.write_bytes(Path(f"/proc/{grows.pid}/smaps").read_bytes())
        grows.tell()
        grows.line()
        changes = json.loads(answer("usage", str(saved), str(grows.pid), "--json"))
        table = on_terminal("usage", str(saved), str(grows.pid), columns=80).lines
    assert (changes[0]["module"], changes[0]["kind"]) == (None, "anonymous")
    assert 8 << 20 <= changes[0]["change"]["pss"] < 9 << 20
    assert table[1].split()[4].startswith("+8")


def test_what_cannot_be_compared(files: tuple[str, str]) -> None:
    assert run("usage", "-", "-").stderr == (
        b"procmaps: only one of the two can be standard input: "
        b"give a file as the other\n"
    )
    done = run("usage", *files, "--sort", "address")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == (
        b"procmaps: changes are sorted by a size: give --sort pss or another\n"
    )
