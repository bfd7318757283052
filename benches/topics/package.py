"""The package as a whole: how long its import takes and how large it is."""

from collections.abc import Iterator

from benches.harness import OLD, ROOT, Case, Row

IMPORT = """
import subprocess, sys
def measure():
    code = (
        "from time import perf_counter as now; start = now(); import procmaps; "
        "print(now() - start)"
    )
    command = [sys.executable, "-I", "-c", code]
    return min(float(subprocess.check_output(command)) for _ in range(5))
"""
WHEEL = """
from pathlib import Path
def measure():
    [wheel] = Path({folder!r}).glob("procmaps-*.whl")
    return wheel.stat().st_size
"""


def rows() -> Iterator[Row]:
    """Import time and the size of the wheel."""
    yield Row(
        "`import procmaps`", Case(IMPORT), "procmaps 0.6.5", Case(IMPORT, python=OLD)
    )
    ours, old = (
        Case(WHEEL.format(folder=str(ROOT / folder)), unit="B")
        for folder in ("target/wheels", ".venvs/bench-0.6.5")
    )
    yield Row(
        "the wheel",
        ours,
        "procmaps 0.6.5",
        old,
        target="at most 400 KiB",
        is_share=True,
    )
