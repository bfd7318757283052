"""The command that `make bench` runs: measures all topics, prints one table."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benches import harness, inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benches.harness import Result, Row

TOPICS = (
    "arrow",
    "parse",
    "read",
    "core",
    "smaps",
    "machine",
    "growth",
    "query",
    "objects",
    "space",
    "rust",
    "package",
    "command",
)


def main() -> None:
    """Measure the topics named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="python -m benches.run")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        snapshot = Path(folder, "maps")
        lines = inputs.take_snapshot(snapshot)
        os.environ[inputs.SNAPSHOT] = str(snapshot)
        print(f"{machine()}.")
        print(f"The maps of all processes here: {lines:,} lines, repeated as needed.\n")
        print("| what | procmaps | beside | its cost | ratio | target |")
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
        for topic in options.topics or TOPICS:
            for row in importlib.import_module(f"benches.topics.{topic}").rows():
                result = harness.run(row)
                print("| " + " | ".join(cells(row, result)) + " |", flush=True)


def machine() -> str:
    """Name the machine and the versions."""
    system = ".".join(platform.release().split(".")[:2])
    return ", ".join(
        [
            f"{os.cpu_count()} processors ({platform.machine()})",
            f"{platform.system()} {system}",
            f"{platform.python_implementation()} {platform.python_version()}",
            *(f"{name} {version(name)}" for name in ("procmaps", "psutil")),
        ]
    )


def cells(row: Row, result: Result) -> Iterator[str]:
    """Yield a row as text."""
    yield row.what
    yield quantity(result.ours, row.ours.unit)
    yield row.peer_name
    yield quantity(result.peer, row.peer.unit)
    yield (
        f"{result.ratio:.2f} of it"
        if row.is_share
        else f"{result.ratio:.1f} times as fast"
    )
    yield row.target


def quantity(value: float, unit: str) -> str:
    """Write a number with three digits and a unit of fitting size."""
    steps = (
        (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0))
        if unit == "s"
        else (("B", 1.0), ("KiB", 1024.0))
    )
    name, size = max(
        (step for step in steps if step[1] <= value),
        key=lambda step: step[1],
        default=steps[0],
    )
    return f"{value / size:.3g} {name}"


if __name__ == "__main__":
    main()
