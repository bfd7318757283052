"""Completion in a real shell, typed on a terminal."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyte
import pytest

from procmaps.cli import COMMANDS
from support.command import COMMAND, answer, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.needs_programs

PATIENCE = 30.0
COLUMNS, LINES = 200, 50


class Bash:
    """An interactive bash on a terminal."""

    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)

    def press(self, keys: str, expected: str) -> None:
        """Press keys, and wait until a line of the screen begins like this."""
        os.write(self.terminal, keys.encode())
        end = time.monotonic() + PATIENCE
        while not any(line.startswith(expected) for line in self.screen.display):
            assert time.monotonic() < end, "\n".join(self.screen.display).rstrip()
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.stream.feed(os.read(self.terminal, 65536))

    def clear(self) -> None:
        """Empty the line and the screen: Ctrl-U, Ctrl-L."""
        os.write(self.terminal, b"\x15\x0c")
        self.screen.reset()


@contextmanager
def bash(folder: Path) -> Iterator[Bash]:
    script = folder / "procmaps.bash"
    script.write_text(answer("completion", "bash"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=environment({"PS1": "$ ", "INPUTRC": "/dev/null"}),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shell = Bash(ours)
        shell.press("bind 'set enable-bracketed-paste off'\n", "$ bind")
        shell.press(f"source {script.name}; echo ready\n", "ready")
        shell.clear()
        yield shell
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bash]:
    folder = tmp_path_factory.mktemp("completion")
    (folder / "core.maps").write_text("")
    with bash(folder) as started:
        yield started


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("procmaps sh\t", "$ procmaps show "),
        ("procmaps show --js\t\t", "$ procmaps show --json"),
        ("procmaps show --min\t", "$ procmaps show --min-size "),
        ("procmaps show --kind shared\t", "$ procmaps show --kind shared_memory "),
        ("procmaps show --color al\t", "$ procmaps show --color always "),
        ("procmaps show cor\t", "$ procmaps show core.maps "),
        ("procmaps show sel\t", "$ procmaps show self "),
        (f"procmaps show {os.getpid()}\t", f"$ procmaps show {os.getpid()}"),
        ("procmaps completion z\t", "$ procmaps completion zsh "),
    ],
)
def test_bash_completes(shell: Bash, typed: str, completed: str) -> None:
    shell.press(typed, completed)
    shell.clear()


def test_bash_lists_every_command_and_processes(shell: Bash) -> None:
    shell.press("procmaps \t\t", min(COMMANDS))
    assert set(COMMANDS) <= set(" ".join(shell.screen.display).split())
    shell.clear()


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell_knows_commands_and_options(shell_name: str) -> None:
    script = answer("completion", shell_name)
    for word in ["procmaps", *COMMANDS, "min-size", "shared_memory"]:
        assert word in script


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("procmaps sho", "show"),
        ("procmaps show sel", "self"),
        ("procmaps show cor", "core.maps"),
        ("procmaps diff core.maps cor", "core.maps"),
        ("procmaps show --min", "--min-size"),
        ("procmaps completion z", "zsh"),
    ],
)
def test_fish_completes(typed: str, completed: str, tmp_path: Path) -> None:
    fish = shutil.which("fish") or pytest.skip("fish is not installed")
    (tmp_path / "core.maps").write_text("")
    (tmp_path / "script").write_text(answer("completion", "fish"))
    given = subprocess.check_output(
        [fish, "--no-config", "-c", f"source script; complete -C '{typed}'"],
        cwd=tmp_path,
        text=True,
        env=environment({"HOME": str(tmp_path)}),
    )
    assert completed in [line.split("\t")[0] for line in given.splitlines()]


@pytest.mark.parametrize(
    "load",
    [
        "source script",
        'eval "$(cat script)"',
        "source <(cat script)",
        "autoload -Uz +X _procmaps",
    ],
)
def test_zsh_knows_the_command(load: str, tmp_path: Path) -> None:
    zsh = shutil.which("zsh") or pytest.skip("zsh is not installed")
    for name in ("script", "_procmaps"):
        (tmp_path / name).write_text(answer("completion", "zsh"))
    lines = f"""
        fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D
        {"" if "+X" in load else "unset '_comps[procmaps]'"}
        {load} || echo failed
        print -- $_comps[procmaps] $+functions[${{_comps[procmaps]}}]
    """
    done = subprocess.run(
        [zsh, "-f", "-c", lines],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=environment({"HOME": str(tmp_path)}),
    )
    assert done.stderr == ""
    name = "_procmaps" if "+X" in load else "_shtab_procmaps"
    assert done.stdout == f"{name} 1\n"


def test_without_shtab_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['shtab'] = None\n"
        "from procmaps.cli import main; sys.exit(main(['completion', 'bash']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        b"",
        b"procmaps: completion needs shtab: pip install 'procmaps[cli]'\n",
    )
    assert run("completion", "cmd").returncode == 2
    assert COMMAND[0] == sys.executable
