"""Values that travel between interpreters: run by each of them, and imported by one."""

from __future__ import annotations

import pickle
import platform
import sys

import procmaps

LINES = b"""\
10000-12000 r--p 00000000 08:01 42                                       /usr/lib/a.so
12000-14000 r-xp 00001000 08:01 42                                       /usr/lib/a.so
15000-16000 rw-s 00000000 00:05 7                                        /\xff \xc3\xa9
7ffffffff000-ffffffffffffffff rw-p 00000000 00:00 0
"""
COSTS = LINES.splitlines()[0] + b"\nRss: 4 kB\nVmFlags: rd mr\nNew: 7\nOdd: x y\n"
SPACE = procmaps.AddressSpace.from_bytes(LINES)
VALUES = [
    *(*SPACE, SPACE, procmaps.AddressSpace([]), *SPACE.modules),
    *(SPACE.resolve(0x12034), SPACE.resolve(0x7FFFFFFFF000), SPACE[1:].diff(SPACE[:3])),
    *(*procmaps.smaps_from_bytes(COSTS), procmaps.sum_usage([])),
    procmaps.ParseError(3, "1000 \udcff", "end address: expected more"),
]
REPRS = [repr(value) for value in VALUES]


def write() -> list[bytes]:
    """Return the values pickled by each protocol."""
    return [pickle.dumps(VALUES, protocol) for protocol in range(6)]


def read(pickles: list[bytes]) -> None:
    """Check that each holds the values."""
    for values in map(pickle.loads, pickles):
        assert [repr(value) for value in values] == REPRS
        for value, mine in zip(values, VALUES):
            assert type(value) is type(mine)
            if isinstance(mine, procmaps.ParseError):
                # As all exceptions, equal to itself alone.
                assert (value.args, vars(value)) == (mine.args, vars(mine))
            else:
                assert value == mine
                assert hash(value) == hash(mine)


if __name__ == "__main__":
    read(pickle.load(sys.stdin.buffer))
    here = (platform.python_version(), procmaps.__file__)
    pickle.dump((here, REPRS, write()), sys.stdout.buffer)
