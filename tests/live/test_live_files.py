"""Files with odd names, really mapped, and compared with what was mapped."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.children import child, python
from support.live import PAGE, READ_WRITE, map_at, mapped, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

NAMES = [
    b"plain",
    b"new\nline",
    b"\n",
    b"trailing space ",
    b"trailing newline\n",
    b"two  spaces",
    b"back\\slash",
    b"\\040",
    b"invalid \xff\xfe\xc3 UTF-8",
    b"split \xc3\n\xa9 character",
    b"tab\tcr\rvt\vff\ffs\x1cesc\x1b",
    b"ends in cr\r",
    "nel\x85 separators\u2028\u2029".encode(),
    "\u202eright to left \U0001f600 e\u0301".encode(),
    b"1000-2000 r-xp 00000000 00:00 0",
    b"[heap]",
    b"#?*'\"$(x)",
    b"(deleted)",
]
# Names from which text can't tell what the file is really called.
AMBIGUOUS = [
    (b"back\\012slash", b"back\nslash", False),
    (b"x (deleted)", b"x", True),
]


@pytest.fixture
def memory_directory() -> Iterator[Path]:
    # Of all file systems, stat(2) and maps agree on device and inode in this one.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


def printed(path: bytes) -> str:
    """Return a path as the kernel prints it."""
    return os.fsdecode(path.replace(b"\n", b"\\012"))


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_file_by_its_name_before_and_after_it_is_deleted(
    tmp_path: Path, name: bytes
) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118
    with opened(path) as file, mapped(file) as address:
        live = map_at(address)
        os.unlink(path)  # noqa: PTH108
        dead = map_at(address)
    assert (live.begin_address, live.size) == (address, PAGE)
    assert (live.pathname, live.kind) == (printed(path), "file")
    assert (os.fsencode(live.path or ""), live.is_deleted) == (path, False)
    assert dead == live.replace(pathname=printed(path) + " (deleted)")
    assert (os.fsencode(dead.path or ""), dead.is_deleted) == (path, True)
    assert dead.kind == "file"


@pytest.mark.parametrize("component", [b" lead", b"in\nside", b"trail ", b"\xff"])
def test_a_directory_by_its_name(tmp_path: Path, component: bytes) -> None:
    directory = os.path.join(os.fsencode(tmp_path), component)  # noqa: PTH118
    os.mkdir(directory)  # noqa: PTH102
    path = directory + b"/ file"
    with opened(path) as file, mapped(file) as address:
        found = map_at(address)
    assert found.pathname == printed(path)
    assert os.fsencode(found.path or "") == path


@pytest.mark.parametrize(("name", "path", "is_deleted"), AMBIGUOUS, ids=ascii)
def test_what_text_can_not_tell(
    tmp_path: Path, name: bytes, path: bytes, is_deleted: bool
) -> None:
    directory = os.fsencode(tmp_path) + b"/"
    with opened(directory + name) as file, mapped(file) as address:
        live = map_at(address)
        os.unlink(directory + name)  # noqa: PTH108
        dead = map_at(address)
    assert live.pathname == os.fsdecode(directory + name)
    assert live.path == os.fsdecode(directory + path)
    assert live.is_deleted is is_deleted
    # One mark goes, and what is left is the name as far as text tells it.
    assert dead.pathname == os.fsdecode(directory + name + b" (deleted)")
    assert dead.path == os.fsdecode(directory + name.replace(b"\\012", b"\n"))
    assert dead.is_deleted is True


def test_a_path_of_more_than_4_kib(tmp_path: Path) -> None:
    # The kernel resolves no longer path at once, but prints it.
    components = [f"{index:02}" + "x" * 198 for index in range(25)]
    directory = os.open(tmp_path, os.O_DIRECTORY)
    for component in components:
        os.mkdir(component, dir_fd=directory)
        below = os.open(component, os.O_DIRECTORY, dir_fd=directory)
        os.close(directory)
        directory = below
    file = os.open("file\n", os.O_RDWR | os.O_CREAT, 0o600, dir_fd=directory)
    os.close(directory)
    os.write(file, bytes(PAGE))
    with mapped(file) as address:
        found = map_at(address)
    os.close(file)
    shutil.rmtree(tmp_path / components[0])
    path = "/".join([str(tmp_path), *components, "file\n"])
    assert len(path) > 5000
    assert found.path == path
    assert found.pathname == path.replace("\n", "\\012")


def test_a_hard_link_is_left_of_a_deleted_file(tmp_path: Path) -> None:
    (tmp_path / "first").touch()
    os.link(tmp_path / "first", tmp_path / "second")
    with opened(os.fsencode(tmp_path / "first")) as file, mapped(file) as address:
        (tmp_path / "first").unlink()
        found = map_at(address)
    # The name is gone; the file is not.
    assert found.path == str(tmp_path / "first")
    assert found.is_deleted is True
    assert (tmp_path / "second").stat().st_nlink == 1


def test_a_file_that_never_had_a_name(memory_directory: Path) -> None:
    flags = os.O_RDWR | os.O_TMPFILE
    with opened(os.fsencode(memory_directory), flags) as file:
        os.write(file, bytes(PAGE))
        with mapped(file) as address:
            found = map_at(address)
        assert found.path == f"{memory_directory}/#{os.fstat(file).st_ino}"
    assert (found.kind, found.is_deleted) == ("file", True)


def test_device_and_inode_are_those_of_stat(memory_directory: Path) -> None:
    path = memory_directory / "x"
    with opened(os.fsencode(path)) as file, mapped(file) as address:
        found = map_at(address)
        status = os.fstat(file)
    assert found.device == (os.major(status.st_dev), os.minor(status.st_dev))
    assert found.inode == status.st_ino
    assert (found.kind, found.path) == ("file", str(path))


def test_offset_and_file_offset_lead_to_the_same_byte(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"".join(bytes([page]) * PAGE for page in range(4)))
    with (
        opened(os.fsencode(path), os.O_RDONLY) as file,
        mapped(file, length=2 * PAGE, offset=PAGE) as address,
    ):
        found = map_at(address)
        assert (found.offset, found.size) == (PAGE, 2 * PAGE)
        for inside in (address, address + PAGE - 1, address + PAGE, address + 7000):
            expected = path.read_bytes()[found.file_offset(inside)]
            assert ctypes.string_at(inside, 1) == bytes([expected])


@pytest.mark.parametrize("flags", [mmap.MAP_PRIVATE, mmap.MAP_SHARED])
@pytest.mark.parametrize("protection", range(8))
def test_permissions_are_those_of_mmap(
    memory_directory: Path, flags: int, protection: int
) -> None:
    path = os.fsencode(memory_directory / "x")
    with (
        opened(path) as file,
        mapped(file, protection=protection, flags=flags) as address,
    ):
        found = map_at(address)
    assert found.is_readable is bool(protection & mmap.PROT_READ)
    assert found.is_writable is bool(protection & mmap.PROT_WRITE)
    assert found.is_executable is bool(protection & mmap.PROT_EXEC)
    assert found.is_shared is (flags == mmap.MAP_SHARED)
    assert found.is_private is (flags == mmap.MAP_PRIVATE)


def test_a_private_mapping_of_a_device_and_a_shared_one() -> None:
    with opened(b"/dev/zero", os.O_RDWR) as file:
        with mapped(file, protection=READ_WRITE) as address:
            private = map_at(address)
            status = os.fstat(file)
        with mapped(file, protection=READ_WRITE, flags=mmap.MAP_SHARED) as address:
            shared = map_at(address)
    assert (private.kind, private.path) == ("device", "/dev/zero")
    assert (private.inode, private.is_deleted) == (status.st_ino, False)
    assert (shared.kind, shared.path) == ("shared_memory", None)
    assert shared.pathname == "/dev/zero (deleted)"
    assert shared.is_deleted is False


CHILD = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    mapping = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
print("ready", flush=True)
input()
"""


def test_another_process(tmp_path: Path) -> None:
    path = tmp_path / "odd\nname "
    path.write_bytes(bytes(3 * PAGE))
    with child(*python(CHILD, path)) as process:
        assert process.line() == "ready"
        maps = procmaps.from_pid(process.pid)
        assert maps == procmaps.from_path(f"/proc/{process.pid}/maps")
        (found,) = [map_ for map_ in maps if map_.path == str(path)]
        assert map_at(found.begin_address, process.pid) == found
    assert (found.size, found.permissions) == (3 * PAGE, "r--p")
