"""What lies at an address: of lines, of a living process, and of a crash."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from procmaps import AddressSpace, Location
from support.c_code import compile_c, symbols_at, virtual_address
from support.children import child

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

LINES = """\
10000-12000 r--p 00000000 08:01 42                                       /usr/lib/a.so
12000-14000 r-xp 00001000 08:01 42                                       /usr/lib/a.so
20000-21000 rw-p 00000000 00:00 0
30000-31000 rw-p 00000000 00:00 0                                        [stack]
40000-41000 rw-s 00003000 00:06 9                                        /dev/dri/card0
"""
SPACE = AddressSpace.from_str(LINES)
MODULE = SPACE.modules[0]


def located(address: int) -> Location:
    location = SPACE.resolve(address)
    assert location is not None
    return location


def test_a_location_in_a_module() -> None:
    location = located(0x12034)
    assert location.address == 0x12034
    assert location.map is SPACE[1]
    assert location.module is MODULE
    # The segment is not where its offset puts it: the two offsets differ.
    assert location.file_offset == 0x1034
    assert location.offset == 0x2034
    assert str(location) == "a.so+0x2034"
    assert repr(location) == "<Location a.so+0x2034>"


@pytest.mark.parametrize(
    ("address", "offset", "text"),
    [
        (0x20010, 0x10, "0x20010"),
        (0x30000, 0, "[stack]+0x0"),
        (0x40FFF, 0xFFF, "/dev/dri/card0+0xfff"),
    ],
)
def test_a_location_in_no_module(address: int, offset: int, text: str) -> None:
    location = located(address)
    assert (location.module, location.file_offset) == (None, None)
    assert location.map is SPACE.find(address)
    assert location.offset == offset
    assert str(location) == text


def test_nothing_lies_where_nothing_is_mapped() -> None:
    for address in (0, 0x14000, -1, 2**64, 2**99):
        assert SPACE.resolve(address) is None
    with pytest.raises(TypeError, match=r"^address must be an integer, not str$"):
        SPACE.resolve("0x10000")  # type: ignore[arg-type]


def test_locations_are_values() -> None:
    location = located(0x12034)
    again = Location(address=0x12034, map=SPACE[1], module=MODULE)
    assert again == location
    assert hash(again) == hash(location)
    assert Location(0x12035, SPACE[1], MODULE) != location
    assert Location(0x12034, SPACE[1]) != location
    assert Location(0x12034, SPACE[1], None) != again
    other_map = SPACE[1].replace(end_address=0x13000)
    assert Location(0x12034, other_map) != Location(0x12034, SPACE[1])
    assert location != "a.so+0x2034"
    assert copy.copy(location) is location
    assert copy.deepcopy(location) is location


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_locations_pickle(protocol: int) -> None:
    for address in (0x12034, 0x20010):
        location = located(address)
        assert pickle.loads(pickle.dumps(location, protocol)) == location


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, SPACE[0]), ValueError, "address 0x0 is not in 0x10000-0x12000"),
        ((2**64, SPACE[0]), ValueError, "address 0x10000000000000000 is not in 0x10"),
        ((0x20000, SPACE[2], MODULE), ValueError, "map is not in module"),
        (("0", SPACE[0]), TypeError, "address must be an integer, not str"),
        ((0, "x"), TypeError, "map must be a Map, not str"),
        ((0x10000, SPACE[0], "x"), TypeError, "module must be a Module or None, not "),
    ],
)
def test_a_location_holds_together(
    arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Location(*arguments)
    assert str(caught.value).startswith(message)


# Crashes in a library; the handler says where, and what the dynamic linker knows
# of that place, and leaves the process as it is.
CRASH = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

static void on_crash(int signal, siginfo_t *info, void *context) {
    ucontext_t *state = context;
#if defined(__x86_64__)
    uintptr_t at = state->uc_mcontext.gregs[REG_RIP];
#elif defined(__i386__)
    uintptr_t at = state->uc_mcontext.gregs[REG_EIP];
#elif defined(__aarch64__)
    uintptr_t at = state->uc_mcontext.pc;
#else
#error "where does this machine keep its program counter?"
#endif
    Dl_info known = {0};
    dladdr((void *)at, &known);
    printf("%#lx %s\n", (unsigned long)at, known.dli_sname ? known.dli_sname : "?");
    fflush(stdout);
    for (;;) pause();
}

int main(int count, char **arguments) {
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    if (count > 1) {
        void *library = dlopen(arguments[1], RTLD_NOW);
        void (*crash)(int *) = dlsym(library, "crash_here");
        crash(NULL);
    }
    FILE *volatile nowhere = NULL;
    fputs("x", nowhere);
    return EXIT_FAILURE;
}
"""

LIBRARY = """
int data[3000] = {1};
static int before(int i) { return data[i]; }
static void deeper(int *pointer) { *pointer = before(1); }
void crash_here(int *pointer) { deeper(pointer); }
int after(int i) { return before(i) + data[i]; }
"""


def crash(program: Path, *arguments: Path) -> tuple[AddressSpace, int, str]:
    """Return the memory of a process that crashed, and where it did so."""
    with child(program, *arguments) as process:
        address, symbol = process.line().split()
        space = AddressSpace.from_pid(process.pid)
    return space, int(address, 16), symbol


@pytest.fixture(scope="module")
def crasher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = ["-O0", "-fno-builtin", "-ldl"]
    return compile_c(CRASH, tmp_path_factory.mktemp("c") / "crasher", *options)


@pytest.mark.not_on("musl", reason="its C library is not named libc.so.6")
def test_a_crash_in_the_c_library_has_the_symbol_that_nm_gives(crasher: Path) -> None:
    space, address, symbol = crash(crasher)
    location = space.resolve(address)
    assert location is not None
    assert location.module is not None
    assert location.file_offset is not None
    assert location.module.name.startswith("libc.")
    path = location.module.path or ""
    there = virtual_address(path, location.file_offset)
    names = symbols_at(path, there, "--dynamic")
    assert symbol in names
    assert "fputs" in names
    # The C library's addresses begin at 0: the offset is the address in the file.
    assert location.offset == there
    assert str(location) == f"{location.module.name}+{there:#x}"


@pytest.mark.parametrize("layout", ["separate-code", "noseparate-code"])
def test_a_crash_in_a_library_has_the_line_that_addr2line_gives(
    crasher: Path, tmp_path: Path, layout: str
) -> None:
    options = ["-shared", "-O0", f"-Wl,-z,{layout}"]
    path = compile_c(LIBRARY, tmp_path / "libcrash.so", *options)
    space, address, symbol = crash(crasher, path)
    location = space.resolve(address)
    assert location is not None
    assert location.module == space.module(path)
    assert location.file_offset is not None
    there = virtual_address(path, location.file_offset)
    assert symbols_at(path, there) == {"deeper"}
    assert symbol in ("?", "crash_here")  # static: the dynamic linker can't know it
    answer = subprocess.check_output(
        ["addr2line", "--functions", "--exe", path, hex(location.offset)], text=True
    )
    function, line = answer.split()[:2]
    assert function == "deeper"
    assert line.endswith(":4")


def test_own_addresses_resolve_to_what_is_mapped_there() -> None:
    space = AddressSpace.from_pid(os.getpid())
    for map_ in procmaps.from_pid(os.getpid()):
        location = space.resolve(map_.begin_address)
        if location is not None and location.module is not None:
            assert location.file_offset == location.map.offset
            assert location.map in location.module.maps
            assert location.module in space.modules
