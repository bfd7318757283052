"""The core files that are kept for the crate's own tests and for fuzzing."""

from __future__ import annotations

import pytest

import procmaps
from procmaps import Map
from support import core_composer as core
from support.core_composer import PAGE, File, Form, Load
from support.helpers import TESTS


def segments(form: Form, bias: int) -> bytes:
    """Compose the program headers of a program: code at 0, data with a bss."""
    code = core.program_header(form, core.PT_LOAD, 5, 0, bias, 0x2000, 0x2000)
    data = (core.PT_LOAD, 6, 0x2000, bias + 0x2000, 0x1000, 0x1800)
    return code + core.program_header(form, *data)


def stored(form: Form, *, extended: bool = False, gdb: bool = False) -> bytes:
    """Compose a small core file that has all that is looked at."""
    content = core.header(form, 2, kind=3) + segments(form, 0)
    loads = [
        Load(0x10000, 0x11000, "r-x", content),
        Load(0x12000, 0x13000, "rw-", b"data"),
        Load(0x13000, 0x14000, "rw-"),
        Load(0x14000, 0x15000, "rw-", b"heap"),
        Load(0x7FFE0000, 0x7FFE1000, "r-x"),
        Load(0x7FFF0000, 0x7FFFF000, "rw-"),
    ]
    if not gdb:
        loads.insert(1, Load(0x11000, 0x12000, "r-x"))
    files = [
        File(0x10000, 0x12000, b"/usr/bin/demo"),
        File(0x12000, 0x13000, b"/usr/bin/demo", 0x2000),
    ]
    vector = {
        core.AT_PHDR: 0x10000 + (64 if form.bits == 64 else 52),
        core.AT_PHNUM: 2,
        core.AT_PAGESZ: PAGE,
        core.AT_BASE: 0x40000000,
        core.AT_SYSINFO_EHDR: 0x7FFE0000,
        core.AT_EXECFN: 0x7FFFEFF0,
    }
    notes = [
        core.process_note(form, 1234),
        core.note(form, core.NT_PRSTATUS, bytes(16)),
        core.auxiliary_note(form, vector),
        core.files_note(form, files, 1 if gdb else PAGE),
    ]
    return core.compose(loads, notes, form, extended=extended, notes_last=gdb)


CORES = {
    "little-64.core": stored(core.FORM),
    "big-32.core": stored(Form(32, ">", core.EM_S390)),
    "extended.core": stored(Form(64, ">", core.EM_S390), extended=True),
    "gdb.core": stored(Form(32, "<", core.EM_386), gdb=True),
}


@pytest.mark.parametrize("name", CORES)
def test_stored_cores_are_what_they_should_be(name: str) -> None:
    path = TESTS / "data/cores" / name
    assert path.read_bytes() == CORES[name]
    program = "/usr/bin/demo"
    assert procmaps.from_core(path) == [
        Map(0x10000, 0x11000, "r-xp", pathname=program),
        Map(0x11000, 0x12000, "r-xp", 0x1000, pathname=program),
        Map(0x12000, 0x13000, "rw-p", 0x2000, pathname=program),
        Map(0x13000, 0x14000, "rw-p"),
        Map(0x14000, 0x15000, "rw-p", pathname="[heap]"),
        Map(0x7FFE0000, 0x7FFE1000, "r-xp", pathname="[vdso]"),
        Map(0x7FFF0000, 0x7FFFF000, "rw-p", pathname="[stack]"),
    ]
