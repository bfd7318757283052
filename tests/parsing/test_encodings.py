"""Locales and encodings of every kind: the same bytes, or the same text, in each."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import Map
from support.command import EXAMPLE, answer, environment, run

pytestmark = pytest.mark.not_on(
    "windows",
    "musl",
    "emulator",
    "pypy",
    reason="needs locales, and starts many programs",
)

ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# The environment, and the encoding of standard output in it.
ENVIRONMENTS: dict[str, tuple[dict[str, str], str]] = {
    "C": ({"LC_ALL": "C"}, "utf-8"),
    "C without UTF-8": ({"LC_ALL": "C", **ASCII}, "ascii"),
    "POSIX without UTF-8": ({"LC_ALL": "POSIX", **ASCII}, "ascii"),
    "no such locale": ({"LC_ALL": "xx_XX", **ASCII}, "ascii"),
    "output in ASCII": ({"PYTHONIOENCODING": "ascii"}, "ascii"),
    "output in strict ASCII": ({"PYTHONIOENCODING": "ascii:strict"}, "ascii"),
    "output in Latin-1": ({"PYTHONIOENCODING": "latin-1"}, "latin-1"),
    "output in UTF-16": ({"PYTHONIOENCODING": "utf-16"}, "utf-16"),
    "output for Windows": ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
    "locale in Latin-1": ({"LC_ALL": "en_US.ISO-8859-1", **ASCII}, "latin-1"),
    "locale in EUC-JP": ({"LC_ALL": "ja_JP.EUC-JP", **ASCII}, "euc-jp"),
}

NAMES = [
    b"/srv/gr\xc3\xb6\xc3\xa4e \xc2\xa4",
    b"/srv/gr\xf6\xe4e",  # nearly the same in Latin-1, which is not UTF-8
    b"/srv/\xe6\xbc\xa2\xe5\xad\x97",
    b"/srv/\xed\xa0\x80",  # half a surrogate pair, which is not UTF-8
    b"/srv/\xf0\x9f\x98\x80 (deleted)",
    b"/srv/\xc2\x85\xe2\x80\xa8\x0b\x0c\x1c",  # where Python splits lines
    b"/srv/\xe2\x80\xaefdp.exe\xe2\x81\xa6",  # turns the direction
    b"/srv/\x1b]0;title\x07\x7f\r\t",
    b"/srv/back\\012slash\\",
    b"/srv/\xff\\xff ",
    b"[anon:\xc3\xb6\xf6]",
]
MAPS = b"".join(
    (b"%08x-%08x r--p 00000000 08:01 7" % (n << 12, (n + 1) << 12)).ljust(73)
    + name
    + b"\n"
    for n, name in enumerate(NAMES, 1)
)


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the locales that few machines have."""
    path = tmp_path_factory.mktemp("locales")
    for name in ("en_US.ISO-8859-1", "ja_JP.EUC-JP"):
        language, charset = name.split(".")
        command = ["localedef", "-i", language, "-f", charset, str(path / name)]
        subprocess.run(command, check=True)
    return path


@pytest.fixture(params=[*ENVIRONMENTS.values()], ids=[*ENVIRONMENTS])
def place(request: pytest.FixtureRequest) -> tuple[dict[str, str], str]:
    """Give an environment, and the encoding of standard output in it."""
    env, encoding = request.param
    if env.get("LC_ALL", "C")[:3] in {"en_", "ja_"}:
        try:
            env = {**env, "LOCPATH": str(request.getfixturevalue("locales"))}
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"the locale can't be made here: {error}")
    code = "import sys; print(sys.stdout.encoding)"
    found = python(code, env).decode(encoding).strip()
    assert "".encode(found) == "".encode(encoding)
    return env, encoding


def python(code: str, env: dict[str, str], *words: str | bytes) -> bytes:
    """Run a program, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *words],
        capture_output=True,
        env=environment(env),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def output(env: dict[str, str], *words: str | bytes, **options: Any) -> bytes:
    done = run(*words, env=env, **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def said(text: str, encoding: str) -> bytes:
    """Return text in an encoding, with escapes for what it lacks."""

    def escaped(match: re.Match[str]) -> str:
        code = ord(match[0])
        try:
            match[0].encode(encoding)
        except UnicodeEncodeError:
            return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        return match[0]

    return re.sub(r"[^\0-\x7f]", escaped, text).encode(encoding)


@pytest.mark.parametrize("words", [["-"], ["show", "-", "--raw"]])
def test_raw_lines_are_the_bytes(place: Any, words: list[str]) -> None:
    env, _ = place
    assert output(env, *words, stdin=MAPS) == MAPS
    filtered = output(env, "show", "--raw", "--kind=file", "-", stdin=MAPS)
    assert filtered == MAPS[: MAPS.rindex(b"\n", 0, -1) + 1]


def test_csv_has_the_bytes(place: Any) -> None:
    env, _ = place
    expected = output({}, "show", "-", "--csv", stdin=MAPS)
    assert all(name in expected.replace(b'""', b'"') for name in NAMES)
    assert output(env, "show", "-", "--csv", stdin=MAPS) == expected


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_is_the_same_text(place: Any, form: str) -> None:
    env, encoding = place
    text = output(env, "show", "-", form, stdin=MAPS).decode(encoding)
    assert text == answer("show", "-", form, stdin=MAPS)
    documents = [text] if form == "--json" else text.split("\n")[:-1]
    records = [json.loads(document) for document in documents]
    (records,) = records if form == "--json" else (records,)
    fields = Map.__match_args__
    assert [Map(**{f: record[f] for f in fields}) for record in records] == (
        procmaps.from_bytes(MAPS)
    )
    assert [
        record["pathname"].encode("utf-8", "surrogateescape") for record in records
    ] == NAMES


@pytest.mark.parametrize("words", [[], ["--color", "always"]])
def test_tables_lack_nothing(place: Any, words: list[str]) -> None:
    env, encoding = place
    expected = answer("show", "-", *words, stdin=MAPS)
    assert output(env, "show", "-", *words, stdin=MAPS) == said(expected, encoding)


def test_no_two_names_look_alike(place: Any) -> None:
    env, encoding = place
    names = {
        chr(0xF6),
        chr(0xFF),
        "\udcf6",
        "\\xf6",
        "\\u00f6",
        "\\xff",
        "€",
        "漢",
    }
    text = "".join(f"1-2 r--p 0 8:1 7 /{name}\n" for name in names)
    stdin = text.encode("utf-8", "surrogateescape")
    table, _ = output(env, "show", "-", stdin=stdin).decode(encoding).split("\n\n")
    shown = {line.split()[-1] for line in table.split("\n")[1:]}
    assert len(shown) == len(names)
    assert all(name.isprintable() for name in shown)


def test_files_and_patterns_of_any_bytes(place: Any, tmp_path: Path) -> None:
    env, encoding = place
    for name in NAMES[:2]:
        path = os.fsencode(tmp_path) + b"/" + name.replace(b"/", b"-")
        Path(os.fsdecode(path)).write_bytes(MAPS)
        assert output(env, path) == MAPS
        found = output(env, "show", path, "--raw", b"--path=" + name)
        (line,) = [line for line in MAPS.split(b"\n") if line[73:] == name]
        assert found == line + b"\n"
        assert output(env, "diff", path, path, "--json").decode(encoding) == (
            answer("diff", str(EXAMPLE), str(EXAMPLE), "--json")
        )
        begin = line[:8].decode()
        text = output(env, "find", path, begin, "--json").decode(encoding)
        (record,) = json.loads(text)
        assert record["map"]["pathname"].encode("utf-8", "surrogateescape") == name


def test_complaints_about_files_are_one_line(place: Any, tmp_path: Path) -> None:
    env, encoding = place
    for name in (*NAMES[:2], NAMES[7], b"/srv/two\nlines"):
        path = os.fsencode(tmp_path) + b"/" + name.replace(b"/", b"-")
        done = run("show", path, env=env)
        assert (done.returncode, done.stdout) == (1, b"")
        complaint = done.stderr.decode(encoding)
        assert complaint.startswith(f'procmaps: no file "{tmp_path}/-srv-')
        assert complaint.count("\n") == 1
        assert complaint[:-1].isprintable()
    done = run("show", path, b"\xffanother\x1b", env=env)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "unrecognized arguments: " in done.stderr.decode(encoding)
    assert "\x1b" not in done.stderr.decode(encoding)


def test_what_is_ascii_is_the_same(place: Any) -> None:
    env, encoding = place
    for words in (["show", "--help"], ["completion", "zsh"]):
        assert output(env, *words).decode(encoding) == answer(*words)
    assert b"Traceback" not in output(env, "usage", "self")


LIBRARY = """
    import mmap, os, pathlib, sys, procmaps

    name, directory = [os.fsencode(word) for word in sys.argv[1:]]
    path = os.path.join(directory, name)
    text = name.decode("utf-8", "surrogateescape")
    with open(path, "wb") as file:
        file.write(b"1000-2000 r--p 00000000 08:01 7 /srv/" + name)
    for each in (path, os.fsdecode(path), pathlib.Path(os.fsdecode(path))):
        (map_,) = procmaps.from_path(each)
        assert map_.pathname == map_.path == "/srv/" + text
        space = procmaps.AddressSpace.from_path(each)
        (module,) = space.modules
        assert module.name == text
    assert procmaps.from_str(str(map_)) == [map_]
    assert eval(repr(map_), {"Map": procmaps.Map}) == map_
    for each in (name, text, pathlib.Path(os.fsdecode(name)), b"/srv/" + name):
        assert space.module(each) == module
    try:
        procmaps.from_path(path + b"?")
    except FileNotFoundError as error:
        assert os.fsencode(error.filename) == path + b"?"
    try:
        procmaps.from_bytes(b"1000-2000 r--p 0 8:1 7\\n" + name)
    except procmaps.ParseError as error:
        assert error.line == text
        assert error.line_number == 2

    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ):
        with procmaps.Process(os.getpid()) as process:
            (map_,) = [m for m in process.maps() if (m.path or "").endswith("/" + text)]
            assert process.find(map_.begin_address) == map_
            with process.open(map_) as opened:
                assert opened.read() == file.read()
                assert opened.name == map_.pathname
            other = map_.replace(inode=map_.inode + 1, offset=0)
            try:
                process.open(other)
            except FileNotFoundError as error:
                assert error.filename == map_.pathname
            else:
                raise AssertionError
    print("all well")
"""


@pytest.mark.parametrize("name", [b"gr\xc3\xb6\xc3\xa4e", b"gr\xf6\xff"])
def test_the_library(place: Any, name: bytes, tmp_path: Path) -> None:
    env, encoding = place
    told = python(LIBRARY, env, name, str(tmp_path))
    assert told.decode(encoding) == "all well\n"
