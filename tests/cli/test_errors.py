"""What the command says when something is wrong, and how it exits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import procmaps
from support.children import NOBODY, child, ended_pid, wait_until, zombie
from support.command import (
    COMMAND,
    EXAMPLE,
    answer,
    environment,
    on_terminal,
    run,
    started,
)

pytestmark = pytest.mark.needs_programs

# What argparse says of a word that is nearly one it knows.
GUESS = ", maybe you meant 'show'?" if sys.version_info >= (3, 15) else ""
FORMS = [[], ["--raw"], ["--json"], ["--jsonl"], ["--csv"]]


def complaint(*words: str | bytes, **options: Any) -> str:
    """Return the one line that the command writes when it fails."""
    done = run(*words, **options)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"procmaps: ")
    assert done.stderr.count(b"\n") == 1
    return done.stderr.decode()[len("procmaps: ") : -1]


@pytest.mark.needs_processes
@pytest.mark.parametrize("form", FORMS)
def test_a_process_that_has_ended(form: list[str]) -> None:
    pid = ended_pid()
    assert complaint("show", str(pid), *form) == (
        f"no process {pid}: it may have ended, `ps -e` lists those that run"
    )


@pytest.mark.needs_processes
@pytest.mark.parametrize("pid", ["0", str(2**31), str(2**70), "9" * 5000])
def test_a_number_that_is_no_process(pid: str) -> None:
    assert complaint("show", pid).startswith(f"no process {pid}: ")


@pytest.mark.needs_processes
def test_a_target_that_vanishes_while_it_is_asked() -> None:
    for _ in range(5):
        with (
            child("sleep", "60") as process,
            started("show", str(process.pid)) as command,
        ):
            process.process.kill()
            out, err = command.communicate()
        if command.returncode == 0:
            assert out.endswith(b"in all\n")
        else:
            assert (command.returncode, out) == (1, b"")
            assert err.startswith(f"procmaps: no process {process.pid}: ".encode())


@pytest.mark.needs_processes
def test_another_users_process() -> None:
    # The first process is root's. Root itself becomes someone else.
    target, become = "1", ""
    if os.geteuid() == 0:
        target = str(os.getpid())
        become = f"import os; os.setgid({NOBODY}); os.setuid({NOBODY})\n"
    code = (
        "import procmaps.cli.target\n"
        "import procmaps.cli.render.output, procmaps.cli.render.text\n"
        f"{become}raise SystemExit(procmaps.cli.main(['{target}']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        f"procmaps: no permission to read the maps of {target}: "
        "run as its owner, or with CAP_SYS_PTRACE\n"
    )


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert complaint("show", "nowhere") == (
        'no file "nowhere": give a process id, self, '
        "a file with maps, or - for standard input"
    )
    assert complaint("show", "") == complaint("") != ""
    assert complaint("show", f"/proc/{os.getpid()}") == (
        f'"/proc/{os.getpid()}" is a directory: '
        f'give a file with maps, such as "/proc/{os.getpid()}/maps"'
    )
    assert complaint("show", f"{EXAMPLE}/x") == (
        f'cannot read "{EXAMPLE}/x": Not a directory'
    )
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert complaint(str(loop)).startswith(f'cannot read "{loop}": ')


def test_text_that_is_no_maps_file() -> None:
    with pytest.raises(procmaps.ParseError) as error:
        procmaps.from_bytes(b"1000-2000 r--p 0 8:1 1\nhello\n")
    for form in FORMS:
        assert complaint("show", "-", *form, stdin=b"1-2 r--p 0 8:1 1\nhello\n") == (
            f"standard input: {error.value}; expected a copy of /proc/PID/maps"
        )


def test_complaints_hold_no_control_characters(tmp_path: Path) -> None:
    name = tmp_path / "\x1b[31m\n"
    assert complaint("show", str(name)).startswith(
        f'no file "{tmp_path}/\\x1b[31m\\x0a"'
    )
    assert "\\x1b]0;" in complaint("show", "-", stdin=b"\x1b]0;title\x07\n")
    assert '"\\xff"' in complaint("show", b"\xff")
    done = run("show", "1", "\x1b[31m")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"\\x1b[31m" in done.stderr
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shwo", "1"], f"invalid choice: 'shwo'{GUESS} (choose from "),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["find"], "the following arguments are required: TARGET, ADDRESS"),
        (["usage", "1", "-n", "-1"], 'such as 20, or 0 for all, found "-1"'),
        (["show", "1", "2"], "unrecognized arguments: 2"),
        (["show", "1", "--json", "--csv"], "not allowed with argument"),
        (["show", "1", "--kind", "x"], "argument --kind: invalid choice: 'x'"),
        (
            ["show", "1", "--perms", "xwr"],
            (
                "argument --perms: expected r, w and x or - each in its place, "
                "then s or p or nothing, and ? for either, such as rwx or r-?p, "
                'found "xwr"'
            ),
        ),
        (
            ["show", "1", "--address", "-1"],
            (
                "argument --address: expected an address in hexadecimal, "
                'with or without 0x, at most 64 bits, found "-1"'
            ),
        ),
        (
            ["show", "1", "--address", "12345678123456781"],
            (
                "argument --address: expected an address in hexadecimal, "
                'with or without 0x, at most 64 bits, found "12345678123456781"'
            ),
        ),
        (["show", "1", "--address", "1_0"], 'at most 64 bits, found "1_0"'),
        (
            ["show", "1", "--min-size", "1.5M"],
            (
                "argument --min-size: expected a size such as 4096, 64K or 1M, "
                'found "1.5M"'
            ),
        ),
        (["show", "1", "--color", "blue"], "argument --color: invalid choice: 'blue'"),
    ],
)
def test_usage_errors_exit_with_2(words: list[str], said: str) -> None:
    done = run(*words, env={"COLUMNS": "1000"})
    assert (done.returncode, done.stdout) == (2, b"")
    usage, error = done.stderr.decode().rsplit("\n", 2)[:2]
    assert usage.startswith("usage: python -m procmaps")
    assert said in error


@pytest.mark.parametrize("words", [[], ["--csv"], ["--raw"], ["--json"], ["--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(words: list[str]) -> None:
    with started("show", "-", *words) as command:
        assert command.stdout is not None
        command.stdout.close()
        command.stdout = None
        _, err = command.communicate(EXAMPLE.read_bytes() * 1000)
    assert (command.returncode, err) == (0, b"")


def test_control_c_exits_with_130_and_says_nothing() -> None:
    with started("show", "-") as command:
        wait_until(lambda: reads_input(command.pid))
        command.send_signal(signal.SIGINT)
        out, err = command.communicate()
    assert (command.returncode, out, err) == (130, b"", b"")


def reads_input(pid: int) -> bool:
    """Tell whether a process waits in read(0, ...), whose number is 0, 3 or 63."""
    call = Path(f"/proc/{pid}/syscall").read_text().split()
    return call[0] in {"0", "3", "63"} and call[1] == "0x0"


BUFFERS: list[dict[str, str]] = [{}, {"PYTHONUNBUFFERED": "1"}]


@pytest.mark.parametrize("env", BUFFERS)
def test_an_output_that_does_not_wait(env: dict[str, str]) -> None:
    """A pipe that holds no more, and says so."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    done = subprocess.run(
        [*COMMAND, "-"],
        input=EXAMPLE.read_bytes() * 1000,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment(env),
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    complaint = b"cannot write to standard output: Resource temporarily unavailable"
    assert (done.returncode, done.stderr) == (1, b"procmaps: " + complaint + b"\n")


@pytest.mark.parametrize("env", BUFFERS)
@pytest.mark.parametrize("first", [b"", b"1000-2000 r--p 0 8:1 1\n"])
def test_an_input_that_does_not_wait(env: dict[str, str], first: bytes) -> None:
    """What is there already is not taken for all that will come."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    os.write(theirs, first)
    done = subprocess.run(
        [*COMMAND, "-"],
        stdin=ours,
        capture_output=True,
        env=environment(env),
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        b"",
        b"procmaps: cannot read standard input: Resource temporarily unavailable\n",
    )


def closed(descriptor: int, *words: str) -> subprocess.CompletedProcess[bytes]:
    line = f'exec {descriptor}>&-; exec "$@"'
    return subprocess.run(
        ["sh", "-c", line, "sh", *COMMAND, *words],
        capture_output=True,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("form", FORMS)
def test_an_output_that_is_closed(form: list[str]) -> None:
    done = closed(1, "show", str(EXAMPLE), *form)
    assert (done.returncode, done.stderr) == (
        1,
        b"procmaps: standard output is closed: give it a file or a pipe\n",
    )


def test_other_descriptors_that_are_closed() -> None:
    assert closed(0, "show", "-").stderr == (
        b"procmaps: standard input is closed: give a file instead of -\n"
    )
    done = closed(2, "show", "nowhere")
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.needs_processes
def test_a_zombie_has_no_maps() -> None:
    with zombie() as pid:
        assert answer(str(pid)) == ""
        assert answer("show", str(pid), "--json") == "[]\n"


def test_errors_on_a_terminal_are_one_line() -> None:
    assert on_terminal("show", "nowhere", columns=200).lines[:2] == [
        (
            'procmaps: no file "nowhere": give a process id, self, a file with maps, '
            "or - for standard input"
        ),
        "",
    ]
