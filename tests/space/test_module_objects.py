"""What a Module and a Location tell, beside which maps are one module."""

from __future__ import annotations

import fnmatch
import pickle
from typing import Any

import pytest

from procmaps import AddressSpace, Location, Module

LINES = """\
10000-12000 r--p 00000000 08:01 42 /usr/lib/liba.so.1
12000-14000 r-xp 00001000 08:01 42 /usr/lib/liba.so.1
20000-21000 r--p 00000000 08:01 42 /usr/lib/liba.so.1
30000-31000 r-xp 00000000 08:01 43 /usr/lib/libb.so (deleted)
40000-41000 r-xp 00000000 00:05 44 /memfd:code (deleted)
50000-51000 r--p 00000000 08:01 45 /usr/share/a[b].txt
"""
SPACE = AddressSpace.from_str(LINES)
LOADED, READ, DELETED, MEMFD, TEXT = SPACE.modules


def test_attributes_of_a_module() -> None:
    assert (LOADED.begin_address, LOADED.end_address) == (0x10000, 0x14000)
    assert (LOADED.device, LOADED.inode) == ((8, 1), 42)
    assert (MEMFD.device, MEMFD.inode) == ((0, 5), 44)
    assert [module.is_executable for module in SPACE.modules] == [
        *(True, False, True, True, False)
    ]
    assert LOADED.load_bias is None


def test_addresses_and_maps_in_a_module() -> None:
    assert 0x13FFF in LOADED
    assert 0x14000 not in LOADED
    assert -1 not in LOADED
    assert SPACE[1] in LOADED
    assert SPACE[2] not in LOADED
    with pytest.raises(TypeError, match="element must be a Map or an address, not str"):
        "13000" in LOADED  # type: ignore[operator]  # noqa: B015


def test_a_load_bias_gives_addresses_in_the_elf_file() -> None:
    module = Module(LOADED.maps, -0x3F0000)
    assert module.load_bias == -0x3F0000
    location = Location(0x12345, SPACE[1], module)
    assert location.elf_address == 0x402345
    assert Location(0x12345, SPACE[1], LOADED).elf_address is None
    assert Location(0x12345, SPACE[1]).elf_address is None
    assert pickle.loads(pickle.dumps(module)).load_bias == -0x3F0000
    assert pickle.loads(pickle.dumps(location)).elf_address == 0x402345
    # It is no part of what makes modules equal.
    assert module == LOADED
    assert hash(module) == hash(LOADED)


@pytest.mark.parametrize(
    ("bias", "error", "message"),
    [
        ("0", TypeError, "load_bias must be an integer, not str"),
        (1 << 127, OverflowError, "load_bias does not fit in 128 bits"),
    ],
)
def test_what_is_no_load_bias(bias: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        Module(LOADED.maps, bias)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("liba.so.1", LOADED),
        ("/usr/lib/libb.so", DELETED),
        ("/usr/lib/libb.so (deleted)", DELETED),
        ("/memfd:code (deleted)", MEMFD),
        ("memfd:code", MEMFD),
    ],
)
def test_a_module_by_any_of_its_names(name: str, module: Module) -> None:
    assert SPACE.module(name) is module


def test_another_deletion_mark_is_another_name() -> None:
    message = r"^no module is named '/usr/lib/liba\.so\.1 \(deleted\)'"
    with pytest.raises(LookupError, match=message):
        SPACE.module("/usr/lib/liba.so.1 (deleted)")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("liba*", [LOADED, READ]),
        ("*.so", [DELETED]),
        ("/usr/lib/*", [LOADED, READ, DELETED]),
        ("*(deleted)", [DELETED, MEMFD]),
        ("memfd:*", [MEMFD]),
        ("LIBA*", []),
        ("a[[]b].txt", [TEXT]),
        ("*", [LOADED, READ, DELETED, MEMFD, TEXT]),
        ("", []),
    ],
)
def test_modules_by_a_pattern(pattern: str, found: list[Module]) -> None:
    assert SPACE.find_modules(pattern) == tuple(found)
    for module in SPACE.modules:
        names = {module.name, module.path or module.name, module.maps[0].pathname}
        matches = any(fnmatch.fnmatchcase(name or "", pattern) for name in names)
        assert matches == (module in found)


def test_modules_by_a_pattern_and_by_code() -> None:
    assert SPACE.find_modules("liba*", executable=True) == (LOADED,)
    assert SPACE.find_modules("liba*", executable=False) == (READ,)
    assert SPACE.find_modules("liba*", executable=None) == (LOADED, READ)
    with pytest.raises(TypeError):
        SPACE.find_modules(b"liba*", True)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        SPACE.find_modules(5)  # type: ignore[arg-type]
