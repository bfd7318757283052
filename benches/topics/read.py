"""A live process to a list of Map, beside the bare read of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benches.harness import OLD, Case, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 30_000
# What a program of some size imports: the libraries bring about 150 mappings.
ORDINARY = """
import asyncio, bz2, ctypes, curses, dbm, decimal, lzma, multiprocessing, readline
import sqlite3, ssl, unittest, uuid, zlib
"""
ANONYMOUS = (
    f"from benches import inputs; inputs.map_anonymous({MANY}, is_shared={{}})\n"
)


class Input(NamedTuple):
    """A process that lists its own maps."""

    what: str
    setup: str
    target: float | None
    """What `from_pid` may cost, the bare read being 1."""
    text_target: float | None = None
    """The same with `query=False`."""
    per: int = 1


INPUTS = (
    Input("an ordinary process", ORDINARY, 0.7, 1.8),
    Input("the same with numpy", ORDINARY + "import numpy, numpy.testing\n", None),
    Input(
        f"{MANY:,} maps as loaders lay them out, per map",
        f"from benches import inputs; inputs.grow_to({MANY})\n",
        None,
        1.25,
        MANY,
    ),
    Input(
        f"{MANY:,} shared anonymous maps, per map",
        ANONYMOUS.format(True),
        0.95,
        None,
        MANY,
    ),
    Input(
        f"{MANY:,} private anonymous maps, per map",
        ANONYMOUS.format(False),
        1.35,
        None,
        MANY,
    ),
)
FILTERS = (
    ("executable=True, file_backed=True", 0.25),
    ("writable=True, executable=True", 0.1),
)
OURS = "import os, procmaps; pid = os.getpid()"
FLOOR = "from benches import peers"
BY_TEXT = "import os, procmaps; process = procmaps.Process(os.getpid(), query=False)"


def rows() -> Iterator[Row]:
    """`from_pid` of the process itself, whole and filtered, and by the text."""
    for input_ in INPUTS:
        what = f"`from_pid`, {input_.what}"
        ours = Case(input_.setup + OURS, "procmaps.from_pid(pid)", per=input_.per)
        yield beside_bare_read(what, ours, input_, input_.target)
        yield Row(what, ours, "psutil", by_psutil(input_))
        by_text = Case(input_.setup + BY_TEXT, "process.maps()", per=input_.per)
        what = f"`maps()` with `query=False`, {input_.what}"
        yield beside_bare_read(what, by_text, input_, input_.text_target)
        yield Row(what, by_text, "psutil", by_psutil(input_))
    ordinary = INPUTS[0]
    for filters, target in FILTERS:
        what = f"`from_pid(pid, {filters})`, {ordinary.what}"
        ours = Case(ordinary.setup + OURS, f"procmaps.from_pid(pid, {filters})")
        yield beside_bare_read(what, ours, ordinary, target)
        yield Row(what, ours, "psutil", by_psutil(ordinary))
        what = f"`maps({filters})` with `query=False`, {ordinary.what}"
        by_text = Case(ordinary.setup + BY_TEXT, f"process.maps({filters})")
        yield beside_bare_read(what, by_text, ordinary, None)
    yield beside_old_release(ordinary)


def beside_bare_read(what: str, ours: Case, input_: Input, target: float | None) -> Row:
    """Beside reading the same file to its end in C, and looking at nothing."""
    setup = input_.setup + FLOOR
    bare = Case(setup, "peers.bare_read('/proc/self/maps')", per=input_.per)
    said = f"at most {target}" if target else ""
    return Row(what, ours, "the bare read", bare, target=said, is_share=True)


def by_psutil(input_: Input) -> Case:
    """List with psutil, which reads smaps."""
    setup = input_.setup + "import psutil; process = psutil.Process()"
    return Case(setup, "process.memory_maps(grouped=False)", per=input_.per)


def beside_old_release(input_: Input) -> Row:
    """Beside the release before 1.0."""
    ours = Case(input_.setup + OURS, "procmaps.from_pid(pid)")
    old = Case(ours.setup, ours.statement, OLD)
    return Row(f"`from_pid`, {input_.what}", ours, "procmaps 0.6.5", old)
