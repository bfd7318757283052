"""Questions that may never be answered."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from procmaps.cli import limits
from procmaps.cli.limits import NO_ANSWER, answers
from support.target import open_files

pytestmark = pytest.mark.needs_processes


def ask(question: object) -> dict[str, object]:
    if question == "silence":
        time.sleep(60)
    if question == "failure":
        raise RuntimeError(question)
    return {"question": question}


def test_each_question_has_its_answer_in_order() -> None:
    assert answers([3, "a", None], ask) == [
        {"question": 3},
        {"question": "a"},
        {"question": None},
    ]
    assert answers([], ask) == []


def test_many_long_answers_come_whole() -> None:
    questions = ["x" * 10_000] * 100
    assert answers(questions, ask) == [{"question": each} for each in questions]


def test_one_that_takes_too_long_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ONE_ANSWER", 0.2)
    monkeypatch.setattr(limits, "ALL_ANSWERS", 20.0)
    assert answers([1, "silence", 2, "failure", 3], ask) == [
        {"question": 1},
        NO_ANSWER,
        {"question": 2},
        NO_ANSWER,
        {"question": 3},
    ]


def test_all_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ONE_ANSWER", 0.2)
    monkeypatch.setattr(limits, "ALL_ANSWERS", 0.5)
    begin = time.monotonic()
    assert answers(["silence"] * 100, ask) == [NO_ANSWER] * 100
    assert time.monotonic() - begin < 10


def test_no_child_and_no_descriptor_is_left() -> None:
    before = open_files()
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    others = children.read_text()
    answers([1, 2], ask)
    assert children.read_text() == others
    assert open_files() == before
