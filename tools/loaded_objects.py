"""Check modules against the dynamic linker, in a process that has loaded a lot.

    python -m tools.loaded_objects numpy scipy pandas ...

Imports every extension module of Python and of the packages named, and compares what
dl_iterate_phdr(3) says of all loaded objects with the modules from text and with
Process.resolve(): the first, middle and last byte of every segment.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import importlib.util
import io
import os
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from procmaps import AddressSpace, Location, Process

PT_LOAD = 1


class _Header(ctypes.Structure):
    # Elf64_Phdr
    _fields_ = (
        ("kind", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("offset", "address", "physical")),
        *((name, ctypes.c_uint64) for name in ("file_size", "memory_size", "align")),
    )


class _Info(ctypes.Structure):
    # struct dl_phdr_info
    _fields_ = (
        ("bias", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.POINTER(_Header)),
        ("count", ctypes.c_uint16),
    )


class LoadedObject(NamedTuple):
    """What the dynamic linker knows of a file."""

    path: str
    bias: int
    segments: list[tuple[int, int]]
    """Address and size of what is mapped of the file."""
    base: int
    """Where its first segment's offset 0 lies."""


def loaded_objects() -> list[LoadedObject]:
    """Return what dl_iterate_phdr(3) lists."""
    objects: list[LoadedObject] = []
    program = os.fsdecode(Path("/proc/self/exe").readlink())

    def visit(info: ctypes._Pointer[_Info], _size: int, _data: None) -> int:
        found = info.contents
        name = os.fsdecode(found.name or b"") or program
        loads = [found.headers[number] for number in range(found.count)]
        loads = [load for load in loads if load.kind == PT_LOAD and load.file_size]
        if loads and "linux-vdso" not in name:
            segments = [(load.address, load.file_size) for load in loads]
            base = found.bias + loads[0].address - loads[0].offset
            path = os.path.realpath(name)
            objects.append(LoadedObject(path, found.bias, segments, base))
        return 0

    visitor = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(_Info), ctypes.c_size_t, ctypes.c_void_p
    )
    ctypes.CDLL(None).dl_iterate_phdr(visitor(visit), None)
    return objects


def import_all(package: str) -> None:
    """Import the extension modules of a package, as far as they can be."""
    spec = importlib.util.find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(place).rglob("*.so")):
            parts = [*path.relative_to(place).parent.parts, path.name.partition(".")[0]]
            output = io.StringIO()
            # Some take what is not installed, or another extension module first.
            with (
                contextlib.suppress(Exception),
                contextlib.redirect_stdout(output),
                contextlib.redirect_stderr(output),
            ):
                importlib.import_module(".".join([package, *parts]))
            with contextlib.suppress(OSError):
                ctypes.CDLL(str(path))


def is_right(location: Location | None, found: LoadedObject) -> bool:
    """Whether a location is in this object, at its base."""
    return (
        location is not None
        and location.module is not None
        and location.module.path == found.path
        and location.module.base_address == found.base
    )


def main() -> int:
    """Print how many are wrong, and which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*")
    for package in parser.parse_args().packages:
        import_all(package)
    for path in Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so"):
        ctypes.CDLL(str(path))
    objects = loaded_objects()
    space = AddressSpace.from_pid(os.getpid())
    wrong: Counter[str] = Counter()
    addresses = 0
    with Process(os.getpid()) as process:
        for found in objects:
            for address, size in found.segments:
                for offset in (0, size // 2, size - 1):
                    at = found.bias + address + offset
                    addresses += 1
                    if not is_right(space.resolve(at), found):
                        wrong[f"from text: {found.path}"] += 1
                    location = process.resolve(at)
                    if (
                        location is None
                        or not is_right(location, found)
                        or location.elf_address != address + offset
                    ):
                        wrong[f"Process.resolve: {found.path}"] += 1
    print(f"{len(objects)} objects, {addresses} addresses, {len(wrong)} objects wrong")
    for name, count in wrong.items():
        print(f"{count} wrong {name}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
