"""Check that the folders of src/ depend on each other one way: down this list."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src"

#: Each folder, and those that it may name.
BELOW = {
    "mapping": set(),
    "formats": {"mapping"},
    "space": {"mapping", "formats"},
    "linux": {"mapping", "formats", "space"},
    "core_dump": {"mapping", "formats", "space"},
    "arrow": {"mapping", "formats", "space"},
    "python": {"mapping", "formats", "space", "linux", "core_dump", "arrow"},
}

NAMED = re.compile(r"\bcrate::(?:\{([^}]*)\}|(\w+))")
PYTHON = re.compile(r"\b(?:pyo3|PyErr|Python<)")


def faults(path: Path) -> list[str]:
    """Return what a file names that it may not know."""
    folder = path.relative_to(SOURCES).parts[0]
    # A test may make what it checks with anything.
    text = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod tests {")[0]
    named: set[str] = set()
    for group, name in NAMED.findall(text):
        named |= set(re.findall(r"\w+", group)) if group else {name}
    found = [
        f"names crate::{name}"
        for name in sorted(named & BELOW.keys() - BELOW[folder] - {folder})
    ]
    if folder != "python" and PYTHON.search(text):
        found.append("knows Python")
    return found


def main() -> int:
    """Check every file, and say where one depends on what stands above it."""
    files = [
        path
        for folder in BELOW
        for path in (SOURCES / folder).rglob("*.rs")
        if path.name != "tests.rs"
    ]
    bad = [
        f"{path.relative_to(SOURCES.parent)}: {fault}"
        for path in files
        for fault in faults(path)
    ]
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
