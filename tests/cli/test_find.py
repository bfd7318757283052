"""`procmaps find`: what lies at an address."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
from typing import Any

import pytest

import procmaps
from procmaps import AddressSpace, Map, Process
from support.c_code import compile_c
from support.children import child, python
from support.command import COMMAND, EXAMPLE, answer, environment, on_terminal, run
from support.silent_files import silent_mapping

pytestmark = pytest.mark.needs_programs

PROGRAM = """
#include <stdio.h>
int main(void) { printf("%p\\n", (void *) main); fflush(stdout); return getchar(); }
"""
LIBC, HOLE, STACK, MEMFD = 0x7F3A53251D90, 0x1000, 0x7FFD6A1C4010, 0x7F3A53100004
ADDRESSES = [f"{address:#x}" for address in (LIBC, HOLE, STACK, MEMFD)]
# A process that says where it has a function of the C library, and waits.
CHILD = """
    import ctypes
    print(ctypes.cast(ctypes.CDLL(None).qsort, ctypes.c_void_p).value, flush=True)
    input()
"""


def test_table_of_a_stored_file() -> None:
    assert answer("find", str(EXAMPLE), *ADDRESSES, "ffffffffff600000") == (
        "address           range                              perms  file offset  "
        "location\n"
        "7f3a53251d90      7f3a53228000-7f3a5337d000          r-xp         51d90  "
        "libc.so.6+0x51d90\n"
        "00001000                                                                 "
        "not mapped\n"
        "7ffd6a1c4010      7ffd6a1c4000-7ffd6a1e5000          rw-p                "
        "[stack]+0x10\n"
        "7f3a53100004      7f3a53100000-7f3a53180000          rw-s             4  "
        "memfd:frames+0x4\n"
        "ffffffffff600000  ffffffffff600000-ffffffffff601000  --xp                "
        "[vsyscall]+0x0\n"
        "\n"
        "address       ELF address  from  base          build id  module\n"
        "7f3a53251d90        51d90  text  7f3a53200000  -         "
        "/usr/lib/x86_64-linux-gnu/libc.so.6\n"
        "7f3a53100004            -  -     7f3a53100000  -         memfd:frames\n"
    )


def test_where_nothing_is_mapped() -> None:
    assert answer("find", str(EXAMPLE), "0") == (
        "address   range  perms  file offset  location\n"
        "00000000                             not mapped\n"
    )
    assert json.loads(answer("find", str(EXAMPLE), "0", "--json")) == [
        {
            "address": 0,
            "location": None,
            "offset": None,
            "file_offset": None,
            "elf_address": None,
            "elf_address_from": None,
            "map": None,
            "module": None,
        }
    ]


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_read_back_equals_the_librarys_answer(form: str) -> None:
    text = answer("find", str(EXAMPLE), *ADDRESSES, form)
    lines = text.splitlines()
    records = json.loads(text) if form == "--json" else [json.loads(x) for x in lines]
    space = AddressSpace.from_path(EXAMPLE)
    assert [record["address"] for record in records] == [LIBC, HOLE, STACK, MEMFD]
    for record in records:
        location = space.resolve(record["address"])
        if location is None:
            assert record["address"] == HOLE
            continue
        assert record["location"] == str(location)
        assert record["offset"] == location.offset
        assert record["file_offset"] == location.file_offset
        assert record["elf_address_from"] == (
            "text" if record["address"] == LIBC else None
        )
        assert location.map == Map(
            **{name: record["map"][name] for name in Map.__match_args__}
        )
        assert same_module(record["module"], location.module)


def same_module(record: dict[str, Any] | None, module: procmaps.Module | None) -> bool:
    if record is None or module is None:
        return (record, module) == (None, None)
    assert record.pop("build_id") is None
    return record == {name: getattr(module, name) for name in record}


def test_csv() -> None:
    text = answer("find", str(EXAMPLE), *ADDRESSES, "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "address": str(LIBC),
        "location": "libc.so.6+0x51d90",
        "offset": str(0x51D90),
        "file_offset": str(0x51D90),
        "elf_address": str(0x51D90),
        "elf_address_from": "text",
        "begin_address": str(0x7F3A53228000),
        "end_address": str(0x7F3A5337D000),
        "permissions": "r-xp",
        "pathname": "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "base_address": str(0x7F3A53200000),
        "load_bias": "",
        "build_id": "",
    }
    assert rows[1].pop("address") == str(HOLE)
    assert set(rows[1].values()) == {""}
    assert rows[2]["base_address"] == ""


@pytest.mark.needs_processes
def test_live_process_with_build_id() -> None:
    with child(*python(CHILD)) as process:
        pid, address = process.pid, int(process.line())
        (record,) = json.loads(answer("find", str(pid), hex(address), "--json"))
        table = answer("find", str(pid), f"{address:x}")
        (row,) = csv.DictReader(
            io.StringIO(answer("find", str(pid), f"{address:x}", "--csv"))
        )
        with Process(pid) as live:
            location = live.resolve(address)
            build_id = live.build_id(address)
    assert location is not None
    assert build_id is not None
    assert record["location"] == str(location)
    assert record["module"]["build_id"] == row["build_id"] == build_id.hex()
    assert location.module is not None
    assert location.elf_address is not None
    assert record["elf_address"] == int(row["elf_address"]) == location.elf_address
    assert record["module"]["load_bias"] == location.module.load_bias
    assert int(row["load_bias"]) == location.module.load_bias
    assert record["elf_address_from"] == row["elf_address_from"] == "headers"
    assert f"  {location.elf_address:x}  headers  " in table
    assert f"  {build_id.hex()}  {record['module']['path']}\n" in table
    assert table.count(build_id.hex()) == 1


def test_on_a_narrow_terminal_locations_are_shortened(tmp_path: Any) -> None:
    path = tmp_path / "maps"
    path.write_text(f"1000-2000 r-xp 00000000 08:01 7 /srv/{'long-' * 20}name\n")
    terminal = on_terminal("find", str(path), "1004", columns=80)
    assert terminal.lines[1].startswith("00001004 00001000-00002000 r-xp")
    assert terminal.lines[1].endswith("long-name+0x4")
    assert "…" in terminal.lines[1]
    assert not terminal.lines[2]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((str(EXAMPLE),), 2, "the following arguments are required: ADDRESS"),
        ((str(EXAMPLE), "main"), 2, "an address in hexadecimal, with or without 0x, "),
        ((str(EXAMPLE), "-1"), 2, 'found "-1"'),
        ((str(EXAMPLE), "1", "--raw"), 2, "unrecognized arguments: --raw"),
        (("nowhere", "1"), 1, 'no file "nowhere": '),
        (("2147483648", "1"), 1, "no process 2147483648: "),
    ],
)
def test_what_cannot_be_found(words: Any, status: int, said: str) -> None:
    done = run("find", *words, env={"COLUMNS": "1000"})
    assert (done.returncode, done.stdout) == (status, b"")
    assert said in done.stderr.decode()


@pytest.mark.needs_processes
def test_several_addresses_of_a_program_that_is_not_where_its_offsets_say(
    tmp_path: Any,
) -> None:
    path = compile_c(PROGRAM, tmp_path / "program", "-no-pie")
    with child(path) as process:
        address = int(process.line(), 16)
        words = (hex(address), hex(address + 1))
        records = json.loads(answer("find", str(process.pid), *words, "--json"))
    assert [record["elf_address"] for record in records] == [address, address + 1]
    assert [record["elf_address_from"] for record in records] == ["headers"] * 2
    assert [record["module"]["load_bias"] for record in records] == [0, 0]


@pytest.mark.parametrize("form", [[], ["--json"], ["--jsonl"], ["--csv"]])
def test_a_file_system_that_does_not_answer(form: list[str], tmp_path: Any) -> None:
    """What is known comes without the file, and the command ends."""
    with silent_mapping(tmp_path) as (pid, address):
        done = run("find", str(pid), hex(address + 4), *form, timeout=30)
        assert done.returncode == 0
        assert b"libsilent.so+0x4" in done.stdout
        assert done.stderr.decode() == (
            f'procmaps: no build ID of "{tmp_path}/libsilent.so": '
            "reading it took too long\n"
        )
        if form == ["--json"]:
            assert json.loads(done.stdout)[0]["module"]["build_id"] is None


def test_what_is_known_is_shown_before_files_are_read(tmp_path: Any) -> None:
    with (
        silent_mapping(tmp_path) as (pid, address),
        subprocess.Popen(
            [*COMMAND, "find", str(pid), hex(address)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as command,
    ):
        assert command.stdout is not None
        assert b"location" in command.stdout.readline()
        assert b"libsilent.so+0x0" in command.stdout.readline()
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=30)
        assert (command.returncode, err) == (130, b"")
