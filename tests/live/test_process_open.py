"""The file behind a map, wherever it is, and its build ID."""

from __future__ import annotations

import ctypes
import errno
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.children import NOBODY, in_fork
from support.target import PAGE, WAYS, Target

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

query = pytest.mark.parametrize("query", WAYS)
as_root = pytest.mark.skipif(os.getuid() != 0, reason="takes root")


def _map_at(process: procmaps.Process, address: int) -> procmaps.Map:
    map_ = process.find(address)
    assert map_ is not None
    return map_


def _content(process: procmaps.Process, map_: procmaps.Map) -> bytes:
    with process.open(map_) as file:
        return file.read()


def test_a_mapped_file_is_opened_for_reading(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    map_ = _map_at(process, target.map_file(tmp_path / "file"))
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
    map_ = _map_at(process, target.map_file(tmp_path / name))
    for same in (map_, map_.replace()):
        assert _content(process, same) == b"content"


@as_root
def test_what_is_deleted_or_has_no_path_is_opened(
    target: Target, process: procmaps.Process, tmp_path: Path
) -> None:
    path = tmp_path / "gone"
    deleted = _map_at(process, target.map_file(path))
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
    address = target.map_file(path)
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
    address = target.map_file(tmp_path / "first")
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
    address = target.map_file(path)
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
    message = re.escape(f"where must be in a map with a source, not {map_!r}")
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
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(0o755)

    def content() -> str:
        libc: Any = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        file = os.open(path, os.O_RDONLY)
        address = libc.mmap(None, ctypes.c_size_t(PAGE), 1, 2, file, ctypes.c_long(0))
        if is_deleted:
            path.unlink()
        os.setuid(NOBODY)
        libc.prctl(4, 1)  # PR_SET_DUMPABLE, which setuid() took away
        with procmaps.Process(os.getpid(), query=query) as process:
            return _content(process, _map_at(process, address)).decode()

    expected = "content"
    if is_deleted:
        expected = f"PermissionError {errno.EPERM} {path} (deleted)"
    assert in_fork(content) == expected


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


# Mounts that only the target sees: an overlay over two file systems, on which
# stat(2) gives other numbers than the maps do.
OVERLAY = """
os.chdir({directory!r})
libc.unshare(0x20000)  # CLONE_NEWNS
libc.mount(None, b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
for name in ("a", "b", "merged"):
    os.mkdir(name)
    libc.mount(b"tmpfs", name.encode(), b"tmpfs", 0, None)
for name in ("a/lower", "b/upper", "b/work"):
    os.mkdir(name)
with open("a/lower/file", "wb") as file:
    file.write(b"content")
options = b"lowerdir=a/lower,upperdir=b/upper,workdir=b/work,xino=off"
result = libc.mount(b"overlay", b"merged", b"overlay", 0, options)
"""


@as_root
@query
def test_a_file_in_a_container(query: bool, tmp_path: Path) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        if target.run(OVERLAY.format(directory=str(tmp_path))) != 0:
            pytest.skip("may not mount an overlay file system")
        address = target.run(
            "file = os.open('merged/file', os.O_RDONLY)\n"
            "result = libc.mmap(None, PAGE, READ, PRIVATE, file, 0)"
        )
        map_ = _map_at(process, address)
        assert map_.path == f"{tmp_path}/merged/file"
        assert not (tmp_path / "merged" / "file").exists()
        assert _content(process, map_) == b"content"
        another = map_.replace(inode=map_.inode + 1)
        with pytest.raises(FileNotFoundError):
            process.open(another)
        # The path alone does not tell: the other layer may have a file 3 as well.
        target.run(f"libc.munmap({address}, PAGE)")
        with pytest.raises(FileNotFoundError):
            process.open(map_)
