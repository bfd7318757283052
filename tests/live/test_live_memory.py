"""Memory without a file: each kind as this kernel names it."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

import pytest

import procmaps
from support.children import zombie
from support.live import (
    PAGE,
    READ_WRITE,
    call,
    call_or_skip,
    libc,
    map_at,
    mapped,
)

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

PR_SET_VMA = 0x53564D41
PR_SET_VMA_ANON_NAME = 0
MAP_NORESERVE = 0x4000
MAP_HUGETLB = 0x40000
IPC_PRIVATE, IPC_CREAT, IPC_RMID = 0, 0o1000, 0
SYS_IO_URING_SETUP, SYS_MEMFD_SECRET = 425, 447
PF_KTHREAD = 0x200000


def assert_no_file(map_: procmaps.Map) -> None:
    assert (map_.path, map_.is_deleted) == (None, False)


@pytest.mark.parametrize(
    "name", ["", "x", "new\nline", "trailing ", "x (deleted)", "\udcff", "a\\012b"]
)
def test_memfd(name: str) -> None:
    file = os.memfd_create(name)
    os.write(file, bytes(PAGE))
    with mapped(file, flags=mmap.MAP_SHARED) as address:
        found = map_at(address)
        inode = os.fstat(file).st_ino
    os.close(file)
    assert found.pathname == "/memfd:" + name.replace("\n", "\\012") + " (deleted)"
    assert (found.kind, found.inode) == ("memfd", inode)
    assert_no_file(found)


def test_secret_memory() -> None:
    file = call_or_skip(libc.syscall, SYS_MEMFD_SECRET, 0)
    os.ftruncate(file, PAGE)
    with mapped(file, flags=mmap.MAP_SHARED) as address:
        found = map_at(address)
    os.close(file)
    assert (found.pathname, found.kind) == ("/secretmem (deleted)", "memfd")
    assert_no_file(found)


def test_anonymous() -> None:
    with mapped(protection=READ_WRITE) as address:
        found = map_at(address)
    assert (found.pathname, found.kind) == (None, "anonymous")
    assert (found.inode, found.device, found.offset) == (0, (0, 0), 0)
    assert found.begin_address <= address < address + PAGE <= found.end_address
    assert_no_file(found)


def test_shared_anonymous() -> None:
    with mapped(flags=mmap.MAP_SHARED) as address:
        found = map_at(address)
    assert (found.pathname, found.kind) == ("/dev/zero (deleted)", "shared_memory")
    assert found.is_shared
    assert_no_file(found)


@pytest.mark.parametrize(
    ("flags", "form", "kind"),
    [
        (mmap.MAP_PRIVATE, "[anon:{}]", "anonymous"),
        (mmap.MAP_SHARED, "[anon_shmem:{}]", "shared_memory"),
    ],
)
@pytest.mark.parametrize("name", ["", "a: b  c (deleted)", "x" * 79])
def test_named_anonymous(flags: int, form: str, kind: str, name: str) -> None:
    with mapped(flags=flags) as address:
        call_or_skip(
            libc.prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, PAGE, name.encode()
        )
        found = map_at(address)
    assert (found.pathname, found.kind) == (form.format(name), kind)
    assert_no_file(found)


@pytest.mark.parametrize("key", [IPC_PRIVATE, 0x7EAD0C0A])
def test_system_v_shared_memory(key: int) -> None:
    segment = call_or_skip(libc.shmget, key, PAGE, IPC_CREAT | 0o600)
    address = call(libc.shmat, segment, None, 0)
    try:
        found = map_at(address)
    finally:
        call(libc.shmdt, address)
        call(libc.shmctl, segment, IPC_RMID, None)
    assert found.pathname == f"/SYSV{key:08x} (deleted)"
    assert (found.kind, found.inode) == ("shared_memory", segment)
    assert_no_file(found)


def test_huge_pages() -> None:
    # Without a reservation the kernel maps huge pages that it need not have.
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE
    length = 2**21
    protection = mmap.PROT_READ
    address = call_or_skip(libc.mmap, None, length, protection, flags, -1, 0)
    try:
        found = map_at(address)
    finally:
        call(libc.munmap, address, length)
    assert (found.pathname, found.kind) == ("/anon_hugepage (deleted)", "hugetlb")
    assert found.size == length
    assert_no_file(found)


def test_anonymous_inode() -> None:
    parameters = ctypes.create_string_buffer(120)
    file = call_or_skip(libc.syscall, SYS_IO_URING_SETUP, 1, parameters)
    with mapped(file, protection=READ_WRITE, flags=mmap.MAP_SHARED) as address:
        found = map_at(address)
    os.close(file)
    assert (found.pathname, found.kind) == ("anon_inode:[io_uring]", "anon_inode")
    assert_no_file(found)


def test_what_every_process_has() -> None:
    maps = procmaps.from_pid(os.getpid())
    kinds = {map_.kind for map_ in maps}
    assert {"file", "anonymous", "heap", "stack"} <= kinds
    (stack,) = [map_ for map_ in maps if map_.pathname == "[stack]"]
    assert stack.is_readable
    assert stack.is_writable
    on_the_heap = id(object())
    assert any(on_the_heap in map_ for map_ in maps)
    function = ctypes.cast(libc.getpid, ctypes.c_void_p).value
    assert function is not None
    code = map_at(function)
    assert (code.is_executable, code.kind) == (True, "file")
    paths = {map_.path for map_ in maps}
    assert str(Path(sys.executable).resolve()) in paths


def test_a_zombie_has_no_maps() -> None:
    with zombie() as pid:
        assert procmaps.from_pid(pid) == []


def kernel_threads() -> list[int]:
    pids = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[6]) & PF_KTHREAD:
            pids.append(int(directory.name))
    return pids


def test_a_kernel_thread_has_no_maps() -> None:
    pids = kernel_threads()
    if not pids:
        pytest.skip("this process namespace has no kernel threads")
    assert procmaps.from_pid(pids[0]) == []
