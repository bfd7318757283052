"""`procmaps usage`: what maps cost in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import Map, MemoryUsage
from procmaps.cli.render.records import USAGE_FIELDS
from support.command import EXAMPLE, answer, on_terminal, run

pytestmark = pytest.mark.needs_programs

LIBC = "/usr/lib/c.so.6"
PARTS = [
    ("10000-12000 r-xp 00000000 08:01 7", LIBC, 8, 8, 2, 0, 8, 0, "rd ex mr"),
    ("12000-13000 rw-p 00002000 08:01 7", LIBC, 4, 4, 4, 4, 0, 4, "rd wr"),
    ("13000-23000 rw-p 00000000 00:00 0", "", 64, 12, 12, 12, 0, 8, "rd wr ac"),
    ("30000-31000 rwxp 00000000 00:00 0", "[heap]", 4, 0, 0, 0, 0, 0, ""),
    ("40000-41000 r--p 00000000 08:01 9", "/srv/\x1b[m\\", 4, 4, 1, 0, 4, 0, "rd"),
]
SMAPS = "".join(
    f"{head} {name}\nSize: {size} kB\nRss: {rss} kB\nPss: {pss} kB\n"
    f"Private_Clean: 0 kB\nPrivate_Dirty: {dirty} kB\nShared_Clean: {clean} kB\n"
    f"Swap: {swap} kB\nNewField: 3 kB\nVmFlags: {flags}\n"
    for head, name, size, rss, pss, dirty, clean, swap, flags in PARTS
).encode()


def usage(*words: str, **options: Any) -> str:
    return answer("usage", "-", *words, stdin=SMAPS, **options)


def restored(record: dict[str, Any]) -> MemoryUsage:
    """Return what a record says, made with the constructor."""
    map_ = Map(**{name: record["map"][name] for name in Map.__match_args__})
    fields = {name: record[name] for name in USAGE_FIELDS if name != "uss"}
    return MemoryUsage(map_, **fields)


def test_table_is_sorted_by_pss_and_summed() -> None:
    assert usage() == (
        "range                size     rss     pss     uss    swap  name\n"
        "00013000-00023000  64 KiB  12 KiB  12 KiB  12 KiB   8 KiB\n"
        "00012000-00013000   4 KiB   4 KiB   4 KiB   4 KiB   4 KiB  /usr/lib/c.so.6\n"
        "00010000-00012000   8 KiB   8 KiB   2 KiB     0 B     0 B  /usr/lib/c.so.6\n"
        "00040000-00041000   4 KiB   4 KiB   1 KiB     0 B     0 B  /srv/\\x1b[m\\\\\n"
        "00030000-00031000   4 KiB     0 B     0 B     0 B     0 B  [heap]\n"
        "                   84 KiB  28 KiB  19 KiB  16 KiB  12 KiB  in all\n"
    )


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (
            "path",
            [
                "64 KiB  12 KiB  12 KiB  12 KiB   8 KiB  (no name)",
                "12 KiB  12 KiB   6 KiB   4 KiB   4 KiB  /usr/lib/c.so.6",
                " 4 KiB   4 KiB   1 KiB     0 B     0 B  /srv/\\x1b[m\\\\",
                " 4 KiB     0 B     0 B     0 B     0 B  [heap]",
            ],
        ),
        (
            "module",
            [
                "64 KiB  12 KiB  12 KiB  12 KiB   8 KiB  (anonymous)",
                "12 KiB  12 KiB   6 KiB   4 KiB   4 KiB  /usr/lib/c.so.6",
                " 4 KiB   4 KiB   1 KiB     0 B     0 B  /srv/\\x1b[m\\\\",
                " 4 KiB     0 B     0 B     0 B     0 B  (heap)",
            ],
        ),
        (
            "kind",
            [
                "64 KiB  12 KiB  12 KiB  12 KiB   8 KiB  anonymous",
                "16 KiB  16 KiB   7 KiB   4 KiB   4 KiB  file",
                " 4 KiB     0 B     0 B     0 B     0 B  heap",
            ],
        ),
    ],
)
def test_groups(by: str, rows: list[str]) -> None:
    assert usage("--by", by).splitlines() == [
        f"  size     rss     pss     uss    swap  {by}",
        *rows,
        "84 KiB  28 KiB  19 KiB  16 KiB  12 KiB  in all",
    ]


@pytest.mark.parametrize(
    ("by", "begins"),
    [
        ("size", [0x13000, 0x10000, 0x12000, 0x30000, 0x40000]),
        ("rss", [0x13000, 0x10000, 0x12000, 0x40000, 0x30000]),
        ("pss", [0x13000, 0x12000, 0x10000, 0x40000, 0x30000]),
        ("uss", [0x13000, 0x12000, 0x10000, 0x30000, 0x40000]),
        ("swap", [0x13000, 0x12000, 0x10000, 0x30000, 0x40000]),
        ("address", [0x10000, 0x12000, 0x13000, 0x30000, 0x40000]),
    ],
)
def test_sorting(by: str, begins: list[int]) -> None:
    records = json.loads(usage("--sort", by, "--json"))
    assert [record["map"]["begin_address"] for record in records] == begins


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_read_back_equals_the_librarys_answer(form: str) -> None:
    text = usage("--sort", "address", form)
    lines = text.splitlines()
    records = json.loads(text) if form == "--json" else [json.loads(x) for x in lines]
    usages = procmaps.smaps_from_bytes(SMAPS)
    assert [restored(record) for record in records] == usages
    assert [record["uss"] for record in records] == [each.uss for each in usages]
    assert records[0]["extra"] == {"NewField": 3072}
    assert records[0]["vm_flags"] == ["ex", "mr", "rd"]
    assert records[0]["swap_pss"] is None


@pytest.mark.parametrize(("by", "key"), [("path", "pathname"), ("kind", "kind")])
def test_json_of_groups_equals_the_librarys_answer(by: str, key: Any) -> None:
    records = json.loads(usage("--by", by, "--json"))
    sums = procmaps.sum_usage_by(procmaps.smaps_from_bytes(SMAPS), key)
    assert {record[by] for record in records} == set(sums)
    for record in records:
        for name in {*USAGE_FIELDS} - {"vm_flags", "extra"}:
            assert record[name] == getattr(sums[record[by]], name), name


def test_json_of_modules_splits_what_is_in_none_by_kind() -> None:
    records = json.loads(usage("--by", "module", "--json"))
    sums = procmaps.sum_usage_by(procmaps.smaps_from_bytes(SMAPS), "module")
    files = {each["module"]: each for each in records if each["module"] is not None}
    others = {each["kind"]: each for each in records if each["module"] is None}
    assert files.keys() == sums.keys() - {None}
    assert others.keys() == {"anonymous", "heap"}
    for name in ("size", "rss", "pss", "uss", "swap", "shared_clean"):
        for path, record in files.items():
            assert record[name] == getattr(sums[path], name)
            assert record["kind"] == "file"
        rest = sum(record[name] for record in others.values())
        assert rest == getattr(sums[None], name)


def test_the_first_n_and_how_many_more_there_are() -> None:
    assert usage("-n", "2") == (
        "range                size     rss     pss     uss    swap  name\n"
        "00013000-00023000  64 KiB  12 KiB  12 KiB  12 KiB   8 KiB\n"
        "00012000-00013000   4 KiB   4 KiB   4 KiB   4 KiB   4 KiB  /usr/lib/c.so.6\n"
        "                   16 KiB  12 KiB   3 KiB     0 B     0 B  3 more\n"
        "                   84 KiB  28 KiB  19 KiB  16 KiB  12 KiB  in all\n"
    )
    assert len(json.loads(usage("-n", "2", "--json"))) == 2
    assert usage("-n", "0") == usage() == usage("-n5") == usage("-n", "6")
    assert usage("--by", "kind", "-n", "1").splitlines()[2:] == [
        "20 KiB  16 KiB   7 KiB   4 KiB   4 KiB  2 more",
        "84 KiB  28 KiB  19 KiB  16 KiB  12 KiB  in all",
    ]


def test_a_terminal_shows_twenty(tmp_path: Path) -> None:
    path = tmp_path / "smaps"
    path.write_text(
        "".join(
            f"{n}000-{n + 1}000 r--p 00000000 08:01 {n} /x/{n}\nRss: {n} kB\n"
            for n in range(1000, 1100)
        )
    )
    shown = [line for line in on_terminal("usage", str(path)).lines if line]
    assert len(shown) == 23
    assert shown[21].endswith("80 more")
    assert len([x for x in on_terminal("usage", str(path), "-n0").lines if x]) == 102
    assert len(answer("usage", str(path)).splitlines()) == 102
    assert len(json.loads(answer("usage", str(path), "--json"))) == 100


def test_csv() -> None:
    text = usage("--csv", "--sort", "address")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row, each in zip(rows, procmaps.smaps_from_bytes(SMAPS)):
        assert int(row["begin_address"]) == each.map.begin_address
        assert row["pathname"] == (each.map.pathname or "")
        assert row["pss"] == str(each.pss)
        assert row["swap_pss"] == ""
        assert row["vm_flags"].split() == sorted(each.vm_flags or ())
        assert json.loads(row["extra"]) == each.extra
    assert len(rows) == 5
    groups = csv.DictReader(io.StringIO(usage("--csv", "--by", "kind")))
    assert [row["kind"] for row in groups] == ["anonymous", "file", "heap"]


def test_filters_come_before_sums() -> None:
    assert usage("--by", "kind", "--kind", "file", "--perms", "?w?").splitlines() == [
        " size    rss    pss    uss   swap  kind",
        "4 KiB  4 KiB  4 KiB  4 KiB  4 KiB  file",
        "4 KiB  4 KiB  4 KiB  4 KiB  4 KiB  in all",
    ]


def test_fields_are_those_of_the_library() -> None:
    stub = Path(procmaps.__file__).with_name("_procmaps.pyi").read_text()
    body = stub.split("class MemoryUsage:")[1].split("\n@final")[0].split("\ndef ")[0]
    properties = re.findall(r"@property\n    def (\w+)\(self\)", body)
    assert sorted(USAGE_FIELDS) == sorted(set(properties) - {"map"})


def test_what_a_kernel_does_not_tell_is_no_number() -> None:
    smaps = b"1000-2000 r--p 00000000 08:01 7 /x\nRss: 4 kB\n"
    assert answer("usage", "-", stdin=smaps) == (
        "range              size    rss  pss  uss  swap  name\n"
        "00001000-00002000     -  4 KiB    -    -     -  /x\n"
        "                      -  4 KiB    -    -     -  in all\n"
    )


@pytest.mark.needs_processes
def test_of_a_live_process() -> None:
    records = json.loads(answer("usage", "self", "--json"))
    assert any(record["map"]["kind"] == "stack" for record in records)
    assert sum(record["rss"] for record in records) > 1 << 20
    assert answer("usage", "self", "--by", "kind").splitlines()[-1].endswith("in all")


def test_on_a_terminal_names_are_shortened_and_totals_bold(tmp_path: Path) -> None:
    path = tmp_path / "smaps"
    path.write_bytes(SMAPS.replace(b"/c", b"/x86_64-linux-gnu/libc"))
    terminal = on_terminal("usage", str(path), columns=80)
    assert terminal.lines[2].endswith(" 4 KiB /usr/lib…inux-gnu/libc.so.6")
    row = terminal.line("in all")
    assert terminal.screen.buffer[row][terminal.lines[row].index("84")].bold


def test_plain_maps_are_refused_with_what_to_give() -> None:
    done = run("usage", str(EXAMPLE))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.endswith(b"; expected a copy of /proc/PID/smaps\n")
    assert done.stderr.count(b"\n") == 1
    done = run("show", "-", stdin=SMAPS)
    assert done.stderr.endswith(b"; expected a copy of /proc/PID/maps\n")
