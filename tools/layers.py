"""Check that the folders of src/ depend on each other one way: down this list.

And that every file is compiled, which the compiler says nothing of: one that no other
names as its module is left out, tests and all.
"""

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


def is_compiled(path: Path) -> bool:
    """Whether a file that stands above this one names it as a module."""
    place = path.parent if path.name == "mod.rs" else path.with_suffix("")
    above = place.parent
    parents = (above / "lib.rs", above / "mod.rs", above.with_suffix(".rs"))
    named = rf"^(?:pub(?:\(\w+\))? )?mod {place.name};"
    # What stands in for a module on other systems.
    by_path = rf'path = "(?:\w+/)?{path.name}"'
    return any(
        re.search(name, parent.read_text(encoding="utf-8"), re.MULTILINE)
        for name, files in ((named, parents), (by_path, [SOURCES / "linux/mod.rs"]))
        for parent in files
        if parent.is_file()
    )


def main() -> int:
    """Check every file, and say what is wrong with it."""
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
    bad += [
        f"{path.relative_to(SOURCES.parent)}: no file names it as a module"
        for path in SOURCES.rglob("*.rs")
        if path.name != "lib.rs" and not is_compiled(path)
    ]
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
