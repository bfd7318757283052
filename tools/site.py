"""Checks a built site: every public name, and every member of it, is documented there.

The names come from `__all__` and from the stub, what is documented from the inventory
that other sites link by (objects.inv, as of Sphinx).
"""

from __future__ import annotations

import ast
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "procmaps"
STUB = ROOT / "stubs" / "procmaps" / "_procmaps.pyi"


def public(module: Path, prefix: str) -> Iterator[str]:
    """Give the names in `__all__` of a module, under which users import them."""
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and _name(statement) == "__all__":
            for name in ast.literal_eval(statement.value):
                if not name.startswith("__"):
                    yield f"{prefix}.{name}"


def members(module: Path, prefix: str, classes: set[str]) -> Iterator[str]:
    """Give the members of those classes that a module or a stub defines."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and f"{prefix}.{node.name}" in classes:
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name[0] != "_":
                    yield f"{prefix}.{node.name}.{member.name}"


def documented(site: Path) -> set[str]:
    """Return the names in the inventory of a site."""
    data = (site / "objects.inv").read_bytes()
    _, _, _, _, body = data.split(b"\n", 4)
    return {line.split()[0] for line in zlib.decompress(body).decode().splitlines()}


def _name(statement: ast.Assign) -> str:
    return ast.unparse(statement.targets[0])


def main() -> int:
    """Check the site in the directory that is named; return the exit status."""
    site = Path(sys.argv[1])
    names = set(public(PACKAGE / "__init__.py", "procmaps"))
    for module in (STUB, *PACKAGE.glob("*.py")):
        names |= set(members(module, "procmaps", names))
    arrow = set(public(PACKAGE / "arrow.py", "procmaps.arrow"))
    names |= arrow | set(members(PACKAGE / "arrow.py", "procmaps.arrow", arrow))
    faults = [f"not documented: {name}" for name in sorted(names - documented(site))]
    # Markdown takes for a tag what stands in no backticks: /proc/<pid>/maps.
    faults += [
        f"{page.relative_to(site)}: <pid> outside of backticks"
        for page in site.rglob("*.html")
        if "<pid>" in page.read_text(encoding="utf-8")
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
