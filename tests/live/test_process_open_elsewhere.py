"""The mapped file where device, inode and path do not tell it from others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.target import WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on("pypy", reason="maps memory by ctypes"),
    pytest.mark.skipif(os.getuid() != 0, reason="takes root"),
]
query = pytest.mark.parametrize("query", WAYS)

# It is imported before rights are dropped: Python may lie where only root can read.
OPEN = """
import procmaps

def open_map(query, address, name=None):
    with procmaps.Process(os.getpid(), query=query) as process:
        map_ = process.find(address)
        map_ = map_ if name is None else map_.replace(pathname=name)
        try:
            with process.open(map_) as file:
                return file.read()
        except OSError as error:
            return type(error).__name__, error.filename

def become_nobody():
    os.setuid(65534)
    libc.prctl(4, 1)  # PR_SET_DUMPABLE, which setuid() took away
"""


def _let_all_in(directory: Path) -> None:
    for parent in [directory, *list(directory.parents)[:2]]:
        parent.chmod(0o755)


@pytest.fixture
def subvolumes(tmp_path: Path) -> Iterator[Path]:
    """A btrfs file system with subvolumes `a` and `b`, each with its first files."""
    mkfs = shutil.which("mkfs.btrfs")
    if mkfs is None:
        pytest.skip("mkfs.btrfs is not installed")
    image, mount = tmp_path / "image", tmp_path / "mount"
    with image.open("wb") as file:
        file.truncate(1 << 28)
    mount.mkdir()
    subprocess.run([mkfs, "-q", image], check=True)
    done = subprocess.run(["mount", "-o", "loop", image, mount], check=False)
    if done.returncode != 0:
        pytest.skip("may not mount a btrfs file system")
    try:
        programs = {"a": shutil.which("true"), "b": shutil.which("false")}
        for name, program in programs.items():
            assert program is not None
            command: list[str | Path] = [
                "btrfs",
                "-q",
                "subvolume",
                "create",
                mount / name,
            ]
            subprocess.run(command, check=True)
            (mount / name / "file").write_text(f"content of {name}")
            shutil.copy(program, mount / name / "program")
        _let_all_in(tmp_path)
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", mount], check=True)


def _numbers(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _map(path: Path) -> str:
    """Code that maps a file and leaves its address in `result`."""
    return (
        f"file = os.open({str(path)!r}, os.O_RDONLY)\n"
        "result = libc.mmap(None, PAGE, READ, PRIVATE, file, 0)"
    )


@query
def test_the_file_of_another_subvolume_is_not_it(query: bool, subvolumes: Path) -> None:
    a, b = subvolumes / "a", subvolumes / "b"
    assert _numbers(a / "file") != _numbers(b / "file")
    assert _numbers(a / "file")[1] == _numbers(b / "file")[1]
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        map_ = process.find(target.run(_map(a / "file")))
        other = process.find(target.run(_map(b / "file")))
        assert map_ is not None
        assert other is not None
        assert (map_.device, map_.inode) == (other.device, other.inode)
        with process.open(map_) as file:
            assert file.read() == b"content of a"
        a.rename(subvolumes / "c")
        b.rename(a)
        # Its own link says another name by now, and its path leads to another file.
        with pytest.raises(FileNotFoundError):
            process.open(map_)
        moved = process.find(map_.begin_address)
        assert moved == map_.replace(pathname=f"{subvolumes}/c/file")
        with process.open(moved) as file:
            assert file.read() == b"content of a"
        target.run(f"libc.munmap({map_.begin_address}, PAGE)")
        for gone in (map_, moved):
            with pytest.raises(FileNotFoundError):
                process.open(gone)


@query
def test_another_file_is_mapped_in_its_place(query: bool, subvolumes: Path) -> None:
    with Target() as target, procmaps.Process(target.pid, query=query) as process:
        address = target.run(_map(subvolumes / "a" / "file"))
        map_ = process.find(address)
        assert map_ is not None
        target.run(
            f"file = os.open({str(subvolumes / 'b' / 'file')!r}, os.O_RDONLY)\n"
            f"libc.mmap({address}, PAGE, READ, PRIVATE | 16, file, 0)"  # MAP_FIXED
        )
        with pytest.raises(FileNotFoundError):
            process.open(map_)


@query
def test_without_rights_the_build_id_tells(query: bool, subvolumes: Path) -> None:
    program = subvolumes / "a" / "program"
    other = subvolumes / "b" / "program"
    content = program.read_bytes()
    assert other.stat().st_ino == program.stat().st_ino
    assert other.read_bytes() != content
    with Target() as target:
        target.run(OPEN + "become_nobody()")
        address = target.run(_map(program))
        text = target.run(_map(subvolumes / "a" / "file"))
        own = target.run(f"result = open_map({query}, {address})")
        unsure = ("PermissionError", str(program))
        assert own == (content if query else unsure)
        mistaken = f"open_map({query}, {address}, {str(other)!r})"
        assert target.run(f"result = {mistaken}") == ("PermissionError", str(other))
        # What has no build ID can't be told from others.
        unsure = ("PermissionError", str(subvolumes / "a" / "file"))
        assert target.run(f"result = open_map({query}, {text})") == unsure


@query
def test_the_program_itself_without_rights(query: bool, tmp_path: Path) -> None:
    """`/proc/<pid>/exe` leads to it, also when it is deleted."""
    program = tmp_path / "sleep"
    found = shutil.which("sleep")
    assert found is not None
    shutil.copy(found, program)
    content = program.read_bytes()
    _let_all_in(tmp_path)
    with Target() as target:
        target.run(
            textwrap.dedent(
                f"""
                def nobody():
                    os.setuid(65534)
                import procmaps, subprocess
                sleep = subprocess.Popen(
                    [{str(program)!r}, "60"],
                    stdout=subprocess.DEVNULL,
                    preexec_fn=nobody,
                )
                result = sleep.pid
                """
            )
        )
        code = f"""
            os.unlink({str(program)!r})
            os.setuid(65534)
            with procmaps.Process(sleep.pid, query={query}) as process:
                map_ = process.maps()[0]
                with process.open(map_) as file:
                    result = map_.pathname, file.read()
            sleep.kill()
        """
        answer = target.run(textwrap.dedent(code))
    assert answer == (f"{program} (deleted)", content)


@query
def test_another_root_directory_without_rights(query: bool, tmp_path: Path) -> None:
    """The path is printed as the reader sees it, who has another root directory."""
    _let_all_in(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(0o666)
    reader = """
        import os, sys, procmaps
        os.setuid(65534)
        pid, address, query = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "True"
        with procmaps.Process(pid, query=query) as process:
            with process.open(process.find(address)) as file:
                print(file.name, file.read())
    """
    with Target() as target:
        target.run(OPEN + f"os.chroot({str(tmp_path)!r}); os.chdir('/')")
        address = target.run("result = map_file('/file', length=7)")
        target.run("become_nobody()")
        command = [sys.executable, "-c", textwrap.dedent(reader)]
        arguments = [str(target.pid), str(address), str(query)]
        answer = subprocess.check_output([*command, *arguments], text=True)
    assert answer == f"{tmp_path}/file {bytes(7)!r}\n"
