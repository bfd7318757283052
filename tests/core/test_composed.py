"""Core files of every form, composed: what is told comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procmaps
from procmaps import AddressSpace, Map
from support import core_composer as core
from support import oracle
from support.core_composer import FORM, FORMS, PAGE, File, Form, Load
from support.strategies import characters

if TYPE_CHECKING:
    from pathlib import Path

every_form = pytest.mark.parametrize("form", FORMS, ids=str)

LOADS = [
    Load(0x10000, 0x12000, "r-x"),
    Load(0x12000, 0x13000, "rw-", b"data" * 1024),
    Load(0x20000, 0x24000, "rw-", b"heap"),
    Load(0x7FFF0000, 0x7FFFF000, "rwx"),
]
FILES = [
    File(0x10000, 0x12000, b"/usr/bin/demo"),
    File(0x12000, 0x13000, b"/usr/bin/demo", 0x2000),
]
MAPS = [
    Map(0x10000, 0x12000, "r-xp", pathname="/usr/bin/demo"),
    Map(0x12000, 0x13000, "rw-p", 0x2000, pathname="/usr/bin/demo"),
    Map(0x20000, 0x24000, "rw-p"),
    Map(0x7FFF0000, 0x7FFFF000, "rwxp"),
]


def stored(directory: Path, content: bytes) -> Path:
    path = directory / "core.1234"
    path.write_bytes(content)
    return path


@every_form
@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("notes_last", [False, True])
def test_mappings_of_every_form(
    form: Form, extended: bool, notes_last: bool, tmp_path: Path
) -> None:
    notes = [
        core.note(form, core.NT_PRSTATUS, bytes(336)),
        core.note(form, 0x53494749, bytes(128)),
        core.files_note(form, FILES),
        core.note(form, core.NT_FILE, b"of another kind", b"GDB\0"),
    ]
    content = core.compose(LOADS, notes, form, extended=extended, notes_last=notes_last)
    path = stored(tmp_path, content)
    assert procmaps.from_core(path) == MAPS
    assert list(AddressSpace.from_core(path)) == MAPS


def test_segments_of_any_order_are_sorted(tmp_path: Path) -> None:
    notes = [core.files_note(FORM, FILES[::-1])]
    path = stored(tmp_path, core.compose(LOADS[::-1], notes))
    assert procmaps.from_core(path) == MAPS


def test_a_segment_over_two_files_is_cut(tmp_path: Path) -> None:
    files = [
        File(0x10000, 0x11000, b"/a", 0x5000),
        File(0x12000, 0x13000, b"/b"),
        File(0x13000, 0x20000, b"/c", 0x1000),
    ]
    loads = [Load(0xF000, 0x15000, "r-x"), Load(0x18000, 0x19000, "rw-")]
    path = stored(tmp_path, core.compose(loads, [core.files_note(FORM, files)]))
    assert procmaps.from_core(path) == [
        Map(0xF000, 0x10000, "r-xp"),
        Map(0x10000, 0x11000, "r-xp", 0x5000, pathname="/a"),
        Map(0x11000, 0x12000, "r-xp"),
        Map(0x12000, 0x13000, "r-xp", pathname="/b"),
        Map(0x13000, 0x15000, "r-xp", 0x1000, pathname="/c"),
        Map(0x15000, 0x18000, "---p", 0x3000, pathname="/c"),
        Map(0x18000, 0x19000, "rw-p", 0x6000, pathname="/c"),
        Map(0x19000, 0x20000, "---p", 0x7000, pathname="/c"),
    ]


@every_form
def test_without_notes_there_are_no_names(form: Form, tmp_path: Path) -> None:
    path = stored(tmp_path, core.compose(LOADS, form=form))
    expected = [map_.replace(offset=0, pathname=None) for map_ in MAPS]
    assert procmaps.from_core(path) == expected


def test_names_are_as_they_are_in_memory(tmp_path: Path) -> None:
    names = [b"/a\nb", b"/c\\012d", b"/e (deleted)", b"/\xff", b"/memfd:x (deleted)"]
    names += [b"/dev/zero (deleted)", b"/SYSV0000002a (deleted)", b"/dev/dri/card0"]
    ranges = [(number * PAGE, (number + 1) * PAGE) for number in range(1, 9)]
    files = [File(*range_, name) for range_, name in zip(ranges, names)]
    loads = [Load(*range_, "rw-") for range_ in ranges]
    path = stored(tmp_path, core.compose(loads, [core.files_note(FORM, files)]))
    found = [
        (map_.pathname, map_.path, map_.kind, map_.permissions)
        for map_ in procmaps.from_core(path)
    ]
    assert found == [
        ("/a\\012b", "/a\nb", "file", "rw-p"),
        ("/c\\012d", "/c\\012d", "file", "rw-p"),
        ("/e (deleted)", "/e", "file", "rw-p"),
        ("/\udcff", "/\udcff", "file", "rw-p"),
        ("/memfd:x (deleted)", None, "memfd", "rw-p"),
        ("/dev/zero (deleted)", None, "shared_memory", "rw-s"),
        ("/SYSV0000002a (deleted)", None, "shared_memory", "rw-s"),
        ("/dev/dri/card0", "/dev/dri/card0", "device", "rw-p"),
    ]


@every_form
def test_stack_and_vdso_by_the_auxiliary_vector(form: Form, tmp_path: Path) -> None:
    loads = [*LOADS, Load(0x80000000, 0x80001000, "r-x")]
    for key in (core.AT_RANDOM, core.AT_EXECFN):
        vector = {core.AT_SYSINFO_EHDR: 0x80000000, key: 0x7FFFEFF0}
        notes = [core.files_note(form, FILES), core.auxiliary_note(form, vector)]
        path = stored(tmp_path, core.compose(loads, notes, form))
        names = [map_.pathname for map_ in procmaps.from_core(path)]
        assert names == [*["/usr/bin/demo"] * 2, None, "[stack]", "[vdso]"]


def test_the_gate_of_two_machines(tmp_path: Path) -> None:
    for form, begin, name in [
        (FORM, 0xFFFFFFFFFF600000, "[vsyscall]"),
        (Form(32, "<", core.EM_ARM), 0xFFFF0000, "[vectors]"),
        (Form(32, "<", core.EM_386), 0xFFFF0000, None),
    ]:
        loads = [Load(begin, begin + PAGE, "--x")]
        (map_,) = procmaps.from_core(stored(tmp_path, core.compose(loads, [], form)))
        assert (map_.pathname, map_.permissions) == (name, "--xp")


def segments(form: Form, bias: int) -> bytes:
    """Compose the program headers of a program: code at 0, data with a bss."""
    code = core.program_header(form, core.PT_LOAD, 5, 0, bias, 0x2000, 0x2000)
    sizes = 0x1000, 0x1800
    return code + core.program_header(
        form, core.PT_LOAD, 6, 0x2000, bias + 0x2000, *sizes
    )


@every_form
@pytest.mark.parametrize(
    ("bias", "interpreter", "is_named"),
    [(0, 0x40000000, True), (0x10000, 0, True), (0, 0, False)],
)
def test_the_heap_begins_above_the_program(
    form: Form, bias: int, interpreter: int, is_named: bool, tmp_path: Path
) -> None:
    content = core.header(form, 2, kind=3) + segments(form, bias)
    loads = [
        Load(0x10000, 0x12000, "r-x", content.ljust(PAGE, b"\0")),
        Load(0x12000, 0x13000, "rw-"),
        Load(0x13000, 0x14000, "rw-"),
        Load(0x14000, 0x15000, "rw-"),
        Load(0x7FFF0000, 0x7FFFF000, "rw-"),
    ]
    start = 64 if form.bits == 64 else 52
    vector = {
        core.AT_PHDR: 0x10000 + start,
        core.AT_PHNUM: 2,
        core.AT_PAGESZ: PAGE,
        core.AT_BASE: interpreter,
    }
    notes = [core.files_note(form, FILES), core.auxiliary_note(form, vector)]
    path = stored(tmp_path, core.compose(loads, notes, form))
    names = [map_.pathname for map_ in procmaps.from_core(path)]
    heap = "[heap]" if is_named else None
    assert names == [*["/usr/bin/demo"] * 2, None, heap, None]


@every_form
def test_permissions_that_gdb_leaves_out_come_from_the_file_in_memory(
    form: Form, tmp_path: Path
) -> None:
    content = core.header(form, 2, kind=3) + segments(form, 0)
    loads = [Load(0x10000, 0x11000, "r--", content.ljust(PAGE, b"\0"))]
    files = [*FILES, File(0x30000, 0x31000, b"/usr/share/data")]
    notes = [core.files_note(form, files, 1)]
    path = stored(tmp_path, core.compose(loads, notes, form, notes_last=True))
    assert procmaps.from_core(path) == [
        Map(0x10000, 0x11000, "r--p", pathname="/usr/bin/demo"),
        Map(0x11000, 0x12000, "r-xp", 0x1000, pathname="/usr/bin/demo"),
        Map(0x12000, 0x13000, "rw-p", 0x2000, pathname="/usr/bin/demo"),
        Map(0x30000, 0x31000, "---p", pathname="/usr/share/data"),
    ]


file_names = st.one_of(
    st.text(characters, min_size=1).map(
        lambda name: name.encode("utf-8", "surrogateescape")
    ),
    st.binary(min_size=1),
    st.sampled_from([b"/a\nb", b"/dev/zero (deleted)", b"/x (deleted)"]),
).map(lambda name: name.replace(b"\0", b"").lstrip(b" ") or b"/x")


@st.composite
def arbitrary_maps(draw: st.DrawFn, form: Form) -> list[tuple[Load, File | None]]:
    ends = st.lists(st.integers(0, 2**form.bits - 1), unique=True, max_size=12)
    edges = sorted(draw(ends))
    found = []
    for begin, end in zip(edges[::2], edges[1::2]):
        access = "".join(draw(st.sampled_from(pair)) for pair in ("r-", "w-", "x-"))
        load = Load(begin, end, access, draw(st.binary(max_size=end - begin)))
        file = None
        if draw(st.booleans()):
            most = (2**form.bits - 1 - (end - begin)) // PAGE
            offset = PAGE * draw(st.integers(0, most))
            file = File(begin, end, draw(file_names), offset)
        found.append((load, file))
    return found


@pytest.fixture(scope="module")
def core_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("composed") / "core"


@given(
    data=st.data(),
    form=st.sampled_from(FORMS),
    extended=st.booleans(),
    notes_last=st.booleans(),
)
def test_arbitrary_maps_come_back(
    core_path: Path, data: st.DataObject, form: Form, extended: bool, notes_last: bool
) -> None:
    form = form._replace(machine=0)
    composed = data.draw(arbitrary_maps(form))
    files = [file for _, file in composed if file is not None]
    content = core.compose(
        [load for load, _ in composed],
        [core.process_note(form, 1), core.files_note(form, files)],
        form,
        extended=extended,
        notes_last=notes_last,
    )
    core_path.write_bytes(content)
    assert procmaps.from_core(core_path) == [
        expected(load, file) for load, file in composed
    ]


def expected(load: Load, file: File | None) -> Map:
    name, offset, shared = None, 0, "p"
    if file is not None:
        printed = file.name.replace(b"\n", b"\\012")
        name, offset = printed.decode("utf-8", "surrogateescape"), file.offset
        row = oracle.Row(0, 0, "", 0, (0, 0), 0, name)
        if oracle.kind(row) == "shared_memory":
            shared = "s"
    return Map(load.begin, load.end, load.permissions + shared, offset, (0, 0), 0, name)
