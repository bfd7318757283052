"""Modules from text, in the layouts that loaders give the files of real wheels.

The program headers are those of numpy, scipy, pandas, pyarrow, pillow, lxml,
cryptography, scikit-learn and polars for two architectures and two C libraries;
tools/program_headers.py has printed them, and prints more for HEADERS.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from procmaps import AddressSpace
from support.elf_loader import LOADERS, Headers, Load, Mapped, lines

DATA = Path(__file__).parent.parent / "data" / "program_headers.jsonl"
PLACE = 0x7F0000000000
ALIGNMENT = 0x200000


def _headers() -> dict[str, Headers]:
    headers = {}
    for line in Path(os.environ.get("HEADERS", DATA)).read_text().splitlines():
        entry = json.loads(line)
        loads = tuple(Load(*load) for load in entry["loads"])
        relro = None if entry["relro"] is None else tuple(entry["relro"])
        headers[entry["name"]] = Headers(loads, relro)
    return headers


HEADERS = _headers()


def _modules(
    *loads: list[Mapped], others: list[str] | None = None
) -> list[list[Mapped]]:
    """Return the mappings of each module of a file that is mapped like this."""
    text = [line for load in loads for line in lines(load, "/usr/lib/a.so")]
    space = AddressSpace.from_str("\n".join(text + (others or [])))
    modules = [module for module in space.modules if module.name == "a.so"]
    for module in modules:
        first = module.maps[0]
        assert module.base_address == first.begin_address - first.offset
    return [
        [
            Mapped(map_.begin_address, map_.end_address, map_.permissions, map_.offset)
            for map_ in module.maps
        ]
        for module in modules
    ]


def _expected(*loads: list[Mapped]) -> list[list[Mapped]]:
    return [[part for part in load if part.offset is not None] for load in loads]


def _end(mappings: list[Mapped]) -> int:
    return mappings[-1].end + -mappings[-1].end % ALIGNMENT


def _data(headers: Headers, begin: int, page: int, size: int = 0) -> Mapped:
    """Return the file as someone maps it who reads it, or a part of it."""
    size = size or max(load.offset + load.file_size for load in headers.loads)
    return Mapped(begin, begin + size + -size % page, "r--p", 0)


@pytest.mark.parametrize("page", [4096, 65536])
@pytest.mark.parametrize("loader", LOADERS)
class TestLayouts:
    """The files that can be loaded with pages of this size."""

    @pytest.fixture
    def files(self, page: int) -> dict[str, Headers]:
        files = {
            name: headers
            for name, headers in HEADERS.items()
            if all((load.address - load.offset) % page == 0 for load in headers.loads)
        }
        assert len(files) > 50
        return files

    def test_a_load_is_one_module(
        self, files: dict[str, Headers], loader: str, page: int
    ) -> None:
        for name, headers in files.items():
            load = LOADERS[loader](headers, PLACE, page)
            assert _modules(load) == _expected(load), name

    def test_two_loads_side_by_side_are_two(
        self, files: dict[str, Headers], loader: str, page: int
    ) -> None:
        for name, headers in files.items():
            low = LOADERS[loader](headers, PLACE, page)
            high = LOADERS[loader](headers, _end(low), page)
            assert _modules(low, high) == _expected(low, high), name

    def test_the_file_read_just_above_is_another(
        self, files: dict[str, Headers], loader: str, page: int
    ) -> None:
        for name, headers in files.items():
            load = LOADERS[loader](headers, PLACE, page)
            for size in (0, page):
                data = [_data(headers, load[-1].end, page, size)]
                assert _modules(load, data) == _expected(load, data), name

    def test_the_file_read_just_below_is_another(
        self, files: dict[str, Headers], loader: str, page: int
    ) -> None:
        for name, headers in files.items():
            load = LOADERS[loader](headers, PLACE, page)
            for size in (0, page):
                data = _data(headers, 0, page, size)
                low = [data._replace(begin=PLACE - data.end, end=PLACE)]
                assert _modules(low, load) == _expected(low, load), name


def test_other_files_in_the_holes_that_the_kernel_leaves() -> None:
    for name, headers in HEADERS.items():
        load = LOADERS["kernel"](headers, PLACE, 4096)
        holes = [
            f"{low.end:x}-{high.begin:x} r-xp 00000000 fe:00 8 /usr/lib/b.so"
            for low, high in zip(load, load[1:])
            if low.end < high.begin
        ]
        assert _modules(load, others=holes) == _expected(load), name
