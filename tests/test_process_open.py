"""The file behind a map, wherever it is, and its build ID."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import struct
import sys
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from target import PAGE, WAYS, Target, kernel_answers_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

query = pytest.mark.parametrize("query", WAYS)
as_root = pytest.mark.skipif(os.getuid() != 0, reason="takes root")


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.fixture(params=WAYS)
def process(
    target: Target, request: pytest.FixtureRequest
) -> Iterator[procmaps.Process]:
    with procmaps.Process(target.pid, query=request.param) as process:
        yield process


def _map_at(process: procmaps.Process, address: int) -> procmaps.Map:
    map_ = process.find(address)
    assert map_ is not None
    return map_


def _content(process: procmaps.Process, map_: procmaps.Map) -> bytes:
    with process.open(map_) as file:
        return file.read()


def _map_file(target: Target, path: Path, content: bytes = b"content") -> int:
    """Let the target map a file, and return where it is."""
    address: int = target.run(f"result = map_file({os.fsencode(path)!r})")
    path.write_bytes(content)
    return address


def test_a_mapped_file_is_opened_for_reading(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    map_ = _map_at(process, _map_file(target, tmp_path / "file"))
    with process.open(map_) as file:
        assert file.read() == b"content"
        assert file.seek(3) == 3
        assert file.read() == b"tent"
        assert file.name == map_.pathname
        assert file.mode == "rb"
        assert file.writable() is False
        assert os.get_inheritable(file.fileno()) is False


@pytest.mark.parametrize("name", ["a\nb", r"a\012b", "x (deleted)", " s ", "\udcff"])
def test_odd_names_are_opened(
    target: Target, process: procmaps.Process, tmp_path: Path, name: str
) -> None:
    # Beside it lies what the text could mean too.
    for other in ("a\nb", r"a\012b", "x"):
        (tmp_path / other).write_bytes(b"another")
    (tmp_path / name).unlink(missing_ok=True)
    map_ = _map_at(process, _map_file(target, tmp_path / name))
    for same in (map_, map_.replace()):
        assert _content(process, same) == b"content"


@as_root
def test_what_is_deleted_or_has_no_path_is_opened(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    path = tmp_path / "gone"
    deleted = _map_at(process, _map_file(target, path))
    path.unlink()
    (tmp_path / "gone (deleted)").write_bytes(b"another")
    path.write_bytes(b"another")
    assert _content(process, _map_at(process, deleted.begin_address)) == b"content"
    assert _content(process, deleted) == b"content"
    memory = target.run(
        "memory = os.memfd_create('x'); os.write(memory, b'in memory')\n"
        "result = libc.mmap(None, PAGE, 3, SHARED, memory, 0)"
    )
    assert _content(process, _map_at(process, memory)) == b"in memory"


def test_another_file_in_its_place_is_not_it(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    address = _map_file(target, path)
    map_ = _map_at(process, address)
    path.rename(tmp_path / "elsewhere")
    path.write_bytes(b"another")
    # The map is gone too, so that its file can only be found by its path.
    target.run(f"libc.munmap({address}, PAGE)")
    with pytest.raises(FileNotFoundError) as caught:
        process.open(map_)
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == str(path)
    # What was unmapped and has not moved is still that file.
    (tmp_path / "elsewhere").rename(path)
    assert _content(process, map_) == b"content"


def test_another_file_that_is_mapped_there_by_now_is_not_it(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    address = _map_file(target, tmp_path / "first")
    map_ = _map_at(process, address)
    second = tmp_path / "second"
    second.write_bytes(bytes(PAGE))
    target.run(
        f"file = os.open({str(second)!r}, os.O_RDONLY)\n"
        f"libc.mmap({address}, PAGE, READ, PRIVATE | 16, file, 0)"  # MAP_FIXED
    )
    (tmp_path / "first").unlink()
    with pytest.raises(FileNotFoundError):
        process.open(map_)


def test_a_device_is_not_touched_unless_it_is_the_mapped_one(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    """A FIFO would block whoever opens it."""
    path = tmp_path / "file"
    address = _map_file(target, path)
    map_ = _map_at(process, address)
    target.run(f"libc.munmap({address}, PAGE)")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(FileNotFoundError):
        process.open(map_)
    zero = target.run(
        "zero = os.open('/dev/zero', os.O_RDONLY)\n"
        "result = libc.mmap(None, PAGE, READ, PRIVATE, zero, 0)"
    )
    with process.open(_map_at(process, zero)) as file:
        assert file.read(3) == bytes(3)


def test_a_map_without_a_source_has_no_file(
    target: Target, process: procmaps.Process
) -> None:
    anonymous = target.run("result = libc.mmap(None, PAGE, 1, 34, -1, 0)")
    map_ = _map_at(process, anonymous)
    message = re.escape(f"map_ must be a map with a source, not {map_!r}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        process.open(map_)
    with pytest.raises(TypeError):
        process.open(str(map_))  # type: ignore[arg-type]


@as_root
@query
@pytest.mark.parametrize("is_deleted", [False, True])
def test_without_rights_a_path_is_needed(
    query: bool, is_deleted: bool, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)

    def content() -> str:
        libc: Any = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        file = os.open(path, os.O_RDONLY)
        address = libc.mmap(None, ctypes.c_size_t(PAGE), 1, 2, file, ctypes.c_long(0))
        if is_deleted:
            path.unlink()
        os.setuid(65534)
        libc.prctl(4, 1)  # PR_SET_DUMPABLE, which setuid() took away
        with procmaps.Process(os.getpid(), query=query) as process:
            return _content(process, _map_at(process, address)).decode()

    expected = "content"
    if is_deleted:
        expected = f"PermissionError {errno.EPERM} {path} (deleted)"
    assert _in_fork(content) == expected


def _in_fork(call: Callable[[], str]) -> str:
    """What a function gives in a child, or the error that it raises there."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = call()
        except OSError as error:
            answer = f"{type(error).__name__} {error.errno} {error.filename}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as file:
        return file.read()


@as_root
@query
def test_another_root_directory(query: bool, tmp_path: Path) -> None:
    """The path is one of the process, which sees another file system."""
    (tmp_path / "file").write_bytes(b"content" + bytes(PAGE))
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        address = target.run(
            f"os.chroot({str(tmp_path)!r}); os.chdir('/')\n"
            "result = map_file('/file', length=7)"
        )
        map_ = _map_at(process, address)
        assert _content(process, map_) == b"content"
        # Through the root directory alone, the map being gone.
        target.run(f"libc.munmap({address}, PAGE)")
        inside = map_.replace(pathname="/file")
        assert _content(process, inside) == b"content"


def _elf(
    notes: bytes,
    *,
    bits: int = 64,
    kind: int = 3,
    data: int = 1 if sys.byteorder == "little" else 2,
    size: int | None = None,
) -> bytes:
    """An ELF file with one segment of notes, after another one."""
    identity = b"\x7fELF" + bytes([bits // 32, data, 1]) + bytes(9)
    wide = bits == 64
    header_size, entry_size = (64, 56) if wide else (52, 32)
    header = struct.pack(
        "=HHIQQQIHHHHHH" if wide else "=HHIIIIIHHHHHH",
        *(kind, 62, 1, 0, header_size, 0, 0, header_size, entry_size, 2, 0, 0, 0),
    )
    offset = header_size + 2 * entry_size
    size = len(notes) if size is None else size
    if wide:
        entries = struct.pack("=IIQQQQQQ", 1, 5, 0, 0, 0, 0, 0, 4096)
        entries += struct.pack("=IIQQQQQQ", 4, 4, offset, 0, 0, size, size, 4)
    else:
        entries = struct.pack("=IIIIIIII", 1, 0, 0, 0, 0, 0, 5, 4096)
        entries += struct.pack("=IIIIIIII", 4, offset, 0, 0, size, size, 4, 4)
    return identity + header + entries + notes


def _note(content: bytes, name: bytes = b"GNU\0", kind: int = 3) -> bytes:
    note = struct.pack("=III", len(name), len(content), kind)
    for part in (name, content):
        note += part + bytes(-len(part) % 4)
    return note


ID = bytes(range(1, 21))
FILES = {
    "twenty bytes": (_elf(_note(ID)), ID),
    "32 bits": (_elf(_note(ID), bits=32), ID),
    "an executable": (_elf(_note(ID), kind=2), ID),
    "eight bytes": (_elf(_note(ID[:8])), ID[:8]),
    "one byte": (_elf(_note(ID[:1])), ID[:1]),
    "after other notes": (
        _elf(_note(b"abc", b"stapsdt\0") + _note(b"12345", kind=1) + _note(ID)),
        ID,
    ),
    "the first of two": (_elf(_note(ID[:9]) + _note(ID)), ID[:9]),
    "a longer one": (_elf(_note(bytes(21))), None),
    "an empty one": (_elf(_note(b"")), None),
    "another name": (_elf(_note(ID, b"GNV\0")), None),
    "a name without its end": (_elf(_note(ID, b"GNU")), None),
    "cut short": (_elf(_note(ID), size=len(_note(ID)) - 4), None),
    "beyond the file": (_elf(struct.pack("=III", 4, 20, 3), size=36), None),
    "no notes": (_elf(b""), None),
    "an object file": (_elf(_note(ID), kind=1), None),
    "no ELF file": (b"#!/bin/sh" + bytes(100), None),
    "an empty file": (b"", None),
    "half a header": (_elf(_note(ID))[:40], None),
    "headers beyond the file": (_elf(_note(ID))[:70], None),
}


@pytest.mark.parametrize(("content", "build_id"), FILES.values(), ids=FILES)
def test_build_id(
    target: Target,
    process: procmaps.Process,
    tmp_path: Path,
    content: bytes,
    build_id: bytes | None,
) -> None:
    address = _map_file(target, tmp_path / "file", content)
    assert process.build_id(address) == build_id
    assert process.build_id(address + PAGE - 1) == build_id


def test_both_ways_give_the_build_ids_of_a_real_process(target: Target) -> None:
    with procmaps.Process(target.pid, query=False) as process:
        maps = process.maps()
        expected = {map_: process.build_id(map_.begin_address) for map_ in maps}
        assert sum(build_id is not None for build_id in expected.values()) > 4
        assert process.build_id(0) is None
    if kernel_answers_queries():
        with procmaps.Process(target.pid) as process:
            for map_, build_id in expected.items():
                assert process.build_id(map_.begin_address) == build_id, map_
                assert process.build_id(map_.end_address - 1) == build_id, map_


@as_root
def test_the_build_id_of_a_deleted_file(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    address = _map_file(target, tmp_path / "file", _elf(_note(ID)))
    (tmp_path / "file").unlink()
    assert process.build_id(address) == ID
