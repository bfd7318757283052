"""Systems without /proc: text is parsed, processes can't be read and that is said."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import procmaps
from support.helpers import LINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.not_on("linux", reason="is about systems without /proc")

ANSWER = "only Linux has /proc/<pid>/{}; stored copies are parsed on every system"

CALLS: dict[str, tuple[Callable[[int], object], str]] = {
    "from_pid": (procmaps.from_pid, "maps"),
    "AddressSpace.from_pid": (procmaps.AddressSpace.from_pid, "maps"),
    "Process": (procmaps.Process, "maps"),
    "find": (lambda pid: procmaps.find(pid, 0), "maps"),
    "smaps_from_pid": (procmaps.smaps_from_pid, "smaps"),
    "rollup": (procmaps.rollup, "smaps_rollup"),
}


@pytest.mark.parametrize("pid", [1, 0, -1, 2**31 - 1])
@pytest.mark.parametrize(("call", "file"), CALLS.values(), ids=CALLS)
def test_a_process(call: Callable[[int], object], file: str, pid: int) -> None:
    with pytest.raises(NotImplementedError) as caught:
        call(pid)
    assert str(caught.value) == ANSWER.format(file)


@pytest.mark.parametrize("call", [call for call, _ in CALLS.values()], ids=CALLS)
def test_what_is_no_pid(call: Callable[[int], object]) -> None:
    with pytest.raises(OverflowError, match=r"^pid does not fit in 32 bits$"):
        call(2**31)


def test_all_processes() -> None:
    with pytest.raises(NotImplementedError) as caught:
        procmaps.pids()
    assert str(caught.value) == "only Linux has /proc/<pid>"


def test_a_stored_copy(tmp_path: Path) -> None:
    path = tmp_path / "maps"
    path.write_bytes(LINE.encode() + b"\n")
    (map_,) = procmaps.from_path(path)
    assert [map_] == procmaps.from_path(str(path)) == procmaps.from_str(LINE)
    assert procmaps.AddressSpace.from_path(path).find(0x1000) == map_


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "absent"
    with pytest.raises(FileNotFoundError) as caught:
        procmaps.from_path(path)
    assert (caught.value.errno, caught.value.filename) == (2, str(path))


@pytest.mark.parametrize("words", [[], ["show", "1"], ["show", "1", "--raw"]])
def test_the_command(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "procmaps", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"procmaps: {ANSWER.format('maps')}: give a file with maps as the target\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
