"""Cases that are timed in processes of their own, and rows that compare two.

The cases of a row take turns, round by round, so that what else the machine
does meets both alike. A row's ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15

# Environments, made by `make bench`: this package, and the release before it,
# whose module has the same name.
OURS = ROOT / ".venvs/bench/bin/python"
OLD = ROOT / ".venvs/bench-0.6.5/bin/python"


@dataclass(frozen=True)
class Case:
    """A statement to time, as `timeit` takes it, and the code that comes first.

    Instead of a statement, the setup can define a function `measure()` that
    returns a number: seconds, or whatever `unit` says.
    """

    setup: str
    statement: str = ""
    python: Path = OURS
    per: int = 1
    """By how many items the time is divided."""
    unit: str = "s"
    clock: str = "process_time"
    """The function of `time` that times a statement. Processor time, because other
    programs may keep this one waiting; what threads share takes `perf_counter`."""


@dataclass(frozen=True)
class Row:
    """One line of the table: this package beside something else."""

    what: str
    ours: Case
    peer_name: str
    peer: Case
    target: str = ""
    is_share: bool = False
    """Whether the ratio is our cost over the peer's, as beside a floor; else it
    tells how many times as fast as the peer we are."""
    rounds: int = ROUNDS


class Result(NamedTuple):
    """The medians of a row."""

    ours: float
    peer: float
    ratio: float
    """The peer's cost over ours, or ours over the peer's: see `Row.is_share`."""


class Worker:
    """A process that times one case whenever it is told to."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.process = subprocess.Popen(
            [case.python, "-m", "benches.worker"],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(
            {"setup": case.setup, "statement": case.statement, "clock": case.clock}
        )

    def measure(self) -> float:
        """Return the cost of the case, measured once."""
        self._send("go")
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        if not answer:
            message = f"a case failed: {self.case}"
            raise RuntimeError(message)
        return float(answer) / self.case.per

    def _send(self, message: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


def run(row: Row) -> Result:
    """Measure both sides of a row, taking turns."""
    with closing(Worker(row.ours)) as ours, closing(Worker(row.peer)) as peer:
        pairs = [(ours.measure(), peer.measure()) for _ in range(row.rounds)]
    return summarize(pairs, is_share=row.is_share)


def summarize(pairs: Sequence[tuple[float, float]], *, is_share: bool) -> Result:
    """Return the medians of what was measured round by round."""
    return Result(
        median(ours for ours, _ in pairs),
        median(peer for _, peer in pairs),
        median(ours / peer if is_share else peer / ours for ours, peer in pairs),
    )
