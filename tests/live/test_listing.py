"""All maps of a process: the ioctl gives the list that the kernel's text gives."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import timeit
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support import oracle
from support.children import wait_until
from support.helpers import raw_maps, row_of
from support.odd_mappings import (
    NAMES,
    map_deep,
    map_in_mounts,
    map_oddities,
    program_of_32_bits,
)
from support.target import WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procmaps import Map

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

as_root = pytest.mark.skipif(os.getuid() != 0, reason="takes root")
takes_queries = pytest.mark.skipif(True not in WAYS, reason="the kernel has no ioctl")


@pytest.fixture(autouse=True)
def _is_not_the_first_listing() -> None:
    """The first listing of a program is by the text, which tells of [vsyscall]."""
    procmaps.from_pid(os.getpid())


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A process with a map of every odd kind, which holds still."""
    with Target() as target:
        map_oddities(target, tmp_path_factory.mktemp("maps"))
        yield target


def _through_process(pid: int, query: bool) -> list[Map]:
    with procmaps.Process(pid, query=query) as process:
        return process.maps()


def _through_space_of_process(pid: int) -> list[Map]:
    with procmaps.Process(pid) as process:
        return list(process.address_space())


LISTINGS: dict[str, Callable[[int], list[Map]]] = {
    "from_pid": procmaps.from_pid,
    "AddressSpace.from_pid": lambda pid: list(procmaps.AddressSpace.from_pid(pid)),
    "Process.maps": lambda pid: _through_process(pid, query=True),
    "Process.address_space": _through_space_of_process,
    "by the text": lambda pid: _through_process(pid, query=False),
}
listing = pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)


def assert_is_text(maps: list[Map], text: bytes) -> None:
    """Compare with the kernel's own lines, field by field."""
    rows = oracle.parse(text)
    assert [row_of(map_) for map_ in maps] == rows
    assert [map_.kind for map_ in maps] == [oracle.kind(row) for row in rows]
    deleted = [oracle.is_deleted(row) for row in rows]
    assert [map_.is_deleted for map_ in maps] == deleted
    assert [os.fsencode(str(map_)) for map_ in maps] == text.split(b"\n")[:-1]


@listing
def test_every_oddity(target: Target, listing: Callable[[int], list[Map]]) -> None:
    assert_is_text(listing(target.pid), raw_maps(target.pid))


def test_the_oddities_are_there(target: Target) -> None:
    names = {map_.pathname or "" for map_ in procmaps.from_pid(target.pid)}
    assert sum(name.endswith(r"/new\012line") for name in names) == 1
    assert r"/memfd:a\012b c (deleted)" in names
    assert "/dev/zero (deleted)" in names
    assert any(name.endswith("gone (deleted) (deleted)") for name in names)
    assert len(names) > len(NAMES) + 10


@takes_queries
def test_the_path_is_certain_where_the_kernel_was_asked(target: Target) -> None:
    def paths(maps: list[Map]) -> set[str]:
        return {Path(map_.path).name for map_ in maps if map_.path}

    certain = {"new\nline", r"new\012line"}
    for name, listing in LISTINGS.items():
        expected = {"new\nline"} if name == "by the text" else certain
        assert paths(listing(target.pid)) & certain == expected, name


@listing
def test_a_name_of_more_than_4_kib(
    listing: Callable[[int], list[Map]], tmp_path: Path
) -> None:
    with Target() as target:
        map_deep(target, tmp_path)
        maps = listing(target.pid)
        assert_is_text(maps, raw_maps(target.pid))
        assert max(len(map_.pathname or "") for map_ in maps) > 4096


@as_root
@listing
def test_mounts_of_another_namespace(
    listing: Callable[[int], list[Map]], tmp_path: Path
) -> None:
    with Target() as target:
        if not map_in_mounts(target, tmp_path):
            pytest.skip("may not mount an overlay file system")
        maps = listing(target.pid)
        assert_is_text(maps, raw_maps(target.pid))
        paths = {map_.path for map_ in maps}
        assert {f"{tmp_path}/merged/file", f"{tmp_path}/bound/file"} <= paths


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="another architecture")
def test_a_program_of_32_bits_has_no_vsyscall(tmp_path: Path) -> None:
    try:
        program = program_of_32_bits(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("the compiler makes no program of 32 bits")
    with subprocess.Popen([program]) as process:
        try:
            wait_until(lambda: b"/program" in raw_maps(process.pid))
            for name, listing in LISTINGS.items():
                maps = listing(process.pid)
                assert_is_text(maps, raw_maps(process.pid))
                assert max(map_.end_address for map_ in maps) <= 2**32, name
        finally:
            process.kill()


def test_every_process_of_the_machine() -> None:
    compared = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or entry.name == str(os.getpid()):
            continue
        for listing in LISTINGS.values():
            compared += _holds_still_and_is_text(int(entry.name), listing)
    assert compared >= len(LISTINGS)


def _holds_still_and_is_text(pid: int, listing: Callable[[int], list[Map]]) -> bool:
    for _ in range(10):
        try:
            before, maps, after = raw_maps(pid), listing(pid), raw_maps(pid)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False
        if before == after:
            assert_is_text(maps, before)
            return True
    return False


@takes_queries
@pytest.mark.parametrize(("flags", "is_named"), [("PRIVATE", False), ("SHARED", True)])
def test_mostly_nameless_maps_are_listed_by_the_text(
    flags: str, is_named: bool, tmp_path: Path
) -> None:
    with Target() as target:
        path = os.fsencode(tmp_path / r"new\012line")
        target.run(f"map_file({path!r})\nmap_many(2000, {flags})")
        maps = procmaps.from_pid(target.pid)
        assert_is_text(maps, raw_maps(target.pid))
        (found,) = [map_ for map_ in maps if "012line" in (map_.pathname or "")]
        certain = os.fsdecode(path)
        assert found.path == (certain if is_named else certain.replace(r"\012", "\n"))


def test_a_signal_is_answered_in_a_long_listing() -> None:
    class Raised(Exception):  # noqa: N818
        pass

    def answer(*_: object) -> None:
        raise Raised

    with Target() as target, _answered(answer):
        target.run("map_many(40_000, SHARED)")
        for query in WAYS:
            with procmaps.Process(target.pid, query=query) as process:
                whole = len(process.maps())
                assert whole > 40_000
                # The shortest of some: a busy machine can stop one of them.
                taken = min(timeit.repeat(process.maps, number=1, repeat=5))
                signal.setitimer(signal.ITIMER_REAL, taken / 10)
                with pytest.raises(Raised):
                    process.maps()
            assert len(procmaps.from_pid(target.pid)) == whole


@contextmanager
def _answered(answer: Callable[..., None]) -> Iterator[None]:
    # What a handler raises in a callback of the collector is lost: hypothesis has one.
    gc.disable()
    before = signal.signal(signal.SIGALRM, answer)
    try:
        yield
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
