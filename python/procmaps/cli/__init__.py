"""The command: ``procmaps``, or ``python -m procmaps``.

What is short must start fast: this module and those on the way of ``show --raw``
import next to nothing, and each other command only what it needs.
"""

from __future__ import annotations

import os
import sys

from procmaps.cli import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "show": "the maps as a table, with totals per kind",
    "find": "what lies at an address: the map, the file, where in it",
    "diff": "what changed between two moments, or two targets",
    "usage": "what each map costs in memory, or groups of them",
    "watch": "what a process costs while it runs, and how that changes",
    "top": "which processes, users or files cost most memory",
    "completion": "a script that completes the command in a shell",
}
"""Every command and what it gives; each is a module of this package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, and return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        try:
            status = _run(words)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. Python flushes once more when it exits.
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return 128 + 2
    except errors.CommandError as error:
        errors.report(str(error))
        return 1
    except OSError as error:
        # Reading fails with a CommandError: what is left is writing.
        _discard_output()
        errors.report(f"cannot write to standard output: {error.strerror}")
        return 1
    return status


def _run(words: list[str]) -> int:
    target = raw_target(words)
    if target is not None:
        from procmaps.cli.render.output import write_raw
        from procmaps.cli.target import read_maps

        write_raw(read_maps(target))
        return 0
    from procmaps.cli import parser

    return parser.run(words)


def raw_target(words: list[str]) -> str | None:
    """Return the target if these words ask for its lines and nothing else.

    They are understood as argparse would, without the time to import it, which
    alone takes as long as Python's own start.
    """
    if not words:
        return "self"
    if words[0] == "--" and len(words[1:]) == 1:
        return words[1]
    if len(words) == 1 and words[0] not in COMMANDS:
        target = words[0]
    elif words[:1] == ["show"] and words[2:] == ["--raw"]:
        target = words[1]
    elif words[:2] == ["show", "--raw"] and len(words[2:]) == 1:
        target = words[2]
    else:
        return None
    if target == "all" or (target != "-" and target.startswith("-")):
        return None
    return target


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
