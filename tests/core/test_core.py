"""Core: a dead process, held open by its core file."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from pathlib import Path
from typing import Any, Callable

import pytest

import procmaps
from procmaps import AddressSpace, Core, Map
from support import core_composer as core
from support.core_composer import FORM, PAGE, File, Load
from support.helpers import TESTS

STORED = TESTS / "data/cores/little-64.core"


def test_it_tells_what_from_core_tells() -> None:
    maps = procmaps.from_core(STORED)
    with Core(STORED) as dead:
        assert dead.maps() == maps
        assert dead.address_space() == AddressSpace(maps)
        assert (dead.pid, dead.program) == (1234, "/usr/bin/demo")
        assert dead.find(0x12FFF) is dead.maps()[2]
        for address in (0x15000, -1, 2**64):
            assert dead.find(address) is None
            assert dead.resolve(address) is None
        assert dead.build_id(0x15000) is None
        location = dead.resolve(0x12010)
        assert location is not None
        assert (str(location), location.map) == ("demo+0x2010", maps[2])
        heap = dead.resolve(0x14001)
        assert heap is not None
        assert (str(heap), heap.module) == ("[heap]+0x1", None)
        (module,) = dead.modules()
        assert list(module.maps) == maps[:3]
        assert module == location.module


@pytest.mark.parametrize("name", ["big-32.core", "extended.core", "gdb.core"])
def test_every_form_has_a_process(name: str) -> None:
    dead = Core(os.fsencode(TESTS / "data/cores" / name))
    assert (dead.pid, dead.program) == (1234, "/usr/bin/demo")
    assert [module.name for module in dead.modules()] == ["demo"]


def test_what_the_notes_do_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.write_bytes(core.compose([Load(0x10000, 0x12000)]))
    dead = Core(path)
    assert (dead.pid, dead.program, dead.modules()) == (None, None, ())


def test_a_deleted_program_has_its_path(tmp_path: Path) -> None:
    path = tmp_path / "core"
    notes = [
        core.files_note(FORM, [File(0x10000, 0x11000, b"/srv/x\n\xff (deleted)")]),
        core.auxiliary_note(FORM, {core.AT_PHDR: 0x10040}),
    ]
    path.write_bytes(core.compose([Load(0x10000, 0x11000)], notes))
    assert Core(path).program == "/srv/x\n\udcff"


QUESTIONS: list[Callable[[Core], object]] = [
    Core.maps,
    Core.address_space,
    Core.modules,
    lambda dead: dead.find(0),
    lambda dead: dead.resolve(0),
    lambda dead: dead.build_id(0),
    lambda dead: dead.__enter__(),
]


@pytest.mark.parametrize("ask", QUESTIONS)
def test_a_closed_core_refuses_questions(ask: Callable[[Core], object]) -> None:
    with Core(STORED) as dead:
        assert not dead.closed
        ask(dead)
    assert dead.closed
    dead.close()
    with pytest.raises(ValueError, match=r"^operation on closed core file$"):
        ask(dead)
    assert (dead.pid, dead.program) == (1234, "/usr/bin/demo")


def test_repr_names_the_file() -> None:
    dead = Core(STORED)
    assert repr(dead) == f"<procmaps.Core {str(STORED)!r}>"
    dead.close()
    assert repr(dead) == f"<procmaps.Core {str(STORED)!r}, closed>"


@pytest.mark.not_on("elsewhere", reason="counts its descriptors in /proc")
def test_the_file_is_closed_with_it() -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    dead = Core(STORED)
    assert count() == before + 1
    dead.close()
    assert count() == before
    Core(STORED)
    gc.collect()
    assert count() == before


def test_where_is_an_address_a_map_or_a_module() -> None:
    dead = Core(STORED)
    (module,) = dead.modules()
    for where in (0x10000, dead.maps()[0], module):
        assert dead.build_id(where) is None
    for wrong in ("0x10000", None, 1.5):
        with pytest.raises(
            TypeError, match=r"^where must be an address, a Map or a Module"
        ):
            dead.build_id(wrong)  # type: ignore[arg-type]
    with pytest.raises(OverflowError, match=r"^where does not fit in 64 bits$"):
        dead.build_id(2**64)
    with pytest.raises(TypeError, match=r"^address must be an integer"):
        dead.find("1")  # type: ignore[arg-type]


def test_threads_share_it() -> None:
    dead = Core(STORED)
    found: list[Any] = []
    ask = lambda: found.append((dead.modules(), dead.resolve(0x12010)))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(each[0] is found[0][0] for each in found)


def image(identity: bytes, headers_offset: int) -> bytes:
    """Compose a library of three pages: its note in the first, headers anywhere."""
    note = core.note(FORM, 3, identity, b"GNU\0")
    start = core.header(FORM, 2, kind=3, headers_offset=headers_offset)
    content = bytearray((start.ljust(0x400, b"\0") + note).ljust(3 * PAGE, b"\0"))
    table = core.program_header(FORM, 4, 4, 0x400, 0x400, len(note), len(note))
    table += core.program_header(FORM, core.PT_LOAD, 5, 0, 0x7000, 3 * PAGE, 3 * PAGE)
    content[headers_offset : headers_offset + len(table)] = table
    return bytes(content)


def core_of(library: Path, first_page: bytes, directory: Path) -> Core:
    path = directory / "core"
    name = os.fsencode(library)
    files = [File(0x50000, 0x50000 + 3 * PAGE, name)]
    loads = [Load(0x50000, 0x50000 + 3 * PAGE, "r-x", first_page)]
    path.write_bytes(core.compose(loads, [core.files_note(FORM, files)]))
    return Core(path)


def test_headers_and_build_id_come_from_the_first_page(tmp_path: Path) -> None:
    content = image(b"identity", 64)
    dead = core_of(tmp_path / "gone.so", content[:PAGE], tmp_path)
    (module,) = dead.modules()
    assert module.load_bias == 0x50000 - 0x7000
    assert dead.build_id(module) == dead.build_id(0x52FFF) == b"identity"
    assert dead.build_id(Map(0x50010, 0x50020)) == b"identity"


def test_headers_elsewhere_come_from_the_same_file_on_the_disk(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    content = image(b"identity", 2 * PAGE)
    for on_disk, bias, identity in [
        (content, 0x50000 - 0x7000, b"identity"),
        (image(b"another!", 2 * PAGE), None, None),
        (image(b"", 2 * PAGE), None, None),
        (b"no ELF file", None, None),
    ]:
        library.write_bytes(on_disk)
        dead = core_of(library, content[:PAGE], tmp_path)
        (module,) = dead.modules()
        assert (module.load_bias, dead.build_id(module)) == (bias, identity)


@pytest.mark.not_on("windows", reason="has no FIFO")
def test_a_file_that_is_none_is_not_waited_for(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    os.mkfifo(library)
    dead = core_of(library, bytes(64), tmp_path)
    assert [module.load_bias for module in dead.modules()] == [None]


def test_a_core_that_vanishes_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "core"
    shutil.copy(STORED, path)
    dead = Core(path)
    path.unlink()
    assert len(dead.modules()) == 1
