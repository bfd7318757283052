"""The target `all`: show, find and usage over every process of the machine."""

from __future__ import annotations

import csv
import io
import json
import mmap
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps.cli.render.text import cells
from support.children import child, python
from support.command import COMMAND, on_terminal, rows_on, run

pytestmark = [pytest.mark.needs_programs, pytest.mark.needs_processes]

# Maps the file writable and executable at once, in a private copy.
MAPS_FILE = """
    import mmap, sys
    with open(sys.argv[1], "rb") as file:
        access = {"flags": mmap.MAP_PRIVATE, "prot": int(sys.argv[2])}
        kept = mmap.mmap(file.fileno(), 0, **access)
    print(flush=True); sys.stdin.read()
"""
ALL = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC


def records(*words: str) -> list[dict[str, Any]]:
    done = run(*words, "--json")
    assert done.returncode == 0
    result: list[dict[str, Any]] = json.loads(done.stdout)
    return result


def rows_of(*words: str) -> list[dict[str, str]]:
    text = run(*words, "--csv").stdout.decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_what_is_writable_and_executable_anywhere(tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_bytes(bytes(mmap.PAGESIZE))
    with child(*python(MAPS_FILE, file, str(ALL))) as other:
        other.line()
        found = records("show", "all", "--perms", "?wx?")
        program = str(Path(f"/proc/{other.pid}/exe").readlink())
        table = run("show", "all", "--perms", "?wx").stdout.decode().splitlines()
        # What grep finds in the text of the kernel.
        grep = subprocess.run(
            f"grep -l ' .wx' /proc/{other.pid}/maps /proc/{os.getpid()}/maps",
            shell=True,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
    own = [record for record in found if record["pid"] == other.pid]
    assert [record["path"] for record in own] == [str(file)]
    assert own[0]["program"] == program
    assert all(record["permissions"][1:3] == "wx" for record in found)
    assert f"/proc/{other.pid}/maps" in grep
    (row,) = [row for row in table if row.endswith(str(file))]
    assert row.split()[:2] == [str(other.pid), program.rpartition("/")[2][:15]]
    assert row.split()[-2] == "rwxp!"


def test_who_still_uses_a_deleted_file(tmp_path: Path) -> None:
    file = tmp_path / "libold.so"
    file.write_bytes(bytes(mmap.PAGESIZE))
    with child(*python(MAPS_FILE, file, str(mmap.PROT_READ))) as other:
        other.line()
        before = records("show", "all", "--deleted", "--path", str(file))
        file.unlink()
        found = records("show", "all", "--deleted", "--by", "module")
        rows = rows_of("show", "all", "--deleted")
        table = run("show", "all", "--deleted", "--by", "module").stdout.decode()
    assert before == []
    assert [each["pid"] for each in found if each["path"] == str(file)] == [other.pid]
    assert all(each["is_deleted"] for each in found)
    assert [row["pid"] for row in rows if row["path"] == str(file)] == [str(other.pid)]
    (row_,) = [line for line in table.splitlines() if f"{file} (deleted)" in line]
    assert row_.split()[0] == str(other.pid)


def test_what_lies_at_an_address_in_each_process() -> None:
    with child(*python("import sys; print(flush=True); sys.stdin.read()")) as other:
        other.line()
        space = procmaps.AddressSpace.from_pid(other.pid)
        stack = next(map_ for map_ in space if map_.kind == "stack")
        address = stack.end_address - 8
        found = records("find", "all", hex(address))
        table = run("find", "all", hex(address)).stdout.decode().splitlines()
        rows = rows_of("find", "all", hex(address))
    (own,) = [each for each in found if each["pid"] == other.pid]
    assert own["location"] == str(space.resolve(address))
    assert own["map"]["pathname"] == "[stack]"
    assert own["module"] is None
    assert [row["location"] for row in rows if row["pid"] == str(other.pid)] == [
        own["location"]
    ]
    (line,) = [line for line in table if line.split()[0] == str(other.pid)]
    assert line.split()[-1] == own["location"]
    assert not any("not mapped" in line for line in table)


@pytest.mark.parametrize("by", ["map", "path", "module", "kind"])
def test_usage_of_all_is_that_of_each(by: str) -> None:
    with child(*python("import sys; print(flush=True); sys.stdin.read()")) as other:
        other.line()
        found = records("usage", "all", "--by", by)
        single = records("usage", str(other.pid), "--by", by)
    own = [each for each in found if each["pid"] == other.pid]
    assert len({each["pid"] for each in found}) >= 2
    for each in own:
        del each["pid"], each["program"]

    def names(each: dict[str, Any]) -> str:
        return str([each.get(name) for name in ("map", "path", "module", "kind")])

    assert {names(each) for each in own} == {names(each) for each in single}
    for field in ("size", "rss"):
        assert sum(e[field] for e in own) == sum(e[field] for e in single)


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "words",
    [
        ["show", "all"],
        ["show", "all", "--by", "module"],
        ["usage", "all"],
        ["usage", "all", "--by", "module"],
        ["find", "all", "ffffffffff600000"],
    ],
)
def test_no_row_is_wider_than_the_terminal(words: list[str], columns: int) -> None:
    rows = rows_on(on_terminal(*words, "--color=never", columns=columns))
    assert max(map(cells, rows)) <= columns
    assert rows[0].split()[:2] == ["pid", "program"]


def test_raw_lines_do_not_say_whose_they_are() -> None:
    done = run("show", "all", "--raw")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == (
        b"procmaps: --raw lines do not say whose they are: give one process\n"
    )


def test_processes_that_end_meanwhile_are_left_out() -> None:
    with subprocess.Popen(
        ["sh", "-c", "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i + 1)); done"]
    ) as churn:
        for _ in range(4):
            done = run("top", "--json")
            assert done.returncode == 0
            json.loads(done.stdout)
        churn.kill()


# Maps a file outside of the folders that checkrestart leaves out, and replaces it as
# an upgrade does.
UPGRADED = """
    import mmap, os, subprocess, sys
    path = "/srv/libold.so"
    for _ in range(2):
        with open(f"{path}.new", "wb") as file:
            file.write(bytes(8192))
        os.rename(f"{path}.new", path)
        with open(path, "rb") as file:
            flags = {"flags": mmap.MAP_PRIVATE, "prot": mmap.PROT_READ}
            kept = kept if "kept" in vars() else mmap.mmap(file.fileno(), 0, **flags)
    print(os.getpid(), flush=True)
    subprocess.call([*sys.argv[1:], "show", "all", "--deleted", "--jsonl"])
    subprocess.call(["checkrestart", "-n", "-a", "-v"], stderr=subprocess.DEVNULL)
    print("again", flush=True)
    subprocess.call([*sys.argv[1:], "show", "all", "--deleted", "--jsonl"])
"""


def test_stale_libraries_agree_with_checkrestart() -> None:
    shutil.which("checkrestart") or pytest.skip("checkrestart is not installed")
    script = 'mount -t tmpfs none /srv && exec "$@"'
    mounted = ("unshare", "--mount", "sh", "-c", script)
    tried = subprocess.run([*mounted, "sh", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("no file system may be mounted here")
    text = subprocess.check_output(
        [*mounted, "sh", *python(UPGRADED, *COMMAND)],
        text=True,
        stderr=subprocess.DEVNULL,
    )
    pid = int(text.split()[0])
    theirs: dict[int, set[str]] = {}
    for line in text.splitlines():
        if found := re.search(r"\(PID: (\d+)\)", line):
            files = theirs.setdefault(int(found[1]), set())
        elif line.startswith("\t") and line.endswith(" (deleted)"):
            # What is mapped has no folder there: pmap tells it.
            files.add(line.strip().rpartition("/")[2])
    # What was deleted before checkrestart looked, and was still in use after it.
    before, after = (
        {
            (record["pid"], record["pathname"])
            for record in map(json.loads, re.findall(r"^\{.*", part, re.MULTILINE))
        }
        for part in text.split("\nagain\n")
    )
    ours: dict[int, set[str]] = {}
    for number, name in before & after:
        ours.setdefault(number, set()).add(name)
    assert ours[pid] == {"/srv/libold.so (deleted)"}
    assert theirs[pid] == {"libold.so (deleted)"}
    left_out = ("/tmp/", "/var/", "/dev/", "/run/", "/memfd:", "/SYSV")
    # It passes over a process with a single deleted file.
    for number in ours.keys() & theirs.keys():
        wanted = {
            name.rpartition("/")[2]
            for name in ours[number]
            if not name.startswith(left_out)
        }
        assert wanted <= theirs[number]
