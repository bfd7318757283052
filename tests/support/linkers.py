"""Files of every linker to be had, and what the dynamic linker says of them.

The compiler's own linker is needed; of the others each is used where it is there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.c_code import PT_LOAD, segments

if TYPE_CHECKING:
    from procmaps import AddressSpace, Process
    from support.children import Child

LINKERS = {"bfd": "ld.bfd", "gold": "ld.gold", "lld": "ld.lld", "mold": "mold"}

LIBRARY = """
static int data[2000] = {1};
static char bss[100000];
const char text[9000] = "read only";
static int *const relocated[600] = {data, data + 1};
int code(int i) { return data[i] + *relocated[i] + bss[i] + text[i]; }
"""
SMALL_LIBRARY = "static int data[2] = {1}; int code(int i) { return data[i]; }"

# It loads the file that it is told of, and says what is loaded.
SPEAKER = r"""
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#ifdef WITH_DLOPEN
#include <dlfcn.h>
#endif
static int filler[3000] = {1};
static int say(struct dl_phdr_info *info, size_t size, void *data)
{
    printf("%#lx %s\n", (unsigned long) info->dlpi_addr, info->dlpi_name);
    return 0;
}
int main(int count, char **words)
{
#ifdef WITH_DLOPEN
    if (count > 1 && !dlopen(words[1], RTLD_NOW))
        puts(dlerror());
#endif
    filler[count] = dl_iterate_phdr(say, 0);
    puts("end");
    fflush(stdout);
    return getchar();
}
"""


class Named(NamedTuple):
    """An object that dl_iterate_phdr(3) lists."""

    bias: int
    name: str


def linker(name: str) -> str:
    """Return the compiler's option for a linker, or skip the test without it."""
    program = LINKERS[name]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    return f"-fuse-ld={name}"


def from_pypi(name: str) -> list[str]:
    """Return the command of a package of PyPI, or skip the test without it."""
    program = shutil.which(name, path=str(Path(sys.executable).parent))
    if program is not None:
        return [program]
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return [sys.executable, "-m", name]


def compile_with(compiler: list[str], source: str, output: Path, *options: str) -> Path:
    """Compile C with a compiler and its linker, or skip where it can't do that."""
    done = subprocess.run(
        [*compiler, "-x", "c", "-", "-o", output, *options],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    unknown = (
        *("unknown -z option", "unrecognized option", "unknown argument"),
        *("unknown option", "`__ehdr_start'", "internal error"),
    )
    if any(word in done.stderr for word in unknown):
        pytest.skip(f"{compiler[0]} can't link with {' '.join(options)}")
    assert done.returncode == 0, done.stderr
    return output


def spoken(program: Child) -> list[Named]:
    """Return what a speaker says of itself."""
    objects = []
    while (line := program.line()) != "end":
        bias, _, name = line.partition(" ")
        objects.append(Named(int(bias, 16), name))
    return objects


def assert_right(path: Path, bias: int, space: AddressSpace, process: Process) -> None:
    """Check the first, middle and last byte of every segment in both ways."""
    loads = [part for part in segments(path) if part.kind == PT_LOAD]
    loads = [part for part in loads if part.file_size]
    base = bias + loads[0].address - loads[0].offset
    for part in loads:
        for offset in (0, part.file_size // 2, part.file_size - 1):
            address = bias + part.address + offset
            exact = process.resolve(address)
            assert exact is not None
            assert exact.module is not None
            assert exact.module.path == os.path.realpath(path)
            assert exact.module.load_bias == bias
            assert exact.elf_address == part.address + offset
            location = space.resolve(address)
            assert location is not None
            assert location.module is not None
            assert location.module.base_address == base
            assert location.module == exact.module
