"""Times one case whenever a line arrives on standard input.

Runs in each environment, so it imports nothing but the standard library.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from timeit import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How long a round lasts, so that the clock's step and a switch to another
# process do not matter much.
SECONDS = 0.02


def main() -> None:
    """Read the case, then answer each further line with its cost."""
    case = json.loads(sys.stdin.readline())
    names: dict[str, object] = {}
    exec(case["setup"], names)
    clock = getattr(time, case["clock"])
    measure = names.get("measure") or timed(case["statement"], names, clock)
    assert callable(measure)
    for _ in sys.stdin:
        print(measure(), flush=True)


def timed(
    statement: str, names: dict[str, object], clock: Callable[[], float]
) -> object:
    """Return a function that runs the statement for a while and returns its mean."""
    # timeit turns the garbage collector off, but whoever parses has it on.
    timer = Timer(statement, "gc.enable()", timer=clock, globals={**names, "gc": gc})
    number = 1
    while (seconds := timer.timeit(number)) < SECONDS:
        number = max(number + 1, int(number * min(10, SECONDS / seconds * 1.1)))
    return lambda: timer.timeit(number) / number


if __name__ == "__main__":
    main()
