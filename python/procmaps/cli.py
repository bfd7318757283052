"""The command: prints memory maps as the kernel writes them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

import procmaps

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        maps = _read(options.target)
        lines = [os.fsencode(f"{map_}\n") for map_ in maps]
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. Python flushes once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, NotImplementedError) as error:
        print(f"procmaps: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m procmaps",
        description="Print memory maps as the kernel writes them.",
    )
    parser.add_argument(
        "target",
        nargs="?",
        default="self",
        metavar="PID|FILE|-",
        help="a process, a file with maps, or - for standard input "
        "(default: the process that runs this command)",
    )
    parser.add_argument("--version", action="version", version=procmaps.__version__)
    return parser


def _read(target: str) -> list[procmaps.Map]:
    if target == "-":
        return procmaps.from_bytes(sys.stdin.buffer.read())
    if target == "self":
        return procmaps.from_pid(os.getpid())
    if target.isascii() and target.isdigit():
        return procmaps.from_pid(int(target))
    return procmaps.from_path(target)
