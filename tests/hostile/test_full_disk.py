"""A file system that is full: what is read from it, and what is written to it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import procmaps
from support import oracle
from support.command import COMMAND, EXAMPLE, environment, run
from support.full_disk import PAGE, run_beside_disk

pytestmark = pytest.mark.not_on(
    "elsewhere",
    "emulator",
    "pypy",
    reason="mounts a file system, and starts many programs",
)

FULL = b"procmaps: cannot write to standard output: No space left on device\n"
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
BUFFERS: list[dict[str, str]] = [{}, UNBUFFERED]

WORDS = [
    [str(EXAMPLE)],
    ["show", str(EXAMPLE)],
    ["show", str(EXAMPLE), "--raw"],
    ["show", str(EXAMPLE), "--json"],
    ["show", str(EXAMPLE), "--jsonl"],
    ["show", str(EXAMPLE), "--csv"],
    ["show", str(EXAMPLE), "--color", "always"],
    ["find", str(EXAMPLE), "7f3a53228000"],
    ["find", str(EXAMPLE), "7f3a53228000", "--json"],
    ["diff", str(EXAMPLE), "self"],
    ["diff", str(EXAMPLE), "self", "--json"],
    ["usage", "self"],
    ["usage", "self", "--csv"],
    ["completion", "bash"],
    ["show", "--help"],
    ["--help"],
    ["--version"],
]
named = pytest.mark.parametrize("words", WORDS, ids=[" ".join(w) for w in WORDS])
buffered = pytest.mark.parametrize("env", BUFFERS, ids=["buffered", "unbuffered"])


@named
@buffered
def test_an_output_without_any_room(words: list[str], env: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(env),
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, FULL)


# The answer goes to a disk of three pages, and what is on the disk then to a pipe.
WRITE = """\
full=$1/answer; shift
"$@" > "$full"; status=$?
cat "$full"
exit $status
"""


@buffered
@pytest.mark.parametrize(
    "words",
    [
        ["show", "-"],
        ["show", "-", "--raw"],
        ["show", "-", "--json"],
        ["show", "-", "--jsonl"],
        ["show", "-", "--csv"],
        ["show", "-", "--color", "always"],
        ["diff", "-", str(EXAMPLE)],
    ],
    ids=" ".join,
)
def test_a_disk_that_becomes_full(
    words: list[str], env: dict[str, str], tmp_path: Path
) -> None:
    stdin = EXAMPLE.read_bytes() * (1 + 3 * PAGE // 2000)
    whole = run(*words, stdin=stdin)
    assert (whole.returncode, whole.stderr) == (0, b"")
    done = run_beside_disk(
        tmp_path,
        3 * PAGE,
        *("sh", "-c", WRITE, "sh", str(tmp_path), *COMMAND, *words),
        input=stdin,
        env=environment(env),
    )
    assert (done.returncode, done.stderr) == (1, FULL)
    assert done.stdout == whole.stdout[: 3 * PAGE]
    assert len(done.stdout) == 3 * PAGE


@buffered
def test_a_disk_that_has_just_enough_room(env: dict[str, str], tmp_path: Path) -> None:
    line = b"00001000-00002000 r--p 00000000 08:01 1".ljust(73) + b"/"
    stdin = line + b"x" * (3 * PAGE - len(line) - 1) + b"\n"
    for more, status in [(b"", 0), (b"y", 1)]:
        done = run_beside_disk(
            tmp_path,
            3 * PAGE,
            *("sh", "-c", WRITE, "sh", str(tmp_path), *COMMAND, "-"),
            input=stdin[:-1] + more + b"\n",
            env=environment(env),
        )
        assert (done.returncode, done.stderr) == (status, FULL if more else b"")
        assert done.stdout == (stdin[:-1] + more + b"\n")[: 3 * PAGE]


# Copies each line again and again until the disk is full, and reads what is there.
READ = """
    import json, os, sys, procmaps

    path = sys.argv[1] + "/maps"
    for line in sys.stdin.buffer:
        text = line * (int(sys.argv[2]) // len(line) + 1)
        copy = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        try:
            while True:
                text = text[os.write(copy, text):]
                assert text
        except OSError as error:
            os.close(copy)
            answers = [error.strerror]
        for read in (procmaps.from_path, procmaps.AddressSpace.from_path):
            try:
                answers.append(len(read(path)))
            except procmaps.ParseError as error:
                answers.append([error.line_number, error.line, str(error)])
        print(json.dumps(answers))
"""


def expected(text: bytes) -> int | list[object]:
    """Return how many maps the text has, or what is said of its last line."""
    *lines, last = text.split(b"\n")
    try:
        return len(oracle.parse(text))
    except oracle.RefusedError:
        number = len(lines) + 1
    with pytest.raises(procmaps.ParseError) as caught:
        procmaps.from_bytes(last)
    said = str(caught.value).replace("line 1: ", f"line {number}: ")
    return [number, last.decode(), said]


def test_maps_that_were_cut_because_the_disk_was_full(tmp_path: Path) -> None:
    """Cut anywhere: a line that still is one is read, and no other."""
    line = b"7f0000001000-7f0000002000 r--p 00000000 08:01 42".ljust(54)
    lines = [line + b"/%*d\n" % (width, 7) for width in range(1, 40)]
    done = run_beside_disk(
        tmp_path,
        2 * PAGE,
        *(sys.executable, "-c", textwrap.dedent(READ), str(tmp_path), str(2 * PAGE)),
        input=b"".join(lines),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(answer) for answer in done.stdout.splitlines()]
    texts = [(line * (2 * PAGE // len(line) + 1))[: 2 * PAGE] for line in lines]
    assert answers == [
        ["No space left on device", expected(text), expected(text)] for text in texts
    ]
    # Some were cut within the name or between lines, and others before.
    assert {type(answer) for _, answer, _ in answers} == {int, list}
