"""What went wrong, in one line that says what to do about it."""

from __future__ import annotations

import sys


class CommandError(Exception):
    """Something that ends the command with exit status 1; its text says why."""


def report(message: str) -> None:
    """Write one line on standard error, safe for a terminal."""
    from procmaps.cli.render.text import printable

    if sys.stderr is not None:
        print(f"procmaps: {printable(message)}", file=sys.stderr)


def explain(
    error: Exception, target: str, data: str, proc: str = "/proc"
) -> CommandError:
    """Return what to tell of an error in reading "maps" or "smaps" of a target."""
    if isinstance(error, OSError) and error.filename == proc != target:
        return CommandError(
            f'cannot read processes from "{proc}": {_reason(error)}; '
            "give --proc a mount of procfs, such as /host/proc"
        )
    if target in {"self", "all"} or (target.isascii() and target.isdigit()):
        return CommandError(_explain_process(error, target, data))
    name = "standard input" if target == "-" else f'"{target}"'
    return CommandError(_explain_file(error, name, target, data))


def _explain_process(error: Exception, pid: str, data: str) -> str:
    # Of too large a number, Python refuses to make an integer at all: ValueError.
    if pid == "all":
        return f"cannot read the processes: {_reason(error)}"
    if type(error) in {ProcessLookupError, OverflowError, ValueError}:
        return f"no process {pid}: it may have ended, `ps -e` lists those that run"
    if isinstance(error, PermissionError):
        return (
            f"no permission to read the {data} of {pid}: "
            "run as its owner, or with CAP_SYS_PTRACE"
        )
    if isinstance(error, NotImplementedError):
        return f"{error}: give a file with {data} as the target"
    return f"cannot read the {data} of {pid}: {_reason(error)}"


def _explain_file(error: Exception, name: str, target: str, data: str) -> str:
    if isinstance(error, FileNotFoundError):
        return (
            f"no file {name}: give a process id, self, "
            f"a file with {data}, or - for standard input"
        )
    if isinstance(error, IsADirectoryError):
        inside = f"{target.rstrip('/')}/{data}"
        return f'{name} is a directory: give a file with {data}, such as "{inside}"'
    if isinstance(error, PermissionError):
        return f"no permission to read {name}: run as its owner"
    if isinstance(error, (OSError, UnicodeError)):
        # A word in a locale's encoding may be none that Python's own can say.
        return f"cannot read {name}: {_reason(error)}"
    if getattr(error, "offset", None) is not None:
        return f"{name}: {error}"
    return f"{name}: {error}; expected a copy of /proc/PID/{data}"


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
