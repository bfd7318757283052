"""One address of a live process, beside the bare ioctl and beside the text."""

from collections.abc import Iterator

from benches.harness import Case, Row

FEW = 100
MANY = 30_000
OURS = """
import ctypes, os, procmaps
address = ctypes.cast(ctypes.CDLL(None).printf, ctypes.c_void_p).value
find = procmaps.Process(os.getpid(){}).find
"""
BARE = """
from fcntl import ioctl
from benches import peers
import ctypes
address = ctypes.cast(ctypes.CDLL(None).printf, ctypes.c_void_p).value
file, request, query, *buffers = peers.bare_query(address)
"""


def rows() -> Iterator[Row]:
    """`Process.find` of a function of the C library, in the process itself."""
    for count in (FEW, MANY):
        setup = f"from benches import inputs; inputs.grow_to({count})\n"
        ours = Case(setup + OURS.format(""), "find(address)")
        yield Row(
            f"`Process.find`, {count:,} maps",
            ours,
            "`fcntl.ioctl` of the same structure",
            Case(setup + BARE, "ioctl(file, request, query)"),
            target="at most 2.5",
            is_share=True,
        )
        yield Row(
            f"`Process.find`, {count:,} maps",
            ours,
            "the same with `query=False`",
            Case(setup + OURS.format(", query=False"), "find(address)"),
        )
