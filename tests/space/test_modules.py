"""Modules of real processes, beside what the dynamic linker knows of them."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from procmaps import AddressSpace, Module
from support.c_code import (
    PT_INTERP,
    PT_LOAD,
    compile_c,
    headers_offset,
    loaded_objects,
    segments,
)
from support.children import child
from support.target import PAGE, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
    pytest.mark.not_on("musl", reason="it has no dlmopen(3)"),
]

AT_PHDR, AT_BASE = 3, 7

LIBRARY = """
#include <string.h>
static int data[2000] = {1};
static char bss[1 << 20];
const char text[9000] = "read only";
static int *const relocated[600] = {data, data + 1};
char *memory(void) { return memset(bss, 1, sizeof bss); }
int code(int i) { return data[i] + *relocated[i]; }
"""

# How linkers lay out a library: in pages of their own, by turns on one page, with
# holes, with nothing to protect after relocation.
LAYOUTS = {
    "separate": ["-Wl,-z,separate-code"],
    "shared": ["-Wl,-z,noseparate-code"],
    "holes": ["-Wl,-z,max-page-size=0x200000,-z,noseparate-code"],
    "large": ["-Wl,-z,max-page-size=0x200000,-z,separate-code"],
    "norelro": ["-Wl,-z,norelro"],
}


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        target.run("""
for function in (libc.dlopen, libc.dlmopen, libc.dlsym):
    function.restype = ctypes.c_void_p
libc.dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
libc.dlmopen.argtypes = [ctypes.c_long, ctypes.c_char_p, ctypes.c_int]
libc.dlsym.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

def bias(handle):  # the first field of struct link_map
    return ctypes.c_size_t.from_address(handle).value
""")
        yield target


def modules_of(target: Target, path: Path) -> list[Module]:
    space = AddressSpace.from_pid(target.pid)
    return [module for module in space.modules if module.path == str(path)]


def lines_of(target: Target, path: Path) -> list[str]:
    return [line for line in target.lines() if line.endswith(f" {path}")]


def test_own_modules_are_what_the_dynamic_linker_has_loaded() -> None:
    program = os.fsdecode(Path("/proc/self/exe").readlink())
    expected = set()
    for name, bias in loaded_objects():
        path = os.path.realpath(name or program)
        if "linux-vdso" in name or "linux-gate" in name:
            continue
        first = next(part for part in segments(path) if part.kind == PT_LOAD)
        expected.add((path, bias + first.address - first.offset))
    space = AddressSpace.from_pid(os.getpid())
    assert len(expected) > 5
    assert expected == {
        (module.path, module.base_address)
        for module in space.modules
        if any(map_.is_executable for map_ in module.maps)
        and not is_trampolines(module)
    }


def is_trampolines(module: Module) -> bool:
    """Whether it is a page of its own code that libffi has mapped once more."""
    return module.name.startswith("libffi.so.") and [
        (map_.permissions, map_.size) for map_ in module.maps
    ] == [("r-xp", PAGE)]


def test_program_and_interpreter_are_where_the_kernel_says() -> None:
    auxiliary = Path("/proc/self/auxv").read_bytes()
    vector = dict(struct.iter_unpack("@NN", auxiliary))
    space = AddressSpace.from_pid(os.getpid())
    program = space.module(Path("/proc/self/exe").readlink())
    assert program.address_of(headers_offset(program.path or "")) == vector[AT_PHDR]
    part = next(s for s in segments(program.path or "") if s.kind == PT_INTERP)
    name = Path(program.path or "").read_bytes()[part.offset :][: part.file_size - 1]
    path = Path(os.fsdecode(name)).resolve()
    interpreter = space.module(path)
    assert interpreter.base_address == vector[AT_BASE]
    assert interpreter.name == path.name


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_library_that_is_loaded_twice(
    target: Target, tmp_path: Path, layout: str
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libtwice.so", "-shared", *LAYOUTS[layout])
    first = target.run(f"result = bias(libc.dlopen({os.fsencode(path)!r}, 2))")
    lines = lines_of(target, path)
    [module] = modules_of(target, path)
    assert module.base_address == first
    assert lines
    assert [str(map_) for map_ in module.maps] == lines

    second = target.run(f"result = bias(libc.dlmopen(-1, {os.fsencode(path)!r}, 2))")
    modules = modules_of(target, path)
    assert [module.base_address for module in modules] == sorted([first, second])
    assert [len(module.maps) for module in modules] == [len(lines)] * 2
    named = AddressSpace.from_pid(target.pid).module("libtwice.so")
    assert named == modules[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_library_read_as_a_file_is_another_module(
    target: Target, tmp_path: Path, layout: str
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libread.so", "-shared", *LAYOUTS[layout])
    size = path.stat().st_size
    read = f"map_file({str(path)!r}, length={size})"
    places = target.run(f"""
above = {read}
loaded = bias(libc.dlopen({os.fsencode(path)!r}, 2))
result = [above, loaded, {read}]
""")
    modules = modules_of(target, path)
    assert [module.base_address for module in modules] == sorted(places)
    # The one that was loaded is meant, wherever the others lie.
    named = AddressSpace.from_pid(target.pid).module(path)
    assert named.base_address == places[1]


@pytest.mark.parametrize("options", [[], LAYOUTS["holes"], LAYOUTS["large"]])
@pytest.mark.parametrize("pie", ["-pie", "-no-pie"])
def test_the_main_program(tmp_path: Path, pie: str, options: list[str]) -> None:
    source = """
        #include <unistd.h>
        int main(void) { write(1, "\\n", 1); return pause(); }
    """
    path = compile_c(source, tmp_path / "program", pie, *options)
    with child(path) as process:
        process.line()
        space = AddressSpace.from_pid(process.pid)
        own = [map_ for map_ in space if map_.path == str(path)]
    module = space.module("program")
    assert module.path == str(path)
    assert list(module.maps) == own
    assert [m for m in space.modules if m.path == str(path)] == [module]
    if pie == "-no-pie":
        first = next(part for part in segments(path) if part.kind == PT_LOAD)
        assert module.base_address == first.address - first.offset
    else:
        assert module.base_address == own[0].begin_address


def test_a_file_of_data_at_two_places(target: Target, tmp_path: Path) -> None:
    path = tmp_path / "data"
    places = target.run(f"""
result = [map_file({str(path)!r}, flags, 3 * PAGE) for flags in (PRIVATE, SHARED) * 2]
""")
    modules = modules_of(target, path)
    assert [module.base_address for module in modules] == sorted(places)
    assert {module.size for module in modules} == {3 * PAGE}
    # Cut by a change of permissions, it is still at one place.
    target.run(f"libc.mprotect({places[0]} + PAGE, PAGE, READ | WRITE)")
    assert len(lines_of(target, path)) == 6
    modules = modules_of(target, path)
    assert [module.base_address for module in modules] == sorted(places)


def test_the_base_lies_below_where_the_file_is_mapped_in_part(
    target: Target, tmp_path: Path
) -> None:
    path = tmp_path / "data"
    address = target.run(f"""
result = map_file({str(path)!r}, length=3 * PAGE)
libc.munmap(result, PAGE)
""")
    [module] = modules_of(target, path)
    assert module.maps[0].begin_address == address + PAGE
    assert module.base_address == address
    assert module.file_offset(address + PAGE) == PAGE
    assert module.address_of(PAGE) == address + PAGE
    with pytest.raises(
        ValueError, match=r"^file offset 0x0 is not mapped from 'data'$"
    ):
        module.address_of(0)


def test_a_library_that_was_deleted_and_replaced(
    target: Target, tmp_path: Path
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libold.so", "-shared")
    old = target.run(f"result = bias(libc.dlopen({os.fsencode(path)!r}, 2))")
    shutil.copy(path, tmp_path / "new")
    (tmp_path / "new").rename(path)
    # The dynamic linker knows the old path, and does not look at the file again.
    other_path = f"{tmp_path}/./libold.so".encode()
    new = target.run(f"result = bias(libc.dlopen({other_path!r}, 2))")
    modules = modules_of(target, path)
    assert {(module.base_address, module.is_deleted) for module in modules} == {
        (old, True),
        (new, False),
    }
    assert [module.name for module in modules] == ["libold.so"] * 2
    # Replaced again: both are deleted, and still two files.
    shutil.copy(path, tmp_path / "new")
    (tmp_path / "new").rename(path)
    modules = modules_of(target, path)
    assert [module.base_address for module in modules] == sorted([old, new])
    assert [module.is_deleted for module in modules] == [True, True]


def test_memory_after_a_library_is_no_part_of_it(
    target: Target, tmp_path: Path
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libbss.so", "-shared")
    bss = target.run(f"""
handle = libc.dlopen({os.fsencode(path)!r}, 2)
result = ctypes.CFUNCTYPE(ctypes.c_void_p)(libc.dlsym(handle, b"memory"))()
""")
    space = AddressSpace.from_pid(target.pid)
    module = space.module("libbss.so")
    middle = bss + (1 << 19)
    after = space.find(middle)
    assert after is not None
    assert after.begin_address == module.end_address
    assert after.pathname is None
    location = space.resolve(middle)
    assert location is not None
    assert location.module is None
    assert str(location) == hex(middle)
    with pytest.raises(
        ValueError, match=r"^address 0x[0-9a-f]+ is not in a map of 'lib"
    ):
        module.file_offset(middle)


def test_a_memfd_is_a_module_without_a_path(target: Target) -> None:
    address = target.run("""
file = os.memfd_create("code/x")
os.truncate(file, PAGE)
result = libc.mmap(None, PAGE, READ, PRIVATE, file, 0)
""")
    module = AddressSpace.from_pid(target.pid).module("memfd:code/x")
    assert (module.base_address, module.path) == (address, None)
    assert not module.is_deleted


LINES = """\
1000-3000 r--p 00000000 08:01 42 /usr/lib/libone.so.1
3000-5000 r-xp 00002000 08:01 42 /usr/lib/libone.so.1
5000-6000 rw-p 00003000 08:01 42 /usr/lib/libone.so.1
6000-7000 rw-p 00000000 00:00 0
8000-9000 r--p 00000000 08:01 43 /usr/lib/two
9000-a000 rw-p 00000000 00:00 0 [heap]
b000-c000 r--p 00000000 08:01 44 /srv/lib/two
"""
SPACE = AddressSpace.from_str(LINES)
ONE = SPACE.modules[0]


def test_every_attribute() -> None:
    assert len(SPACE.modules) == 3
    assert SPACE.modules is SPACE.modules
    assert isinstance(SPACE.modules, tuple)
    assert ONE.maps == SPACE[:3]
    assert (ONE.path, ONE.name) == ("/usr/lib/libone.so.1", "libone.so.1")
    assert (ONE.base_address, ONE.end_address, ONE.size) == (0x1000, 0x6000, 0x5000)
    assert ONE.is_deleted is False
    assert repr(ONE) == "<Module libone.so.1 at 0x1000, 3 maps>"
    assert repr(SPACE.modules[1]) == "<Module two at 0x8000, 1 map>"


def test_offsets_and_addresses() -> None:
    assert ONE.file_offset(0x1000) == 0
    assert ONE.file_offset(0x4FFF) == 0x3FFF
    assert ONE.file_offset(address=0x5000) == 0x3000
    assert ONE.address_of(0x2000) == 0x3000
    # Mapped at 0x4000 and at 0x5000: the lower.
    assert ONE.address_of(file_offset=0x3000) == 0x4000
    for offset in (0x4000, -1, 2**64, 2**200):
        message = f"^file offset {offset:#x} is not mapped from 'libone.so.1'$"
        with pytest.raises(ValueError, match=message):
            ONE.address_of(offset)
    for address in (0, 0x6000, -1, 2**64):
        message = f"^address {address:#x} is not in a map of 'libone.so.1'$"
        with pytest.raises(ValueError, match=message):
            ONE.file_offset(address)
    with pytest.raises(TypeError, match=r"^file_offset must be an integer, not str$"):
        ONE.address_of("0")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^address must be an integer, not float$"):
        ONE.file_offset(1.0)  # type: ignore[arg-type]


def test_a_base_below_zero() -> None:
    module = Module(procmaps.from_str("0-1000 r--p 2000 08:01 42 /a"))
    assert module.base_address == -0x2000
    assert repr(module) == "<Module a at -0x2000, 1 map>"
    location = AddressSpace(module.maps).resolve(0)
    assert location is not None
    assert (location.offset, location.file_offset) == (0x2000, 0x2000)


def test_module_by_name_or_path() -> None:
    assert SPACE.module("libone.so.1") is ONE
    assert SPACE.module("/usr/lib/libone.so.1") is ONE
    assert SPACE.module(b"libone.so.1") is ONE
    assert SPACE.module(Path("/usr/lib/libone.so.1")) is ONE
    assert SPACE.module("two") is SPACE.modules[1]
    assert SPACE.module("/srv/lib/two") is SPACE.modules[2]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("one", "no module is named 'one'; near: 'libone.so.1'"),
        ("libone.so.2", "no module is named 'libone.so.2'; near: 'libone.so.1'"),
        ("two ", "no module is named 'two '; near: 'two'"),
        (
            "/lib/two",
            "no module is named '/lib/two'; near: '/usr/lib/two', '/srv/lib/t",
        ),
        ("xyzzy", "no module is named 'xyzzy'"),
        ("", "no module is named ''"),
    ],
)
def test_no_such_module(name: str, message: str) -> None:
    with pytest.raises(LookupError) as caught:
        SPACE.module(name)
    assert str(caught.value).startswith(message)
    assert ("near" in str(caught.value)) == ("near" in message)


def test_a_name_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"^expected str, bytes or os.PathLike obj"):
        SPACE.module(5)  # type: ignore[arg-type]


def test_names_are_bytes_that_need_not_be_text() -> None:
    space = AddressSpace.from_bytes(b"1000-2000 r--p 0 08:01 7 /x/\xff.so\n")
    assert space.module(b"\xff.so") is space.modules[0]
    assert space.modules[0].name == "\udcff.so"
    assert str(space.resolve(0x1001)) == "\udcff.so+0x1"
    assert repr(space.modules[0]) == "<Module \udcff.so at 0x1000, 1 map>"


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        ([], "maps must be of a file"),
        (SPACE[3:4], "maps must be of a file"),
        (SPACE[5:6], "maps must be of a file"),
        (SPACE[:4], "maps must be of one file"),
        ([SPACE[0], SPACE[4]], "maps must be of one file"),
    ],
)
def test_a_module_is_of_one_file(maps: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Module(maps)


def test_modules_are_values() -> None:
    again = Module(reversed(ONE.maps))
    assert again == ONE
    assert hash(again) == hash(ONE)
    assert SPACE.modules[1] != SPACE.modules[2]
    assert ONE != ONE.maps
    assert copy.copy(ONE) is ONE
    assert copy.deepcopy(ONE) is ONE
    with pytest.raises(TypeError, match=r"^maps\[0\] must be a Map, not str$"):
        Module("x")  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        ONE.name = "x"  # type: ignore[misc]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_modules_pickle(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(ONE, protocol)) == ONE


def test_a_map_that_is_listed_twice_is_at_one_place() -> None:
    # A live process can show a page twice: it is the same place.
    doubled = AddressSpace([*SPACE, SPACE[1].replace()])
    assert doubled.count(SPACE[1]) == 2
    assert [m.base_address for m in doubled.modules] == [0x1000, 0x8000, 0xB000]
