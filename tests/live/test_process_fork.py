"""A Process that a fork shares: parent and child ask it at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from support.target import WAYS, Target

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on("pypy", reason="what a child of its fork runs was not tried"),
]

# Whoever reads beside the other gets whole lists too. It says how many were not.
READ_IN_BOTH = """
    import ctypes, os, sys, procmaps

    pid, query, nested = int(sys.argv[1]), sys.argv[2] == "True", len(sys.argv) > 3
    process = procmaps.Process(pid, query=query)
    whole = process.maps()
    me = os.getpid()
    if nested and ctypes.CDLL(None).unshare(0x20000000) != 0:  # CLONE_NEWPID
        sys.exit("may not make a pid namespace")
    child = os.fork()
    if nested:
        assert os.getpid() == me == 1
    wrong = 0
    for _ in range(300):
        wrong += process.maps() != whole
        wrong += process.find(whole[3].begin_address) != whole[3]
        wrong += [cost.map for cost in process.smaps()] != whole
    if child == 0:
        os._exit(min(wrong, 100))
    _, status = os.waitpid(child, 0)
    print(wrong, os.WEXITSTATUS(status))
"""


def _read_in_both(query: bool, *, nested: bool) -> str:
    unshare = ["unshare", "--pid", "--fork"] if nested else []
    with Target() as target:
        done = subprocess.run(
            [
                *(*unshare, sys.executable, "-c", textwrap.dedent(READ_IN_BOTH)),
                *(str(target.pid), str(query), *["nested"][:nested]),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("query", WAYS)
def test_parent_and_child_read_at_the_same_time(query: bool) -> None:
    assert _read_in_both(query, nested=False) == "0 0\n"


@pytest.mark.parametrize("query", WAYS)
def test_parent_and_child_that_have_the_same_pid(query: bool) -> None:
    """Each is the first process of a pid namespace of its own."""
    if os.getuid() != 0:
        pytest.skip("takes root to make a pid namespace")
    assert _read_in_both(query, nested=True) == "0 0\n"
