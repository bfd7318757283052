"""Every example in the documentation runs."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import procmaps

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [code for found, code in BLOCK.findall(text) if found == language]


@pytest.mark.needs_processes
@pytest.mark.not_on("musl", reason="it has no libc.so.6")
def test_readme_python_blocks_run_in_order() -> None:
    examples = blocks("python")
    assert len(examples) >= 5
    namespace: dict[str, Any] = {"__name__": "readme"}
    for number, code in enumerate(examples, 1):
        exec(compile(code, f"README.md, Python block {number}", "exec"), namespace)


def test_readme_console_blocks_name_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ make (\w+)", "".join(blocks("console")), re.MULTILINE)
    assert commands[:2] == ["run", "test"]
    for target in commands:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_readme_lists_every_attribute_of_map() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    attributes = [
        name
        for name, value in vars(procmaps.Map).items()
        if not name.startswith("_") and not callable(value)
    ]
    assert len(attributes) >= 16
    rows = "".join(re.findall(r"^\| (`.*?) \| `", text, re.MULTILINE))
    for name in attributes:
        assert f"`{name}`" in rows, name


def test_picture_is_what_its_make_target_draws() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "python tools/picture.py > docs/table.svg\n" in makefile
    drawn = subprocess.run(
        [sys.executable, "tools/picture.py"],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "40"},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    assert drawn == (ROOT / "docs/table.svg").read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"]*", drawn) == ["http://www.w3.org/2000/svg"]
    assert "(docs/table.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_package_docstring_examples_run() -> None:
    assert doctest.testmod(procmaps) == (0, 3)
