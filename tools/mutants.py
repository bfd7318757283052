"""Let the tests of the package look at the faults that those of the crate miss.

`make mutants` seeds faults in the core, one at a time, with cargo-mutants, which
writes down those that no test of the crate notices. Each of them is built here as an
extension module, in a copy of the tree, until a test in Python fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parent.parent
OUT = ROOT / "target" / "mutants" / "mutants.out"
COPY = ROOT / "target" / "mutants" / "tree"

# Where a fault in a folder of src shows.
TESTS = {
    "arrow": ["arrow"],
    "core_dump": ["core"],
    "formats": ["parsing", "core", "space", "live"],
    "linux": ["live", "machine"],
    "mapping": ["objects", "parsing", "space"],
    "space": ["space", "core", "live"],
}

# What needs the speed of a release.
QUICK = "long_listing"

# A fault may well be that something never ends.
LIMIT = ["timeout", "--kill-after=5", "600"]


def copy_sources() -> None:
    """Copy what is under version control, and what it is built and tested with."""
    shutil.rmtree(COPY, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(command, cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, COPY / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy, follow_symlinks=False)


def build() -> bool:
    """Build the extension module of the copy into its package."""
    target = COPY.parent / "target"
    done = subprocess.run(
        ["cargo", "build", "--locked", "--quiet", "--target-dir", target],
        cwd=COPY,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode == 0:
        library = target / "debug" / "libprocmaps.so"
        shutil.copy(library, COPY / "python" / "procmaps" / "_procmaps.abi3.so")
    return done.returncode == 0


def run_tests(*which: str) -> subprocess.CompletedProcess[str]:
    """Run tests with what was built, until one fails."""
    pytest = [sys.executable, "-m", "pytest", "-qx", "-k", f"not {QUICK}"]
    return subprocess.run(
        [*LIMIT, *pytest, *which],
        cwd=COPY,
        env={**os.environ, "PYTHONPATH": str(COPY / "python")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        text=True,
    )


def passes(folders: Iterable[str]) -> bool:
    """Whether all tests of these folders pass: first those that failed before."""
    names = [f"tests/{folder}" for folder in folders]
    done = run_tests("--failed-first", *names)
    if done.returncode == 0:
        return True
    # A test that fails by chance has noticed nothing; a crash or a hang has no name.
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return bool(failed) and run_tests(*failed).returncode == 0


def patch(diff: str, *options: str) -> None:
    """Apply the change that a mutant is, or take it back."""
    command = ["patch", "--quiet", "-p0", *options]
    subprocess.run(command, cwd=COPY, input=diff, text=True, check=True)


def main() -> None:
    """Print what survives, and how many faults who caught."""
    outcomes = json.loads((OUT / "outcomes.json").read_text())
    missed = [
        outcome
        for outcome in outcomes["outcomes"]
        if outcome["summary"] == "MissedMutant"
    ]
    copy_sources()
    if not (build() and passes(dict.fromkeys(chain(*TESTS.values())))):
        sys.exit("the tests fail without a fault")
    survivors = []
    for outcome in missed:
        diff = (OUT / outcome["diff_path"]).read_text()
        name = outcome["scenario"]["Mutant"]["name"]
        patch(diff)
        if build() and passes(TESTS[Path(name).parts[1]]):
            survivors.append(name)
            print("survives:", name, flush=True)
        patch(diff, "--reverse")
    caught = outcomes["caught"] + outcomes["timeout"]
    later, none = len(missed) - len(survivors), len(survivors)
    print(f"{caught} caught by the crate's tests, {later} by the package's, {none} not")


if __name__ == "__main__":
    main()
