"""What the command imports, its help, and the words it takes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import get_args

import pytest

import procmaps
from procmaps.cli import COMMANDS, raw_target
from procmaps.cli.parser import whole_parser
from support.command import EXAMPLE, answer, environment

pytestmark = pytest.mark.needs_programs

NEEDLESS = {"argparse", "csv", "dataclasses", "enum", "json", "re", "rich", "typing"}


# Where this interpreter finds modules without its site module, which imports some.
PATH = json.loads(
    subprocess.run(
        [sys.executable, "-c", "import json, sys; print(json.dumps(sys.path))"],
        capture_output=True,
        check=True,
        cwd="/",
    ).stdout
)


def imported(*words: str) -> set[str]:
    """Return the modules that a command imports, less those of a bare start."""
    code = (
        f"import os, sys; sys.path[:] = {PATH!r}; before = set(sys.modules)\n"
        "import procmaps.cli\n"
        "procmaps.cli.main(sys.argv[1:])\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, *words],
        capture_output=True,
        env=environment(),
        check=True,
    )
    return set(done.stderr.decode().split())


@pytest.mark.needs_processes
def test_raw_lines_need_next_to_nothing() -> None:
    modules = imported("show", "self", "--raw")
    assert modules <= {
        "__future__",
        "errno",
        "procmaps",
        "procmaps._procmaps",
        "procmaps.cli",
        "procmaps.cli.cores",
        "procmaps.cli.errors",
        "procmaps.cli.render",
        "procmaps.cli.render.output",
        "procmaps.cli.target",
        "procmaps.cli.render.text",
        "procmaps.errors",
    }
    assert not modules & NEEDLESS


def test_a_table_into_a_pipe_does_without_rich_and_json() -> None:
    modules = imported("show", str(EXAMPLE))
    needless = {"rich", "json", "csv", "dataclasses", "shtab", "shutil"}
    if sys.version_info[:2] == (3, 14):
        # There argparse itself imports it, to have colours.
        needless.remove("dataclasses")
    assert not modules & needless
    assert "rich" in imported("show", str(EXAMPLE), "--color=always")


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ([], "self"),
        (["12"], "12"),
        (["-"], "-"),
        ([""], ""),
        (["--", "-x"], "-x"),
        (["show", "12", "--raw"], "12"),
        (["show", "--raw", "-"], "-"),
        (["show"], None),
        (["all"], None),
        (["show", "all", "--raw"], None),
        (["--help"], None),
        (["-x"], None),
        (["show", "--raw"], None),
        (["show", "12"], None),
        (["show", "-x", "--raw"], None),
        (["show", "--raw", "--json"], None),
        (["show", "--raw", "12", "13"], None),
        (["show", "12", "13", "--raw"], None),
        (["find", "12", "--raw"], None),
    ],
)
def test_what_is_understood_without_argparse(
    words: list[str], target: str | None
) -> None:
    assert raw_target(words) == target


@pytest.mark.parametrize("words", [["--help"], ["-h"]])
def test_help_names_every_command(words: list[str]) -> None:
    text = " ".join(answer(*words).split())
    for name, summary in COMMANDS.items():
        assert f" {name} {summary}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_shows_two_examples_that_it_understands(
    name: str,
) -> None:
    text = answer(name, "--help")
    examples = re.findall(
        r"\bprocmaps (.*?)(?:  |\)| > |$)", text.split("examples:")[1]
    )
    assert len(examples) >= 2
    for example in examples:
        words = shlex.split(example)
        assert words[0] == name
        whole_parser().parse_args(words)


def test_version() -> None:
    assert answer("--version") == f"{procmaps.__version__}\n"


def test_every_kind_can_be_asked_for() -> None:
    text = answer("show", "--help")
    for kind in get_args(procmaps.Kind):
        assert re.search(rf"\b{kind}\b", text)
