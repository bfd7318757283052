"""The command takes a core file wherever it takes a file of maps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import procmaps
from support import core_composer
from support.command import answer, run
from support.helpers import TESTS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_programs

CORE = TESTS / "data/cores/little-64.core"


def refusal(*words: str, stdin: bytes = b"") -> str:
    done = run(*words, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, b"")
    return done.stderr.decode()


def test_show_prints_its_maps() -> None:
    maps = procmaps.from_core(CORE)
    assert answer("show", "--raw", str(CORE)) == "".join(f"{map_}\n" for map_ in maps)
    found = json.loads(answer("show", "--json", str(CORE)))
    assert [row["pathname"] for row in found] == [map_.pathname for map_ in maps]


def test_find_says_what_lay_there() -> None:
    (found,) = json.loads(answer("find", "--json", str(CORE), "0x12010"))
    assert found["location"] == "demo+0x2010"
    assert found["elf_address"] == 0x2010
    assert found["module"]["path"] == "/usr/bin/demo"
    assert answer("find", str(CORE), "14001").splitlines()[1].endswith("[heap]+0x1")


def test_diff_compares_it_with_saved_maps(tmp_path: Path) -> None:
    saved = tmp_path / "maps"
    saved.write_bytes(procmaps.AddressSpace.from_core(CORE).to_bytes())
    same = answer("diff", str(saved), str(CORE))
    saved.write_bytes(saved.read_bytes().replace(b"[heap]", b"[heat]"))
    other = answer("diff", str(saved), str(CORE))
    assert "[heap]" in other
    assert "[heap]" not in same


def test_usage_says_why_it_can_not_be() -> None:
    assert refusal("usage", str(CORE)) == (
        f'procmaps: "{CORE}" is a core file, which does not tell what memory cost: '
        "give a living process, or a copy of /proc/PID/smaps\n"
    )


def test_standard_input_is_refused() -> None:
    assert refusal("show", "-", stdin=CORE.read_bytes()) == (
        "procmaps: standard input is a core file or packed: "
        "give the file's name, not -\n"
    )


def test_a_packed_core_is_refused_with_the_tool(tmp_path: Path) -> None:
    path = tmp_path / "core.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\0\0\0\0")
    assert refusal("find", str(path), "0") == (
        f'procmaps: "{path}": offset 0x0: expected a core file, '
        "found one packed by zstd: unpack it (zstd -d)\n"
    )


def test_another_elf_file_is_refused(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(core_composer.header(core_composer.FORM, 0, kind=3))
    assert refusal("show", str(library)) == (
        f'procmaps: "{library}": offset 0x10: ELF header: '
        "expected a core file (type 4), "
        "found type 3 (a library, or a program that can lie anywhere)\n"
    )
