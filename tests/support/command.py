"""Runs the command as a person would: with pipes, or on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyte

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND = (sys.executable, "-m", "procmaps")
EXAMPLE = Path(__file__).parents[2] / "docs" / "example.maps"

# What of a tester's environment would change what is printed.
STRIPPED = {
    *("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"),
    *("PYTHONIOENCODING", "PYTHONUTF8", "PYTHONCOERCECLOCALE", "PYTHONUNBUFFERED"),
}
LINES = 2000

# Lines with names that a terminal must not get as they are.
NAMES = b"".join(
    [
        line.ljust(73) + name + b"\n"
        for line, name in [
            (b"00001000-00002000 r--p 00000000 08:01 1", b"/srv/\xff\xfe"),
            (b"00002000-00003000 r--p 00000000 08:01 2", b"/srv/\x1b[31mred\x7f"),
            (b"00003000-00004000 r--p 00000000 08:01 3", b"/srv/back\\012slash"),
            (
                b"00004000-00005000 r--p 00000000 08:01 4",
                "/srv/größe\u202e\u0085  ".encode(),
            ),
            (b"00005000-00006000 rwxp 00000000 fd:00 5", b'/srv/a,"b"\r'),
        ]
    ]
    + [b"00006000-00007000 rw-p 00000000 00:00 0 \n"]
)


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    return {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(changes or {})}


def run(
    *words: str | bytes,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command with its output in pipes."""
    return subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        capture_output=True,
        env=environment(env),
        check=False,
        **options,
    )


def started(*words: str) -> subprocess.Popen[bytes]:
    """Start the command with its input and output in pipes."""
    return subprocess.Popen(
        [*COMMAND, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )


def answer(*words: str | bytes, **options: Any) -> str:
    """Return what the command prints when all is well."""
    done = run(*words, **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


class Terminal:
    """What a terminal got, and what it shows then."""

    def __init__(self, received: bytes, columns: int) -> None:
        self.received = received
        self._columns = columns

    @cached_property
    def screen(self) -> pyte.Screen:
        """The screen, drawn when it is looked at: a long answer takes a while."""
        screen = pyte.Screen(self._columns, LINES)
        pyte.ByteStream(screen).feed(self.received)
        return screen

    @property
    def lines(self) -> list[str]:
        return "\n".join(line.rstrip() for line in self.screen.display).split("\n")

    def line(self, text: str) -> int:
        """Return the number of the one line that holds a text."""
        (number,) = [i for i, line in enumerate(self.lines) if text in line]
        return number


def on_terminal(
    *words: str | bytes,
    columns: int = 80,
    env: Mapping[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
    pass_fds: tuple[int, ...] = (),
) -> Terminal:
    """Run the command in a terminal of this width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", LINES, columns, 0, 0))
    with subprocess.Popen(
        [*command, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(env),
        start_new_session=True,
        pass_fds=pass_fds,
    ):
        os.close(theirs)
        received = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return Terminal(received, columns)


def rows_on(terminal: Terminal) -> list[str]:
    """Return the rows of an answer without colours, as they were written.

    Before it there may be a bar that shows how far the reading has come, and after
    it a line about what may not be read.
    """
    text = re.split(rb"\x1b\[[?0-9;]*[a-zA-Z]", terminal.received)[-1].decode()
    rows = text.lstrip("\r").split("\r\n")
    return [row for row in rows if not row.startswith("procmaps: ")]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # EIO: all who wrote to it are gone.
        return b""
