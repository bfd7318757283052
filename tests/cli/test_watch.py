"""`procmaps watch`: what a process costs while it runs."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.children import Child, child, python, wait_until
from support.command import COMMAND, EXAMPLE, environment, on_terminal, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.needs_programs, pytest.mark.needs_processes]

MIB = 1 << 20
TITLES = "pss since start since last rss uss swap kind"
# Takes 32 MiB with each line that it reads.
GROWS = """
    import sys
    kept = []
    print(flush=True)
    for line in sys.stdin:
        kept.append(b"x" * (32 << 20))
        print(flush=True)
"""


@contextmanager
def growing() -> Iterator[Child]:
    with child(*python(GROWS)) as grows:
        grows.line()
        yield grows


@contextmanager
def watching(pid: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "watch", str(pid), "--interval", "0.1", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as command:
        try:
            yield command
        finally:
            command.kill()


def end_of(command: subprocess.Popen[str], grows: Child) -> tuple[str, str]:
    """Let the watched process end, and return what the command wrote since."""
    grows.process.kill()
    grows.process.wait()
    written = rest_of(command)
    assert command.returncode == 0
    return written


def rest_of(command: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what is not read yet; communicate() would leave out what is buffered."""
    assert command.stdout is not None
    assert command.stderr is not None
    written = command.stdout.read(), command.stderr.read()
    command.wait(timeout=60)
    return written


def test_lines_are_appended_for_what_changes() -> None:
    with growing() as grows, watching(grows.pid) as command:
        assert command.stdout is not None
        titles = command.stdout.readline()
        assert titles.split() == ["time", *TITLES.split()]
        first = [command.stdout.readline()]
        while not first[-1].endswith("in all\n"):
            first.append(command.stdout.readline())
        kinds = [line.split()[-1] for line in first[:-1]]
        assert {"anonymous", "heap", "file", "stack"} <= set(kinds)
        assert "+" not in "".join(first)
        grows.tell()
        grows.line()
        grown = ""
        while "+32" not in grown or not grown.endswith("in all\n"):
            grown += command.stdout.readline()
        out, err = end_of(command, grows)
    changed = [line for line in grown.splitlines() if "+32" in line]
    assert changed[0].endswith("  anonymous")
    assert changed[1].endswith("  in all")
    assert "stack" not in grown
    assert (
        err == f"procmaps: process {grows.pid} has ended, or executes another program\n"
    )
    assert out.count("+32") <= 2 * out.count("in all")


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv"])
def test_records_have_sizes_and_their_changes(form: str) -> None:
    with growing() as grows, watching(grows.pid, form, "--by", "module") as command:
        assert command.stdout is not None
        begin = command.stdout.readline()
        # In CSV that were the titles.
        begin += (line := command.stdout.readline())
        grows.tell()
        grows.line()
        grown = time.time()
        while not (when := re.search(r"\d{10}\.\d+", line)) or float(when[0]) < grown:
            line = command.stdout.readline()
            begin += line
        out, _ = end_of(command, grows)
    text = begin + out
    looks: list[dict[str, Any]]
    if form == "--csv":
        looks = list(csv.DictReader(io.StringIO(text)))
    elif form == "--json":
        looks = json.loads(text)
    else:
        looks = [json.loads(line) for line in text.splitlines()]
    anonymous = [each for each in looks if each["kind"] == "anonymous"]
    assert int(anonymous[0]["pss_since_start"]) == 0
    # A process that is ending has some of its memory still.
    most = max(anonymous, key=lambda each: int(each["pss"]))
    assert 32 * MIB <= int(most["pss_since_start"]) < 33 * MIB
    for each in (most, anonymous[-1]):
        assert int(each["pss"]) - int(anonymous[0]["pss"]) == int(
            each["pss_since_start"]
        )
    steps = sum(int(each["pss_since_last"]) for each in anonymous)
    assert steps == int(anonymous[-1]["pss_since_start"])
    times = [float(each["time"]) for each in anonymous]
    assert times == sorted(times)
    assert any(str(each["module"]).endswith(".so.6") for each in looks)


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal_the_table_stays_in_place(columns: int) -> None:
    with growing() as grows:
        assert grows.process.stdin is not None
        pipe = grows.process.stdin.fileno()
        # Lets it grow after the first look, and ends it after some more.
        driver = f"""
            import os, sys, threading, time
            import procmaps.cli
            def drive():
                time.sleep(1.0); os.write({pipe}, b"\\n")
                time.sleep(1.5); os.kill({grows.pid}, 9)
            threading.Thread(target=drive).start()
            sys.exit(procmaps.cli.main(sys.argv[1:]))
        """
        terminal = on_terminal(
            *("watch", str(grows.pid), "--interval=0.2", "--color=never"),
            columns=columns,
            command=tuple(map(str, python(driver))),
            pass_fds=(pipe,),
        )
    lines = [line for line in terminal.lines if line]
    assert lines[0].split() == TITLES.split()
    assert sum("since start" in line for line in terminal.lines) == 1
    (anonymous,) = [line for line in lines if line.endswith(" anonymous")]
    assert "+32" in anonymous
    assert " in all at " in lines[-2]
    assert lines[-1].startswith(f"procmaps: process {grows.pid} has ended")
    assert terminal.received.count(b"since start") >= 5


def test_control_c_ends_it_and_the_document_is_whole() -> None:
    with growing() as grows, watching(grows.pid, "--json") as command:
        assert command.stdout is not None
        begin = command.stdout.readline()
        command.send_signal(signal.SIGINT)
        out, err = rest_of(command)
    assert (command.returncode, err) == (130, "")
    assert len(json.loads(begin + out)) >= 1


def test_a_reader_that_has_seen_enough_ends_it() -> None:
    with growing() as grows, watching(grows.pid, "--jsonl") as command:
        assert command.stdout is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.wait(timeout=60) == 0
        assert command.stderr is not None
        assert command.stderr.read() == ""


def test_another_program_ends_it() -> None:
    code = """
        import os, sys
        print(flush=True); sys.stdin.readline(); os.execv("/bin/cat", ["cat"])
    """
    with child(*python(code)) as other:
        other.line()
        with watching(other.pid) as command:
            assert command.stdout is not None
            command.stdout.readline()
            other.tell()
            program = Path(f"/proc/{other.pid}/exe")
            wait_until(lambda: program.readlink().name == "cat")
            _, err = rest_of(command)
    assert command.returncode == 0
    assert "executes another program" in err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([str(EXAMPLE)], 1, f'"{EXAMPLE}" is no living process: give a process id'),
        (["-"], 1, '"-" is no living process: give a process id, or self'),
        ([str(2**31)], 1, f"no process {2**31}: "),
        (["1", "--interval", "0"], 2, 'expected seconds such as 2 or 0.5, found "0"'),
        (["1", "--interval", "-1"], 2, 'expected seconds such as 2 or 0.5, found "-1"'),
        (["1", "--by", "map"], 2, "invalid choice: 'map'"),
    ],
)
def test_what_cannot_be_watched(words: list[str], status: int, said: str) -> None:
    done = run("watch", *words, env={"COLUMNS": "1000"})
    assert (done.returncode, done.stdout) == (status, b"")
    assert said in done.stderr.decode()


def test_it_may_be_watched_through_another_mount_of_proc(tmp_path: Path) -> None:
    done = run("watch", "self", "--proc", str(tmp_path))
    assert done.returncode == 1
    assert b"Not a mount of procfs" in done.stderr
