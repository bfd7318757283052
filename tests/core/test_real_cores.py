"""Core files of programs that really died, beside the maps that they printed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.c_code import compile_c, symbols_at
from support.dying import PROGRAM, PROGRAM_32, Death, die, gcore, threads

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.not_on("elsewhere", "emulator", reason="lets programs die"),
    pytest.mark.not_on("musl", reason="its programs need other options"),
]

# The options of the compiler, and what the program does: abort or crash, t in a thread.
PROGRAMS = {
    "pie": ("-pie", "a"),
    "pie that faults": ("-pie", "c"),
    "non-PIE": ("-no-pie -fno-pic", "c"),
    "static": ("-static -no-pie -fno-pic", "c"),
    "static-pie": ("-static-pie", "c"),
    "thread": ("-pie", "ct"),
}
# What no note tells of: the vDSO's data, and the heap of a static-pie.
UNTOLD = {"[vvar]", "[vvar_vclock]"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cores")


def compiled(directory: Path, options: str) -> Path:
    program = directory / f"program{options.replace(' ', '')}"
    if not program.exists():
        compile_c(PROGRAM, program, *options.split(), "-pthread")
    return program


@pytest.fixture(scope="module", params=PROGRAMS)
def death(request: pytest.FixtureRequest, directory: Path) -> Death:
    options, act = PROGRAMS[request.param]
    return die(compiled(directory, options), act)


def files(maps: list[procmaps.Map]) -> list[tuple[object, ...]]:
    """What a core file tells of mappings of files."""
    return [
        (map_.begin_address, map_.end_address, map_.permissions, map_.offset, map_.path)
        for map_ in maps
        if map_.kind == "file"
    ]


def test_the_kernel_tells_of_every_mapping(death: Death) -> None:
    before, after = procmaps.from_bytes(death.maps), procmaps.from_core(death.core)
    assert files(after) == files(before)
    assert len(files(after)) >= 4
    assert [
        (map_.begin_address, map_.end_address, map_.permissions) for map_ in after
    ] == [(map_.begin_address, map_.end_address, map_.permissions) for map_ in before]


def test_names_are_those_that_the_kernel_printed(
    death: Death, request: pytest.FixtureRequest
) -> None:
    before, after = procmaps.from_bytes(death.maps), procmaps.from_core(death.core)
    untold = UNTOLD | ({"[heap]"} if "static-pie" in request.node.name else set())
    printed = [map_.pathname for map_ in before]
    assert [map_.pathname for map_ in after] == [
        None if name in untold else name for name in printed
    ]
    assert "[stack]" in printed
    assert "[heap]" in printed


def test_the_stack_pointer_lies_in_the_stack(death: Death) -> None:
    space = procmaps.AddressSpace.from_core(death.core)
    (first,) = [each for each in threads(death.core) if each.tid == death.pid]
    map_ = space.find(first.stack_pointer)
    assert map_ is not None
    assert map_.pathname == "[stack]"


def test_of_a_program_with_32_bits(directory: Path) -> None:
    program = directory / "program32"
    options = ["-m32", "-nostdlib", "-static", "-fno-pic", "-no-pie", "-ffreestanding"]
    try:
        compile_c(PROGRAM_32, program, *options, "-fno-stack-protector")
    except subprocess.CalledProcessError:
        pytest.skip("the compiler makes no programs with 32 bits")
    death = die(program, "c")
    before, after = procmaps.from_bytes(death.maps), procmaps.from_core(death.core)
    assert files(after) == files(before)
    assert len(files(after)) >= 2
    (thread,) = threads(death.core)
    location = procmaps.Core(death.core).resolve(thread.program_counter)
    assert location is not None
    assert location.elf_address is not None
    assert symbols_at(program, location.elf_address) == {"crash"}
    found = procmaps.AddressSpace(after).find(thread.stack_pointer)
    assert found is not None
    assert found.pathname == "[stack]"
    names = [map_.pathname for map_ in before]
    assert [map_.pathname for map_ in after] == [
        None if name in UNTOLD else name for name in names
    ]


def test_without_random_places_the_heap_follows_the_program(directory: Path) -> None:
    if shutil.which("setarch") is None:
        pytest.skip("setarch is not installed")
    program = compiled(directory, "-pie")
    death = die(program, "a", "setarch", "-R")
    before, after = procmaps.from_bytes(death.maps), procmaps.from_core(death.core)
    assert files(after) == files(before)
    heaps = [[m for m in maps if m.pathname == "[heap]"] for maps in (before, after)]
    assert heaps[0] == heaps[1] != []


@pytest.mark.parametrize(
    "options", ["-pie", "-no-pie -fno-pic", "-static -no-pie -fno-pic"]
)
def test_of_gdb(options: str, directory: Path) -> None:
    death = gcore(compiled(directory, options), "wt")
    before, after = procmaps.from_bytes(death.maps), procmaps.from_core(death.core)
    assert files(after) == files(before)
    names = [map_.pathname for map_ in after if map_.kind in {"heap", "stack", "vdso"}]
    assert names == ["[heap]", "[vdso]", "[stack]"]
    with procmaps.Core(death.core) as core:
        (thread,) = [each for each in threads(death.core) if each.tid != death.pid]
        assert core.pid == death.pid
        assert core.resolve(thread.program_counter) is not None
        for module in core.modules():
            assert module.load_bias is not None
            assert core.build_id(module) == build_id(module.path)


def test_a_crash_resolves_to_what_nm_says(death: Death, directory: Path) -> None:
    with procmaps.Core(death.core) as core:
        assert core.pid == death.pid
        assert core.program is not None
        assert core.program.startswith(f"{directory}/program")
        first = threads(death.core)[0]
        location = core.resolve(first.program_counter)
        assert location is not None
        assert location.elf_address is not None
        assert location.module is not None
        if location.module.path == core.program:
            names = symbols_at(core.program, location.elf_address)
            assert names == {"crash"}
        else:  # abort(3) dies in the C library, which has no table of its own functions
            assert location.module.name.startswith("libc")
        for module in core.modules():
            assert module.load_bias is not None
            assert core.build_id(module) == build_id(module.path)


def build_id(path: str | None) -> bytes:
    """What readelf says is the build ID of a file."""
    output = subprocess.check_output(["readelf", "--notes", "--wide", str(path)])
    return bytes.fromhex(output.decode().partition("Build ID: ")[2].split()[0])


def test_without_headers_modules_are_as_from_text(directory: Path) -> None:
    # Bit 4 of the filter is off: no first pages of files.
    script = 'echo 0x23 > /proc/self/coredump_filter; exec "$@"'
    program = compiled(directory, "-pie")
    death = die(program, "c", "sh", "-c", script, "sh")
    before = procmaps.AddressSpace.from_bytes(death.maps)
    with procmaps.Core(death.core) as core:
        assert files(core.maps()) == files(list(before))
        heaps = [map_ for map_ in core.maps() if map_.kind == "heap"]
        assert heaps == [map_ for map_ in before if map_.kind == "heap"] != []
        assert [
            (module.name, module.base_address, module.load_bias, core.build_id(module))
            for module in core.modules()
        ] == [
            (module.name, module.base_address, None, None) for module in before.modules
        ]
        location = core.resolve(threads(death.core)[0].program_counter)
        assert location is not None
        assert location.elf_address is None
        assert str(location).startswith(f"{program.name}+0x")
