"""A live process to a list of Map, beside the bare read of its file."""

from collections.abc import Iterator

from benches.harness import OLD, Case, Row

MANY = 30_000
MANY_MAPS = f"from benches import inputs; inputs.grow_to({MANY})\n"
# What a program of some size imports: the libraries bring about 150 mappings.
ORDINARY = """
import asyncio, bz2, ctypes, curses, dbm, decimal, lzma, multiprocessing, readline
import sqlite3, ssl, unittest, uuid, zlib
"""
OURS = "import os, procmaps; pid = os.getpid()"
FLOOR = "from benches import peers"


def rows() -> Iterator[Row]:
    """`from_pid` of the process itself."""
    for what, setup, per, at_most in (
        (f"`from_pid`, {MANY:,} maps, per map", MANY_MAPS, MANY, 1.25),
        ("`from_pid`, an ordinary process", ORDINARY, 1, 1.8),
    ):
        ours = Case(setup + OURS, "procmaps.from_pid(pid)", per=per)
        yield Row(
            what,
            ours,
            "the bare read",
            Case(setup + FLOOR, "peers.bare_read('/proc/self/maps')", per=per),
            target=f"at most {at_most}",
            is_share=True,
        )
        yield Row(
            what,
            ours,
            "procmaps 0.6.5",
            Case(ours.setup, ours.statement, OLD, per=per),
        )
        yield Row(
            what,
            ours,
            "psutil",
            Case(
                setup + "import psutil; process = psutil.Process()",
                "process.memory_maps(grouped=False)",
                per=per,
            ),
        )
