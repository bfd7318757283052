"""`procmaps diff`: what changed between two moments."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from procmaps import AddressSpace, Map
from support.children import child, python
from support.command import COMMAND, EXAMPLE, answer, environment, on_terminal, run

pytestmark = pytest.mark.needs_programs

BEFORE = """\
10000-12000 r-xp 00000000 08:01 7 /srv/program
20000-30000 rw-p 00000000 00:00 0 [heap]
40000-41000 r--p 00000000 08:01 9 /srv/data
50000-52000 rw-p 00000000 00:00 0 [stack]
60000-61000 r--p 00000000 08:01 7 /srv/same
"""
AFTER = """\
10000-12000 rwxp 00000000 08:01 7 /srv/program
20000-38000 rw-p 00000000 00:00 0 [heap]
51000-52000 rw-p 00000000 00:00 0 [stack]
60000-61000 r--p 00000000 08:01 7 /srv/same
70000-72000 rw-s 00000000 00:01 3 /memfd:x (deleted)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("diff")
    (folder / "before").write_text(BEFORE)
    (folder / "after").write_text(AFTER)
    return str(folder / "before"), str(folder / "after")


def restored(record: dict[str, Any]) -> Map:
    return Map(**{name: record[name] for name in Map.__match_args__})


def test_table(files: tuple[str, str]) -> None:
    assert answer("diff", *files) == (
        "range              change     size  perms  offset  kind   name\n"
        "00010000-00012000  was       8 KiB  r-xp        0  file   /srv/program\n"
        "00010000-00012000  changed   8 KiB  rwxp!       0  file   /srv/program\n"
        "00020000-00030000  was      64 KiB  rw-p        0  heap   [heap]\n"
        "00020000-00038000  grown    96 KiB  rw-p        0  heap   [heap]\n"
        "00040000-00041000  removed   4 KiB  r--p        0  file   /srv/data\n"
        "00050000-00052000  was       8 KiB  rw-p        0  stack  [stack]\n"
        "00051000-00052000  shrunk    4 KiB  rw-p        0  stack  [stack]\n"
        "00070000-00072000  added     8 KiB  rw-s        0  memfd  /memfd:x (deleted)\n"
        "\n"
        "maps     size  change\n"
        "   1    8 KiB  added\n"
        "   1    4 KiB  removed\n"
        "   1    8 KiB  changed\n"
        "   1   96 KiB  grown\n"
        "   1    4 KiB  shrunk\n"
        "   5   88 KiB  before\n"
        "   5  120 KiB  after\n"
    )


def test_nothing_changed() -> None:
    assert answer("diff", str(EXAMPLE), str(EXAMPLE)) == (
        "nothing changed\n"
        "\n"
        "maps      size  change\n"
        "  26  74.7 MiB  before\n"
        "  26  74.7 MiB  after\n"
    )
    assert answer("diff", str(EXAMPLE), str(EXAMPLE), "--json") == (
        '{"added": [],\n "removed": [],\n "changed": [],\n'
        ' "grown": [],\n "shrunk": []}\n'
    )
    assert answer("diff", str(EXAMPLE), str(EXAMPLE), "--jsonl") == ""


def test_json_read_back_equals_the_librarys_answer(files: tuple[str, str]) -> None:
    document = json.loads(answer("diff", *files, "--json"))
    difference = AddressSpace.from_str(BEFORE).diff(AddressSpace.from_str(AFTER))
    assert list(document) == ["added", "removed", "changed", "grown", "shrunk"]
    for name in ("added", "removed"):
        maps = [restored(record) for record in document[name]]
        assert maps == list(getattr(difference, name))
        assert len(maps) == 1
    for name in ("changed", "grown", "shrunk"):
        (record,) = document[name]
        after = restored(record["after"])
        assert [after] == list(getattr(difference, name))
        assert restored(record["before"]) == difference.previous(after)


def test_jsonl_and_csv_say_the_same(files: tuple[str, str]) -> None:
    events = [json.loads(x) for x in answer("diff", *files, "--jsonl").splitlines()]
    changes = [event["change"] for event in events]
    assert changes == ["changed", "grown", "removed", "shrunk", "added"]
    assert [event["before"] is None for event in events] == [False] * 4 + [True]
    assert [event["after"] is None for event in events] == [False] * 2 + [True] + (
        [False] * 2
    )
    rows = list(csv.DictReader(io.StringIO(answer("diff", *files, "--csv"))))
    lines = [
        (word, record)
        for event in events
        for word, record in (
            ("was", event["before"]),
            (event["change"], event["after"]),
        )
        if record is not None
    ]
    words = ["was", "changed", "was", "grown", "removed", "was", "shrunk", "added"]
    assert [row["change"] for row in rows] == words
    for row, (_, record) in zip(rows, lines):
        assert row["begin_address"] == str(record["begin_address"])
        assert row["permissions"] == record["permissions"]
        assert row["size"] == str(record["size"])


def test_saved_smaps_are_taken_for_their_maps(
    files: tuple[str, str], tmp_path: Path
) -> None:
    saved = []
    for path in files:
        lines = [f"{line}\nRss: 4 kB\n" for line in Path(path).read_text().splitlines()]
        saved.append(tmp_path / path.rpartition("/")[2])
        saved[-1].write_text("".join(lines))
    expected = answer("diff", *files)
    assert answer("diff", *map(str, saved)) == expected
    assert answer("diff", files[0], str(saved[1])) == expected
    assert answer("diff", "-", files[1], stdin=saved[0].read_bytes()) == expected
    line = f'exec "$@" <(cat {saved[0]}) {files[1]}'
    done = subprocess.check_output(
        ["bash", "-c", line, "bash", *COMMAND, "diff"], env=environment()
    )
    assert done.decode() == expected
    refused = run("diff", "-", files[1], stdin=b"1000-2000 r--p 0 8:1 1 /x\nhello\n")
    assert refused.stderr.endswith(b"; expected a copy of /proc/PID/maps\n")
    assert b"line 2" in refused.stderr


def test_filters_choose_on_both_sides(files: tuple[str, str]) -> None:
    document = json.loads(answer("diff", *files, "--json", "--kind", "heap"))
    assert {name: len(maps) for name, maps in document.items()} == {
        "added": 0,
        "removed": 0,
        "changed": 0,
        "grown": 1,
        "shrunk": 0,
    }


@pytest.mark.needs_processes
def test_a_live_process_since_it_was_saved(tmp_path: Path) -> None:
    code = """
        import mmap
        print("ready", flush=True)
        input()
        kept = mmap.mmap(-1, 4 << 20)
        print("done", flush=True)
        input()
    """
    with child(*python(code)) as process:
        assert process.line() == "ready"
        saved = tmp_path / "saved"
        saved.write_bytes(run(str(process.pid)).stdout)
        process.tell()
        assert process.line() == "done"
        document = json.loads(answer("diff", str(saved), str(process.pid), "--json"))
        from_pipe = answer("diff", "-", str(process.pid), stdin=saved.read_bytes())
    (added,) = [each for each in document["added"] if each["size"] == 4 << 20]
    assert added["permissions"] == "rw-s"
    assert added["kind"] == "shared_memory"
    assert (
        f"{added['begin_address']:08x}-{added['end_address']:08x}  added" in from_pipe
    )


def test_looks_on_a_terminal(files: tuple[str, str]) -> None:
    terminal = on_terminal("diff", *files, columns=100)
    cells = [terminal.screen.buffer[row][0] for row in range(9)]
    assert terminal.line("added  ") == 8
    assert cells[8].fg == "green"
    assert (cells[2].fg, cells[2].bold) == ("red", True)
    assert cells[5].fg == "brown"  # pyte's name for yellow


def test_only_one_side_can_be_standard_input() -> None:
    done = run("diff", "-", "-")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        b"",
        (
            b"procmaps: only one of the two can be standard input: "
            b"give a file as the other\n"
        ),
    )
    done = run("diff", str(EXAMPLE), "nowhere")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b'procmaps: no file "nowhere": ')
