"""`procmaps top`: what memory costs over all processes of the machine."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from procmaps.cli.render.text import cells
from support.children import NOBODY, child, python
from support.command import COMMAND, environment, on_terminal, rows_on, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.needs_programs, pytest.mark.needs_processes]

MIB = 1 << 20
HOLDS = 96 * MIB
# Memory that it has written to, and a library that nobody else has.
CODE = f"""
    import mmap, sys
    kept = bytearray({HOLDS})
    with open(sys.argv[1], "r+b") as file:
        library = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE)
    library[:] = b"x" * len(library)
    print(flush=True); sys.stdin.read()
"""


@contextmanager
def holder(folder: Path) -> Iterator[int]:
    """Give the pid of a process that holds HOLDS bytes and 4 MiB of a file."""
    library = folder / "libheld.so"
    if not library.exists():
        library.write_bytes(bytes(4 * MIB))
    with child(*python(CODE, library)) as other:
        other.line()
        yield other.pid


def listed(*words: str) -> list[dict[str, Any]]:
    done = run("top", *words, "--json")
    assert done.returncode == 0
    records: list[dict[str, Any]] = json.loads(done.stdout)
    return records


def kernel_sums(pid: int) -> dict[str, int]:
    """Read what the kernel adds up, without this package, in bytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {
        name: int(size) * 1024
        for name, size in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)
    }


def test_a_process_costs_what_the_kernel_adds_up(tmp_path: Path) -> None:
    with holder(tmp_path) as pid:
        (record,) = [each for each in listed() if each["pid"] == pid]
        kernel = kernel_sums(pid)
        program = str(Path(f"/proc/{pid}/exe").readlink())
    for field, name in (("pss", "Pss"), ("rss", "Rss"), ("swap", "Swap")):
        assert record[field] == pytest.approx(kernel[name], abs=MIB)
    private = kernel["Private_Clean"] + kernel["Private_Dirty"]
    assert record["uss"] == pytest.approx(private, abs=MIB)
    assert record["program"] == program
    assert record["user"] == pwd.getpwuid(os.geteuid()).pw_name


@pytest.mark.parametrize("by", ["process", "program", "user", "module", "kind"])
@pytest.mark.parametrize("size", ["pss", "uss", "rss", "swap"])
def test_rows_are_in_order_and_all_forms_agree(by: str, size: str) -> None:
    words = ("--by", by, "--sort", size)
    records = listed(*words)
    sizes = [record[size] for record in records]
    assert sizes == sorted(sizes, reverse=True)
    assert len(records) >= 1
    done = run("top", *words, "--csv")
    row = next(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert row.keys() == records[0].keys()
    table = answer_or_denied("top", *words).splitlines()
    assert table[-1].endswith("in all")
    assert set(table[0].split()) >= {"pss", "uss", "rss", "swap"}


def answer_or_denied(*words: str) -> str:
    """Return what is printed; what may not be read may be counted beside it."""
    done = run(*words)
    assert done.returncode == 0
    assert re.fullmatch(
        rb"(procmaps: \d+ of \d+ processes may not be read.*\n)?", done.stderr
    )
    return done.stdout.decode()


def test_groups_hold_what_their_processes_do(tmp_path: Path) -> None:
    with holder(tmp_path) as pid, holder(tmp_path):
        program = str(Path(f"/proc/{pid}/exe").readlink())
        user = pwd.getpwuid(os.geteuid()).pw_name
        (by_program,) = [e for e in listed("--by=program") if e["program"] == program]
        (by_user,) = [e for e in listed("--by=user") if e["user"] == user]
        modules = listed("--by=module")
        kinds = listed("--by=kind")
    library = str(tmp_path / "libheld.so")
    (held,) = [each for each in modules if each["module"] == library]
    assert (held["processes"], held["kind"]) == (2, "file")
    assert held["uss"] == held["pss"] == 8 * MIB
    (anonymous,) = [
        e for e in modules if (e["module"], e["kind"]) == (None, "anonymous")
    ]
    (same,) = [each for each in kinds if each["kind"] == "anonymous"]
    for record in (by_program, by_user, anonymous, same):
        assert record["processes"] >= 2
        assert record["uss"] >= 2 * HOLDS


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal(columns: int, tmp_path: Path) -> None:
    with holder(tmp_path):
        words = ("top", "-n", "1", "--sort", "uss", "--color", "never")
        rows = rows_on(on_terminal(*words, columns=columns))
    assert max(map(cells, rows)) <= columns
    title, first, more, total = rows[:4]
    assert title.split() == ["pid", "user", "pss", "uss", "rss", "swap", "program"]
    assert first.split()[0].isdigit()
    assert more.endswith(" more")
    assert total.endswith("in all")


def as_nobody(
    *words: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user without rights, if root runs the tests."""
    if os.geteuid() != 0:
        pytest.skip("only root can become someone else")
    code = f"""
        import json, locale, os, pwd, sys
        import procmaps.cli.commands.top, procmaps.processes
        # What is imported later is not there for everyone.
        procmaps.cli.parser.whole_parser().format_help()
        os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
        sys.exit(procmaps.cli.main(sys.argv[1:]))
    """
    return subprocess.run(
        [*before, *python(code, *words)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("words", [["top"], ["show", "all"], ["usage", "all"]])
def test_as_nobody_what_may_not_be_read_is_counted(words: list[str]) -> None:
    done = as_nobody(*words, "--json")
    assert done.returncode == 0
    counted = re.fullmatch(
        r"procmaps: (\d+) of (\d+) processes may not be read: "
        r"run as root, or with CAP_SYS_PTRACE\n",
        done.stderr,
    )
    assert counted is not None
    pids = {record["pid"] for record in json.loads(done.stdout)}
    assert os.getpid() not in pids
    assert len(pids) + int(counted[1]) <= int(counted[2])


def test_what_is_hidden_is_not_there() -> None:
    """With hidepid a user sees only the processes that are his."""
    script = 'mount -t proc -o hidepid=2 none /mnt && exec "$@"'
    hidden = ("unshare", "--mount", "sh", "-c", script, "sh")
    tried = subprocess.run([*hidden, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("no procfs may be mounted here")
    done = as_nobody("top", "--json", "--proc", "/mnt", before=hidden)
    assert (done.returncode, done.stderr) == (0, "")
    assert {record["user"] for record in json.loads(done.stdout)} <= {"nobody"}


def test_through_another_mount_of_proc(tmp_path: Path) -> None:
    other = tmp_path / "proc"
    other.mkdir()
    script = 'mount --rbind /proc "$1" && shift && exec "$@"'
    command = ("unshare", "--mount", "sh", "-c", script, "sh", str(other))
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    with holder(tmp_path) as pid:
        for words in (
            ["top", "--json"],
            ["usage", str(pid), "--json"],
            ["usage", "all", "--json", "--min-size=90M"],
            ["show", str(pid), "--json"],
            ["show", "all", "--json", "--path=libheld.so"],
        ):
            text = subprocess.check_output(
                [*command, *COMMAND, *words, "--proc", str(other)],
                env=environment(),
                stderr=subprocess.DEVNULL,
            )
            records = json.loads(text)
            assert len(records) >= 1
            if "pid" in records[0]:
                assert pid in [record["pid"] for record in records]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["top"], "Not a mount of procfs"),
        (["show", "all"], "Not a mount of procfs"),
        (["show", "1"], "Not a mount of procfs"),
        (["usage", "self"], "Not a mount of procfs"),
        (["find", "all", "0"], "Not a mount of procfs"),
    ],
)
def test_what_is_no_procfs(words: list[str], said: str, tmp_path: Path) -> None:
    done = run(*words, "--proc", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        f'procmaps: cannot read processes from "{tmp_path}": {said}; '
        "give --proc a mount of procfs, such as /host/proc\n"
    )


def test_totals_agree_with_smem(tmp_path: Path) -> None:
    smem = shutil.which("smem") or pytest.skip("smem is not installed")
    with holder(tmp_path) as pid:
        text = subprocess.check_output([smem, "-H", "-c", "pid pss uss rss"], text=True)
        rows = {int(row.split()[0]): row.split()[1:] for row in text.splitlines()}
        records = {record["pid"]: record for record in listed()}
        maps = [smem, "-a", "-m", "-H", "-c", "map pss"]
        by_file = subprocess.check_output(maps, text=True)
        modules = listed("--by=module")
    for size, field in zip(rows[pid], ("pss", "uss", "rss")):
        assert records[pid][field] == pytest.approx(int(size) * 1024, abs=2 * MIB)
    library = str(tmp_path / "libheld.so")
    (line,) = [line for line in by_file.splitlines() if line.split()[0] == library]
    (module,) = [each for each in modules if each["module"] == library]
    assert module["pss"] == int(line.split()[1]) * 1024


def test_totals_agree_with_ps_mem(tmp_path: Path) -> None:
    ps_mem = Path(sys.executable).with_name("ps_mem")
    if not ps_mem.exists() or os.geteuid() != 0:
        pytest.skip("ps_mem is not installed, or needs root")
    with holder(tmp_path) as pid:
        text = subprocess.check_output([ps_mem, "-p", str(pid)], text=True)
        (record,) = [each for each in listed() if each["pid"] == pid]
    sums = r"^ *([\d.]+) MiB \+ +[\d.]+ .iB = +([\d.]+) MiB"
    row = re.search(sums, text, re.MULTILINE)
    assert row is not None
    assert record["uss"] == pytest.approx(float(row[1]) * MIB, abs=2 * MIB)
    assert record["pss"] == pytest.approx(float(row[2]) * MIB, abs=2 * MIB)


def test_progress_is_shown_on_a_terminal_while_it_takes_long() -> None:
    slow = (
        "import sys, time, procmaps, procmaps.cli\n"
        "from procmaps.cli.render import progress\n"
        "progress.PATIENCE = 0.0\n"
        "{}"
        "sys.exit(procmaps.cli.main(['top', '--color', 'never']))"
    )
    without = "sys.modules.update(rich=None)\n"
    command = (sys.executable, "-c", slow.format(without))
    bare = on_terminal(command=command, columns=100)
    assert re.search(rb"\rreading processes: \d+ of \d+", bare.received)
    assert bare.lines[0].split()[:2] == ["pid", "user"]
    command = (sys.executable, "-c", slow.format(""))
    rich = on_terminal(command=command, columns=100)
    assert b"reading processes" in rich.received
    assert rich.lines[0].split()[:2] == ["pid", "user"]
    assert b"reading" not in run("top").stderr
