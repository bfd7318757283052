"""The words of the command line: what every command takes, and what runs it."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import procmaps
from procmaps.cli import COMMANDS, filters
from procmaps.cli.render.output import stdout, write_text
from procmaps.cli.render.screen import columns
from procmaps.cli.render.text import printable
from procmaps.cli.target import PROC

if TYPE_CHECKING:
    from types import ModuleType

TARGET_HELP = (
    "a process id, self, a file (a copy of /proc/PID/{data}), "
    "or - for standard input; a file named like a process needs ./ before it"
)

OPTIONAL = {"nargs": "?", "default": "self"}
"""Makes a target one that may be left out."""

SHOWN = 20
LARGEST = f"{SHOWN} in a table on a terminal, else all"


class Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal.

    To find that out, argparse would import shutil, and with it what packs files.
    """

    def __init__(self, prog: str, **options: Any) -> None:
        wide = None if sys.stdout is None else columns(sys.stdout)
        super().__init__(prog, **{"width": (wide or 80) - 2, **options})


class RawFormatter(Formatter, argparse.RawDescriptionHelpFormatter):
    """The same, which leaves the lines of examples as they are."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are safe for a terminal."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2, and say what was wrong with the words."""
        super().error(printable(message))

    def _print_message(self, message: str, file: Any = None) -> None:
        # Unlike the one it replaces, this tells when help could not be written.
        if file is sys.stdout:
            write_text(message)
        else:
            super()._print_message(message, file)


def run(words: list[str]) -> int:
    """Run the command that the words name, and return its exit status."""
    name = words[0]
    if name not in COMMANDS:
        whole = whole_parser()
        whole.parse_args(words)
        whole.error("expected a command, or one target alone")
    # Its parser alone: the other commands' modules are not needed.
    module = _module(name)
    parser = Parser(prog=f"{_program()} {name}", **_texts(name, module))
    module.add_arguments(parser)
    status: int = module.run(parser.parse_args(words[1:]))
    return status


def whole_parser() -> Parser:
    """Return the parser of all commands, for help and for shells' completion."""
    program = _program()
    parser = Parser(
        prog=program,
        formatter_class=Formatter,
        usage=f"{program} [-h] [--version] COMMAND ...\n       {program} [TARGET]",
        description="Show the memory maps of a process: what is mapped where. "
        "Without a command, print them as the kernel writes them.",
        epilog=f"TARGET is {TARGET_HELP.format(data='maps')}. "
        "Without one, it is this process.",
    )
    parser.add_argument("--version", action="version", version=procmaps.__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        module = _module(name)
        command = commands.add_parser(name, help=summary, **_texts(name, module))
        module.add_arguments(command)
    return parser


def add_target(
    parser: argparse.ArgumentParser,
    name: str = "TARGET",
    *,
    data: str = "maps",
    all_: bool = False,
    **options: Any,
) -> None:
    """Add a positional argument that says whose maps or smaps are meant."""
    help_ = TARGET_HELP.format(data=data)
    if all_:
        help_ = f"all, for every process of the machine; {help_}"
    options.setdefault("help", help_)
    action = parser.add_argument(name.lower(), metavar=name, **options)
    # Where shtab looks for the shell function that lists what may stand here.
    action.complete = {  # type: ignore[attr-defined]
        "bash": "_procmaps_target_files",
        "zsh": "_procmaps_target",
        "fish": "(__procmaps_target)",
    }


def add_formats(
    parser: argparse.ArgumentParser, *, raw: bool = False
) -> argparse._MutuallyExclusiveGroup:
    """Add the options for other forms than tables: at most one can be given."""
    group = parser.add_argument_group(
        "form", "a table is for people; the others are exact, in bytes"
    ).add_mutually_exclusive_group()
    forms = {
        "json": "one JSON document; addresses and sizes are integers",
        "jsonl": "JSON, an object on each line",
        "csv": "comma-separated values with a line of names",
    }
    if raw:
        forms["raw"] = "the lines as the kernel writes them"
    for form, text in forms.items():
        group.add_argument(
            f"--{form}", dest="format", action="store_const", const=form, help=text
        )
    return group


def add_proc(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where processes are looked for."""
    parser.add_argument(
        "--proc",
        metavar="DIR",
        default=PROC,
        help="another mount of procfs, such as the /host/proc that a container has "
        "of its host (default: %(default)s)",
    )


def add_limit(parser: argparse.ArgumentParser, default: str = "all") -> None:
    """Add the option that says how many rows there are to be."""
    parser.add_argument(
        "-n",
        dest="limit",
        type=filters.count,
        metavar="N",
        help="only the first N, and how many more there are; 0 for all "
        f"(default: {default})",
    )


def limit(options: argparse.Namespace) -> int | None:
    """Return how many rows are wanted at most, or None of all."""
    shown: int | None = options.limit
    if shown is None and options.format is None and stdout().isatty():
        return SHOWN
    return shown or None


def add_color(parser: argparse.ArgumentParser) -> None:
    """Add the option that says when to write colours."""
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours in tables; auto: on a terminal, unless NO_COLOR is set "
        "(default: %(default)s)",
    )


def _module(name: str) -> ModuleType:
    module: ModuleType = __import__(f"procmaps.cli.commands.{name}", fromlist=["run"])
    return module


def _program() -> str:
    if os.path.basename(sys.argv[0]) == "__main__.py":  # noqa: PTH119
        return "python -m procmaps"
    return "procmaps"


def _texts(name: str, module: ModuleType) -> dict[str, Any]:
    examples: str = module.EXAMPLES
    return {
        "description": COMMANDS[name].capitalize() + ".",
        "epilog": f"examples:\n{examples}",
        "formatter_class": RawFormatter,
    }
