"""Every example in the documentation runs, and prints what is shown."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import procmaps
from support.children import child, python
from support.command import COMMAND, environment

pytestmark = pytest.mark.needs_programs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ["README.md", *(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What only some machines have; a block that imports it is left out without it.
OPTIONAL = {
    *("dask", "duckdb", "elftools", "pandas", "polars", "pyarrow", "pyspark", "ray"),
}
# What the tests do not start, since it installs, builds or needs root.
NOT_STARTED = {"cargo-zigbuild", "export", "make", "mmdebstrap", "pip", "rustup"}


# What the command says of processes that other users have.
DENIED = re.compile(r"^procmaps: \d+ of \d+ processes may not be read\n")

RUN_BLOCKS = """
    import ast, sys

    page, blocks, optional = sys.argv[1], *map(ast.literal_eval, sys.argv[2:])
    namespace = {"__name__": "page"}
    for number, code in enumerate(blocks, 1):
        try:
            exec(compile(code, f"{page}, Python block {number}", "exec"), namespace)
        except ModuleNotFoundError as error:
            if error.name not in optional:
                raise
            print("not installed:", error.name, file=sys.stderr)
"""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [code for found, code in BLOCK.findall(text_of(page)) if found == language]


def pages_with(language: str) -> list[str]:
    return sorted(page for page in PAGES if blocks(page, language))


@pytest.mark.needs_processes
@pytest.mark.not_on("musl", reason="it has no libc.so.6")
@pytest.mark.parametrize("page", pages_with("python"))
def test_python_blocks_run_in_order(page: str, tmp_path: Path) -> None:
    # A process of its own, with what the page itself makes, in a directory of its own.
    shutil.copy(DOCS / "example.maps", tmp_path)
    shutil.copy(ROOT / "tests/data/cores/little-64.core", tmp_path / "core")
    done = subprocess.run(
        [*python(RUN_BLOCKS), page, repr(blocks(page, "python")), repr(OPTIONAL)],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": os.pathsep.join(sys.path)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    missing = re.findall(r"^not installed: (\w+)$", done.stderr, re.MULTILINE)
    if missing:
        pytest.skip(f"all but the blocks that need {', '.join(missing)} passed")


def transcripts(page: str) -> list[tuple[str, str]]:
    """Return the commands of a page, each with the output that is shown for it."""
    found = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[
            1:
        ]:
            command, _, output = part.partition("\n")
            found.append((command.partition("   #")[0].strip(), output))
    return found


@pytest.mark.needs_processes
@pytest.mark.parametrize("page", pages_with("console"))
def test_console_blocks_show_what_is_printed(page: str, tmp_path: Path) -> None:
    for name in ("example.maps", "before.maps", "core.maps"):
        (tmp_path / name).write_bytes((DOCS / "example.maps").read_bytes())
    with child(*python("print(flush=True); input()")) as process:
        process.line()
        for command, output in transcripts(page):
            name, *words = shlex.split(command.replace("1234", str(process.pid)))
            if name in NOT_STARTED:
                assert output == "", command
                continue
            assert name == "procmaps", command
            done = subprocess.run(
                [*COMMAND, *words],
                cwd=tmp_path,
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, DENIED.sub("", done.stderr)) == (0, ""), command
            if output:
                assert _plain(done.stdout) == _plain(output), command


def _plain(output: str) -> list[str]:
    """Return the lines, without the blanks at their ends, which an editor removes."""
    return [line.rstrip() for line in output.rstrip().split("\n")]


def test_make_targets_that_are_named_exist() -> None:
    makefile = text_of("Makefile")
    targets = {
        command.split()[1]
        for page in [*PAGES, "CONTRIBUTING.md"]
        for command, _ in transcripts(page)
        if command.startswith("make ")
    }
    assert {"run", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_guide_lists_every_attribute_of_map() -> None:
    attributes = [
        name
        for name, value in vars(procmaps.Map).items()
        if not name.startswith("_") and not callable(value)
    ]
    assert len(attributes) >= 16
    rows = re.findall(r"^\| (`.*?) \| `", text_of("docs/guide/maps.md"), re.MULTILINE)
    for name in attributes:
        assert f"`{name}`" in "".join(rows), name


def test_picture_is_what_its_make_target_draws() -> None:
    makefile = text_of("Makefile")
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
    assert "docs/table.svg)" in text_of("README.md")


@pytest.mark.parametrize(
    ("page", "limit"), [("README.md", 180), ("CONTRIBUTING.md", 130)]
)
def test_what_is_read_first_is_short(page: str, limit: int) -> None:
    assert len(text_of(page).splitlines()) <= limit


def test_package_docstring_examples_run() -> None:
    assert doctest.testmod(procmaps) == (0, 3)
