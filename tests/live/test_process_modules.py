"""Modules of a process, by the program headers of the files that are mapped."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from procmaps import AddressSpace, Process
from support.c_code import PT_LOAD, compile_c, loaded_objects, segments, symbols_at
from support.children import child
from support.target import PAGE, WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

PROGRAM = """
#include <stdio.h>
int marker(void) { printf("%p\\n", (void *) marker); fflush(stdout); return getchar(); }
int main(void) { return marker(); }
"""
LIBRARY = """
static int data[2000] = {1};
static int *const relocated[600] = {data, data + 1};
int code(int i) { return data[i] + *relocated[i]; }
"""


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        target.run("""
libc.dlopen.restype = libc.dlmopen.restype = ctypes.c_void_p
libc.dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
libc.dlmopen.argtypes = [ctypes.c_long, ctypes.c_char_p, ctypes.c_int]
libc.dlclose.argtypes = [ctypes.c_void_p]

def bias(handle):  # the first field of struct link_map
    return ctypes.c_size_t.from_address(handle).value
""")
        yield target


def biases(process: Process, path: Path | str) -> list[int | None]:
    modules = [module for module in process.modules() if module.path == str(path)]
    return [module.load_bias for module in modules]


def test_every_byte_of_a_segment_is_where_the_dynamic_linker_has_put_it() -> None:
    program = os.fsdecode(Path("/proc/self/exe").readlink())
    count = 0
    with Process(os.getpid()) as process:
        for name, bias in loaded_objects():
            path = os.path.realpath(name or program)
            if "linux-vdso" in name or "linux-gate" in name:
                continue
            for part in segments(path):
                if part.kind != PT_LOAD or not part.file_size:
                    continue
                for offset in (0, part.file_size // 2, part.file_size - 1):
                    location = process.resolve(bias + part.address + offset)
                    assert location is not None
                    assert location.module is not None
                    assert location.module.load_bias == bias
                    assert location.module.path == path
                    assert location.elf_address == part.address + offset
                    count += 1
    assert count > 50


@pytest.mark.parametrize("pie", ["-pie", "-no-pie"])
@pytest.mark.parametrize("query", WAYS)
def test_addresses_of_a_program_are_those_that_nm_has(
    tmp_path: Path, pie: str, query: bool
) -> None:
    path = compile_c(PROGRAM, tmp_path / "program", pie)
    with child(path) as program, Process(program.pid, query=query) as process:
        address = int(program.line(), 16)
        location = process.resolve(address)
        assert location is not None
        assert location.module is not None
        assert location.elf_address is not None
        assert symbols_at(path, location.elf_address) == {"marker"}
        assert (location.module.load_bias == 0) == (pie == "-no-pie")
        assert process.program == str(path)


def test_a_library_loaded_twice_and_read_as_data(
    target: Target, process: Process, tmp_path: Path
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libtwice.so", "-shared")
    first, second, data = target.run(f"""
path = {os.fsencode(path)!r}
result = [
    bias(libc.dlopen(path, 2)), bias(libc.dlmopen(-1, path, 2)),
    map_file({str(path)!r}, length=os.path.getsize({str(path)!r})),
]
""")
    modules = {m.base_address: m for m in process.modules() if m.path == str(path)}
    assert modules[first].load_bias == first
    assert modules[second].load_bias == second
    assert modules[data].load_bias is None
    location = process.resolve(data)
    assert location is not None
    assert location.elf_address is None


def test_what_was_loaded_in_the_place_of_another_is_noticed(
    target: Target, process: Process, tmp_path: Path
) -> None:
    one = compile_c(LIBRARY, tmp_path / "libone.so", "-shared")
    other = compile_c(
        "int x;" + LIBRARY, tmp_path / "libother.so", "-shared", "-Wl,-z,norelro"
    )
    for path in (one, other, one):
        bias = target.run(f"""
handle = libc.dlopen({os.fsencode(path)!r}, 2)
result = bias(handle)
""")
        code = next(part for part in segments(path) if part.kind == PT_LOAD)
        location = process.resolve(bias + code.address)
        assert location is not None
        assert location.module is not None
        assert location.module.path == str(path)
        assert location.module.load_bias == bias
        again = process.resolve(bias + code.address + 1)
        assert again is not None
        assert again.module is location.module
        assert again.map is location.map
        target.run("libc.dlclose(handle)")
        assert process.resolve(bias + code.address) is None


def test_what_is_no_file_has_no_module(target: Target, process: Process) -> None:
    anonymous = target.run("result = libc.mmap(None, PAGE, 1, 34, -1, 0)")
    location = process.resolve(anonymous + 5)
    assert location is not None
    assert location.module is None
    assert location.elf_address is None
    assert location.map == process.find(anonymous)
    assert process.resolve(0) is None


def test_modules_are_those_of_the_text_but_for_the_bias(process: Process) -> None:
    modules = process.modules()
    assert modules == process.address_space().modules
    for module in modules:
        assert process.resolve(module.begin_address) == procmaps.Location(
            module.begin_address, module.maps[0], module
        )
    assert {m.load_bias is None for m in modules if m.is_executable} == {False}


def test_a_file_that_was_cut_since_is_read_as_text(
    target: Target, process: Process, tmp_path: Path
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libcut.so", "-shared")
    bias = target.run(f"result = bias(libc.dlopen({os.fsencode(path)!r}, 2))")
    os.truncate(path, 5000)
    assert biases(process, path) == [None]
    location = process.resolve(bias + 0x1000)
    assert location is not None
    assert location.module is not None
    assert (location.module.base_address, location.elf_address) == (bias, None)


def hostile_files() -> dict[str, bytes]:
    header = bytearray(Path("/proc/self/exe").read_bytes()[: 64 + 56])
    many = bytearray(header)
    many[56:58] = b"\xff\xff"
    far = bytearray(header)
    far[32:40] = b"\xff" * 8
    entry = bytearray(header)
    entry[54:56] = b"\x01\x00"
    return {
        "no ELF file": b"#!/bin/sh\n",
        "cut in the header": bytes(header[:40]),
        "cut in the table": bytes(header[:100]),
        "65,535 headers": bytes(many) + many[64:] * 0xFFFE,
        "65,535 headers that are not there": bytes(many),
        "headers far away": bytes(far),
        "headers of one byte": bytes(entry),
        "a segment that leads anywhere": bytes(header[:72]) + b"\xff" * 48,
    }


@pytest.mark.parametrize("name", hostile_files())
def test_hostile_files_are_read_as_text(
    target: Target, process: Process, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "file"
    content = hostile_files()[name]
    address = target.map_file(path, content)
    modules = [m for m in process.modules() if m.path == str(path)]
    space = AddressSpace.from_pid(target.pid)
    assert modules == [m for m in space.modules if m.path == str(path)]
    assert [module.load_bias for module in modules] == [None]
    location = process.resolve(address)
    assert location == space.resolve(address)
    with process.open(address) as file:
        assert file.read() == content


def test_a_file_under_a_lease_lets_nobody_wait(
    target: Target, process: Process, tmp_path: Path
) -> None:
    """To open it would take as long as /proc/sys/fs/lease-break-time says."""
    path = compile_c(LIBRARY, tmp_path / "libleased.so", "-shared")
    address = target.run(f"""
import fcntl, signal
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = os.open({str(path)!r}, os.O_RDWR)
result = libc.mmap(None, PAGE, READ, PRIVATE, file, 0)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
""")
    location = process.resolve(address)
    assert location is not None
    assert location.elf_address is None


def test_the_program_without_the_mark_of_a_deleted_file(tmp_path: Path) -> None:
    path = compile_c(PROGRAM, tmp_path / "program (deleted)")
    with child(path) as program, Process(program.pid) as process:
        program.line()
        assert process.program == str(tmp_path / "program")
        path.rename(tmp_path / "plain")
        assert process.program == str(tmp_path / "plain")
        (tmp_path / "plain").unlink()
        assert process.program == str(tmp_path / "plain")


def test_the_program_of_a_process_that_is_gone() -> None:
    with Target() as target, Process(target.pid) as process:
        target.become_zombie()
        with pytest.raises(ProcessLookupError) as caught:
            _ = process.program
        assert caught.value.filename == f"/proc/{target.pid}/exe"
        with Process(target.pid) as zombie, pytest.raises(ProcessLookupError):
            _ = zombie.program


def test_a_place_is_an_address_a_map_or_a_module(
    target: Target, process: Process, tmp_path: Path
) -> None:
    path = compile_c(LIBRARY, tmp_path / "libplace.so", "-shared", "-Wl,--build-id")
    target.run(f"libc.dlopen({os.fsencode(path)!r}, 2)")
    [module] = [m for m in process.modules() if m.path == str(path)]
    notes = subprocess.check_output(["readelf", "-n", path], text=True)
    for place in (module, module.maps[1], module.begin_address + 1):
        build_id = process.build_id(place)
        assert build_id is not None
        assert f"Build ID: {build_id.hex()}" in notes
        with process.open(place) as file:
            assert file.name == str(path)
            assert file.read() == path.read_bytes()
        other = Path(process.path_of(place))
        assert f"/proc/{target.pid}" in map(str, other.parents)
        assert other.samefile(path)
        assert subprocess.check_output(["readelf", "-n", other], text=True) == notes
    [elsewhere] = AddressSpace.from_str("0-1000 r--p 0 00:00 0 /none").modules
    with pytest.raises(ValueError, match=r"^where must be in a map with a source, not"):
        process.path_of(elsewhere)
    assert process.build_id(elsewhere) is None
    with pytest.raises(
        ValueError, match=r"^where must be in a map with a source, not 0$"
    ):
        process.open(0)
    assert process.build_id(0) is None


@pytest.mark.skipif(os.getuid() != 0, reason="takes root")
def test_a_path_of_a_file_that_was_deleted(
    target: Target, process: Process, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    address = target.map_file(path, b"content")
    path.unlink()
    other = process.path_of(address)
    begin, end = address, address + PAGE
    assert other == f"/proc/{target.pid}/map_files/{begin:x}-{end:x}"
    assert Path(other).read_bytes() == b"content"
