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


def members(stub: Path) -> Iterator[str]:
    """Give the members of the classes in the stub."""
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name[0] != "_":
                    yield f"procmaps.{node.name}.{member.name}"


def documented(site: Path) -> set[str]:
    """Return the names in the inventory of a site."""
    data = (site / "objects.inv").read_bytes()
    _, _, _, _, body = data.split(b"\n", 4)
    return {line.split()[0] for line in zlib.decompress(body).decode().splitlines()}


def _name(statement: ast.Assign) -> str:
    return ast.unparse(statement.targets[0])


def main() -> int:
    """Check the site in the directory that is named; return the exit status."""
    expected = {*public(PACKAGE / "__init__.py", "procmaps"), *members(STUB)}
    missing = sorted(expected - documented(Path(sys.argv[1])))
    for name in missing:
        print(f"not documented: {name}", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
