"""Questions that may never be answered, asked within a limit of time.

Reading a file that a process has mapped waits for its file system. One that does not
answer (FUSE, NFS) makes whoever reads wait for ever, and not even SIGKILL ends the
wait. So a child of this process asks, which can be left behind.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Callable, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    _Q = TypeVar("_Q")

ONE_ANSWER = 1.0
ALL_ANSWERS = 3.0
"""Seconds that one question and all questions together may take."""

NO_ANSWER: dict[str, object] = {}
"""Stands for the answer that did not come in time."""


def answers(
    questions: Sequence[_Q], ask: Callable[[_Q], dict[str, object]]
) -> list[dict[str, object]]:
    """Return what `ask` gives for each question, or NO_ANSWER.

    An answer is a dict that JSON can hold. Exceptions of `ask` count as no answer:
    let it catch what it expects.
    """
    given: list[dict[str, object]] = []
    end = time.monotonic() + ALL_ANSWERS
    while len(given) < len(questions) and time.monotonic() < end:
        given += _some_answers(questions[len(given) :], ask, end)
        if len(given) < len(questions):
            given.append(NO_ANSWER)
    return given + [NO_ANSWER] * (len(questions) - len(given))


def _some_answers(
    questions: Sequence[_Q], ask: Callable[[_Q], dict[str, object]], end: float
) -> list[dict[str, object]]:
    """Return the answers to the first questions, up to one that takes too long."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(theirs, questions, ask)
    os.close(theirs)
    lines = b""
    # One that waits for a file can't be ended: who adopts it will wait for its end.
    wait = os.WNOHANG
    try:
        while select.select([ours], [], [], _patience(end))[0]:
            block = os.read(ours, 65536)
            if not block:
                wait = 0
                break
            lines += block
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, wait)
    whole = lines[: lines.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()]


def _patience(end: float) -> float:
    return max(min(end - time.monotonic(), ONE_ANSWER), 0.0)


def _answer(
    pipe: int, questions: Sequence[_Q], ask: Callable[[_Q], dict[str, object]]
) -> None:
    """Write an answer a line, in the child, and end it."""
    try:
        # Whoever reads the command's output is not kept waiting for the child.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        for question in questions:
            os.write(pipe, json.dumps(ask(question)).encode() + b"\n")
    finally:
        os._exit(0)
