"""The stub says what the package says at run time, and documents all of it."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import jedi  # type: ignore[import-untyped]
import pytest

import procmaps
from procmaps import _procmaps

STUB = Path(procmaps.__file__).with_name("_procmaps.pyi")
TREE = ast.parse(STUB.read_text(encoding="utf-8"))
# Types, which have no docstring.
ALIASES = {"Kind"}
Documented = (ast.ClassDef, ast.FunctionDef)


def is_public(name: str) -> bool:
    return not name.startswith("_")


def documented(nodes: list[ast.stmt]) -> dict[str, str | None]:
    """Return the docstrings of what a body defines, overloads apart."""
    return {
        node.name: ast.get_docstring(node)
        for node in nodes
        if isinstance(node, Documented) and is_public(node.name)
    }


CLASSES = {
    node.name: documented(node.body)
    for node in TREE.body
    if isinstance(node, ast.ClassDef) and is_public(node.name)
}
MEMBERS = [(owner, name) for owner, members in CLASSES.items() for name in members]


def docstring(value: object) -> str | None:
    text = getattr(value, "__doc__", None)
    return None if text is None else inspect.cleandoc(text)


def test_the_stub_is_installed_and_lists_what_there_is() -> None:
    assert STUB.is_file()
    (names,) = [
        ast.literal_eval(node.value)
        for node in TREE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert sorted(names) == sorted(_procmaps.__all__)
    defined = {name for name in dir(_procmaps) if is_public(name)} | {"__version__"}
    assert defined == set(names)
    assert set(documented(TREE.body)) == defined - {"__version__"}


def test_all_of_the_extension_is_importable_from_the_package() -> None:
    assert set(_procmaps.__all__) < set(procmaps.__all__) <= set(dir(procmaps))
    for name in set(procmaps.__all__) - ALIASES:
        value = getattr(procmaps, name)
        assert getattr(value, "__module__", "procmaps") in {
            "procmaps",
            "procmaps._procmaps",
        }


def test_nothing_else_is_importable_from_the_package() -> None:
    with pytest.raises(AttributeError) as caught:
        procmaps.other  # type: ignore[attr-defined] # noqa: B018
    assert str(caught.value) == "module 'procmaps' has no attribute 'other'"


def test_what_can_be_called_a_kind() -> None:
    kinds = get_args(procmaps.Kind)
    assert len(set(kinds)) == len(kinds) == 13
    documented = inspect.getdoc(procmaps.Map.kind)
    assert documented
    assert re.findall(r"'(\w+)'", documented) == list(kinds)
    source = "import procmaps\nprocmaps.Kin"
    completions = jedi.Script(source, path="example.py").complete(2, 12)
    assert "Kind" in {found.name for found in completions}


@pytest.mark.parametrize("name", documented(TREE.body))
def test_docstring(name: str) -> None:
    in_stub = documented(TREE.body)[name]
    assert in_stub
    assert docstring(getattr(procmaps, name)) == in_stub


@pytest.mark.not_on("pypy", reason="a method has no docstring")
@pytest.mark.parametrize(("owner", "name"), MEMBERS)
def test_docstring_of_a_member(owner: str, name: str) -> None:
    in_stub = CLASSES[owner][name]
    assert in_stub
    assert docstring(inspect.getattr_static(getattr(procmaps, owner), name)) == in_stub


@pytest.mark.parametrize("owner", CLASSES)
def test_the_stub_lists_every_member(owner: str) -> None:
    members = {name for name in vars(getattr(procmaps, owner)) if is_public(name)}
    assert set(CLASSES[owner]) == members


@pytest.mark.not_on("pypy", reason="a method has no docstring")
@pytest.mark.parametrize("name", sorted(set(procmaps.__all__) - ALIASES))
def test_everything_public_is_documented(name: str) -> None:
    value: Any = getattr(procmaps, name)
    if name == "__version__":
        assert isinstance(value, str)
        return
    assert docstring(value)
    if inspect.isclass(value):
        for member, attribute in vars(value).items():
            if is_public(member):
                assert docstring(attribute), f"{name}.{member}"


@pytest.mark.parametrize(("owner", "name"), MEMBERS)
def test_completion_and_hover_text(owner: str, name: str) -> None:
    source = f"import procmaps\nvalue: procmaps.{owner}\nvalue.{name}"
    script = jedi.Script(source, path="example.py")
    (completion,) = [
        found
        for found in script.complete(3, len(f"value.{name}"))
        if found.name == name
    ]
    in_stub = CLASSES[owner][name]
    assert in_stub
    assert in_stub in inspect.cleandoc(completion.docstring(raw=True))
    (hover,) = script.help(3, len("value.") + 1)
    assert in_stub in inspect.cleandoc(hover.docstring(raw=True))
