"""`procmaps show` into a pipe, in each of its forms."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import Map
from support.children import child, python
from support.command import COMMAND, EXAMPLE, NAMES, answer, environment, run

pytestmark = pytest.mark.needs_programs

SEVEN = Map.__match_args__


def shown(*words: str, **options: Any) -> list[list[str]]:
    """Return the rows of the table of maps as words."""
    table, _totals = answer("show", *words, **options).split("\n\n")
    return [line.split(maxsplit=6) for line in table.split("\n")[1:]]


def begins(*words: str) -> list[int]:
    """Return where the maps begin that a filter keeps of the example."""
    records = json.loads(answer("show", str(EXAMPLE), "--json", *words))
    return [record["begin_address"] for record in records]


def example() -> list[Map]:
    return procmaps.from_path(EXAMPLE)


def test_table_has_a_row_for_each_map_and_names_in_full() -> None:
    text = answer("show", "-", stdin=NAMES)
    assert text == (
        "range               size  perms  offset  kind       name\n"
        "00001000-00002000  4 KiB  r--p        0  file       /srv/\\xff\\xfe\n"
        "00002000-00003000  4 KiB  r--p        0  file       /srv/\\x1b[31mred\\x7f\n"
        "00003000-00004000  4 KiB  r--p        0  file       /srv/back\\\\012slash\n"
        "00004000-00005000  4 KiB  r--p        0  file       "
        "/srv/größe\\u202e\\u0085\\x20\\x20\n"
        '00005000-00006000  4 KiB  rwxp!       0  file       /srv/a,"b"\\x0d\n'
        "00006000-00007000  4 KiB  rw-p        0  anonymous\n"
        "\n"
        "maps    size  kind\n"
        "   5  20 KiB  file\n"
        "   1   4 KiB  anonymous\n"
        "   1   4 KiB  writable and executable (!)\n"
        "   6  24 KiB  in all\n"
    )


def test_table_of_the_example_agrees_with_the_library() -> None:
    rows = shown(str(EXAMPLE))
    assert len(rows) == len(example())
    for row, map_ in zip(rows, example()):
        assert row[0] == f"{map_.begin_address:08x}-{map_.end_address:08x}"
        assert row[3].rstrip("!") == map_.permissions
        assert row[3].endswith("!") == (map_.is_writable and map_.is_executable)
        assert row[4:6] == [f"{map_.offset:x}", map_.kind]
        assert row[6:] == [map_.pathname] * (map_.pathname is not None)


def test_totals_add_up() -> None:
    _table, totals = answer("show", str(EXAMPLE)).split("\n\n")
    assert totals == (
        "maps      size  kind\n"
        "   4  66.1 MiB  anonymous\n"
        "  16   4.4 MiB  file\n"
        "   1   3.6 MiB  heap\n"
        "   1   512 KiB  memfd\n"
        "   1   132 KiB  stack\n"
        "   1    16 KiB  vvar\n"
        "   1     8 KiB  vdso\n"
        "   1     4 KiB  vsyscall\n"
        "   1     2 MiB  writable and executable (!)\n"
        "  26  74.7 MiB  in all\n"
    )


def test_the_first_n_and_how_many_more_there_are() -> None:
    rows = answer("show", str(EXAMPLE), "-n", "3").splitlines()
    assert [line.split() for line in rows[1:4]] == shown(str(EXAMPLE))[:3]
    assert rows[4].strip() == "23 more"
    assert rows[-1].endswith("in all")
    assert begins("-n", "3") == begins()[:3]
    assert begins("-n0") == begins("-n", "26") == begins()


def test_deleted_files_can_be_asked_for() -> None:
    wanted = [map_ for map_ in example() if map_.is_deleted]
    assert 0 < len(wanted) < len(example())
    assert begins("--deleted") == [map_.begin_address for map_ in wanted]


def test_without_maps_there_are_titles_and_zeros() -> None:
    assert answer("show", "-") == (
        "range  size  perms  offset  kind  name\n"
        "\n"
        "maps  size  kind\n"
        "   0   0 B  in all\n"
    )


@pytest.mark.parametrize(
    "words", [["show", "{}", "--raw"], ["show", "--raw", "{}"], ["{}"], ["--", "{}"]]
)
def test_raw_lines_are_the_file_to_the_byte(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "maps"
    path.write_bytes(NAMES)
    done = run(*[word.format(path) for word in words])
    assert (done.returncode, done.stdout, done.stderr) == (0, NAMES, b"")


def test_raw_lines_of_names_that_end_in_cr_come_back_exact() -> None:
    maps = [
        procmaps.Map(4096 * n, 4096 * (n + 1), "r--p", 0, (8, 1), n, f"/srv/{n}\r")
        for n in range(1, 4)
    ]
    data = "".join(f"{map_}\n" for map_ in maps).encode() + b"\n"
    for _ in range(3):
        assert procmaps.from_bytes(data) == maps
        data = run("show", "-", "--raw", stdin=data).stdout
    one = procmaps.from_bytes(run("-", stdin=f"{maps[0]}\n\n".encode()).stdout)
    assert one == maps[:1]


def test_raw_lines_pass_through_filters() -> None:
    wanted = EXAMPLE.read_text().splitlines(keepends=True)[7]
    assert "rwxp" in wanted
    assert answer("show", str(EXAMPLE), "--raw", "--perms=?wx?") == wanted


@pytest.mark.needs_processes
def test_without_words_it_prints_its_own_maps() -> None:
    for words in [(), ("self",)]:
        maps = procmaps.from_str(answer(*words))
        assert [map_.kind for map_ in maps].count("stack") == 1


@pytest.mark.needs_processes
def test_self_is_this_process_where_proc_has_other_numbers() -> None:
    """As in a container whose /proc is that of the machine."""
    alone = ("unshare", "--pid", "--fork")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no pid namespace may be made here")
    for words in [[], ["self"], ["show", "self", "--raw"]]:
        text = subprocess.check_output([*alone, *COMMAND, *words], env=environment())
        names = {map_.path for map_ in procmaps.from_bytes(text)}
        assert any(name and "_procmaps" in name for name in names)


def records_of(form: str, data: bytes) -> list[dict[str, Any]]:
    text = answer("show", "-", form, stdin=data)
    if form == "--jsonl":
        return [json.loads(line) for line in text.splitlines()]
    records: list[dict[str, Any]] = json.loads(text)
    return records


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
@pytest.mark.parametrize("data", [NAMES, EXAMPLE.read_bytes(), b""])
def test_json_read_back_equals_the_librarys_answer(form: str, data: bytes) -> None:
    maps = procmaps.from_bytes(data)
    records = records_of(form, data)
    assert [Map(**{name: record[name] for name in SEVEN}) for record in records] == maps
    for record, map_ in zip(records, maps):
        derived = {name: record[name] for name in record if name not in SEVEN}
        assert derived == {
            "size": map_.size,
            "kind": map_.kind,
            "path": map_.path,
            "is_deleted": map_.is_deleted,
        }


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_is_ascii_without_control_characters(form: str) -> None:
    text = run("show", "-", form, stdin=NAMES).stdout
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in text)


@pytest.mark.needs_processes
def test_json_of_a_live_process_equals_the_librarys_answer() -> None:
    with child(*python("print(flush=True); input()")) as process:
        process.line()
        records = json.loads(answer("show", str(process.pid), "--json"))
        maps = procmaps.from_pid(process.pid)
    assert [Map(**{name: record[name] for name in SEVEN}) for record in records] == maps


def test_csv_read_back_equals_the_librarys_answer() -> None:
    data = run("show", "-", "--csv", stdin=NAMES).stdout
    text = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")
    rows = list(csv.DictReader(text))
    maps = procmaps.from_bytes(NAMES)
    assert len(rows) == len(maps)
    for row, map_ in zip(rows, maps):
        major, minor = row["device"].split(":")
        assert map_ == Map(
            int(row["begin_address"]),
            int(row["end_address"]),
            row["permissions"],
            int(row["offset"]),
            (int(major), int(minor)),
            int(row["inode"]),
            row["pathname"] or None,
        )
        assert (int(row["size"]), row["kind"]) == (map_.size, map_.kind)
        assert row["path"] == (map_.path or "")
        assert row["is_deleted"] == str(map_.is_deleted).lower()


def test_csv_as_it_looks() -> None:
    lines = answer("show", str(EXAMPLE), "--csv", "--kind", "memfd").split("\n")
    assert lines == [
        (
            "begin_address,end_address,permissions,offset,device,inode,pathname,size,kind,"
            "path,is_deleted"
        ),
        (
            "139888478388224,139888478912512,rw-s,0,0:1,2058,/memfd:frames (deleted),"
            "524288,memfd,,false"
        ),
        "",
    ]


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        (["--kind", "file"], lambda m: m.kind == "file"),
        (
            ["--kind", "heap", "--kind", "stack"],
            lambda m: m.kind in {"heap", "stack"},
        ),
        (["--perms", "rwx"], lambda m: m.permissions == "rwxp"),
        (["--perms", "rw-s"], lambda m: m.permissions == "rw-s"),
        (["--perms", "r-x"], lambda m: m.permissions == "r-xp"),
        (["--perms", "?w??"], lambda m: m.is_writable),
        (["--perms=--xp"], lambda m: m.permissions == "--xp"),
        (["--path", "libc*"], lambda m: (m.path or "").endswith("libc.so.6")),
        (["--path", "/usr/bin/*"], lambda m: m.path == "/usr/bin/server"),
        (["--path", "*/libplugin.so.3"], lambda m: m.is_deleted),
        (["--path", "*(deleted)"], lambda m: "(deleted)" in (m.pathname or "")),
        (["--path", "[heap]"], lambda m: m.kind == "heap"),
        (["--path", "LIBC*"], lambda _: False),
        (["--address", "7f3a53228000"], lambda m: 0x7F3A53228000 in m),
        (["--address", "0x7f3a53227FFF"], lambda m: 0x7F3A53227FFF in m),
        (
            ["--address", "7f3a53228000", "--address", "0x5601f4a00000"],
            lambda m: 0x7F3A53228000 in m or 0x5601F4A00000 in m,
        ),
        (["--address", "0"], lambda _: False),
        (["--min-size", "1M"], lambda m: m.size >= 1 << 20),
        (["--min-size", "2MiB"], lambda m: m.size >= 2 << 20),
        (["--min-size", "16k"], lambda m: m.size >= 16 << 10),
        (["--min-size", "16385"], lambda m: m.size > 16 << 10),
        (
            ["--kind", "file", "--perms", "?w?", "--min-size", "9K"],
            lambda m: m.kind == "file" and m.is_writable and m.size > 9 << 10,
        ),
    ],
)
def test_filters_keep_what_meets_each_condition(
    words: list[str], condition: Any
) -> None:
    kept = [map_.begin_address for map_ in example() if condition(map_)]
    assert begins(*words) == kept
    assert len(kept) < len(example())


def test_path_of_odd_bytes_is_found_as_typed() -> None:
    done = run("show", "-", "--raw", "--path", b"\xff*", stdin=NAMES)
    assert done.stdout == NAMES.split(b"\n")[0] + b"\n"


def test_only_what_an_output_cannot_say_is_escaped() -> None:
    stdin = "1000-2000 r--p 00000000 08:01 1 /srv/größe €\n".encode()
    env = {"PYTHONIOENCODING": "latin-1"}
    done = run("show", "-", stdin=stdin, env=env)
    assert b"/srv/gr\xf6\xdfe \\u20ac\n" in done.stdout


def test_module_and_script_are_one() -> None:
    script = Path(sys.executable).parent / "procmaps"
    done = subprocess.run([script, str(EXAMPLE)], capture_output=True, check=True)
    assert done.stdout == EXAMPLE.read_bytes()
    assert COMMAND[1:] == ("-m", "procmaps")
