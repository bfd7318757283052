"""The command on a terminal, read back from its screen."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from procmaps.cli.render.text import cells
from support.children import child, python
from support.command import COMMAND, EXAMPLE, NAMES, answer, on_terminal, run

pytestmark = pytest.mark.needs_programs

# As the command without the extra: neither package can be imported.
BARE = (
    sys.executable,
    "-c",
    (
        "import sys; sys.modules.update(rich=None, shtab=None)\n"
        "from procmaps.cli import main\n"
        "sys.exit(main())"
    ),
)
ESCAPES = re.compile(rb"\x1b\[[0-9;]*m")


def file_with(data: bytes, tmp_path: Any) -> str:
    path = tmp_path / "odd.maps"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("command", [COMMAND, BARE])
def test_at_200_columns_the_table_is_that_of_a_pipe(command: Any) -> None:
    terminal = on_terminal("show", str(EXAMPLE), columns=200, command=command)
    piped = answer("show", str(EXAMPLE)).splitlines()
    assert terminal.lines[: len(piped)] == piped
    assert not any(terminal.lines[len(piped) :])


@pytest.mark.parametrize("command", [COMMAND, BARE])
def test_at_80_columns_names_are_shortened_and_nothing_else(command: Any) -> None:
    terminal = on_terminal("show", str(EXAMPLE), columns=80, command=command)
    piped = answer("show", str(EXAMPLE)).splitlines()
    for line, full in zip(terminal.lines, piped):
        assert line.split()[:5] == full.split()[:5] or not full
    assert terminal.lines[11:15] == [
        (
            "7f3a53184000-7f3a53199000   84 KiB r-xp    4000 file      "
            "/…lugin.so.3 (deleted)"
        ),
        (
            "7f3a5319a000-7f3a5319b000    4 KiB rw-p   19000 file      "
            "/…lugin.so.3 (deleted)"
        ),
        (
            "7f3a53200000-7f3a53228000  160 KiB r--p       0 file      "
            "/usr/li…-gnu/libc.so.6"
        ),
        (
            "7f3a53228000-7f3a5337d000  1.3 MiB r-xp   28000 file      "
            "/usr/li…-gnu/libc.so.6"
        ),
    ]


@pytest.mark.parametrize("columns", range(74, 140, 9))
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    terminal = on_terminal("show", str(EXAMPLE), columns=columns)
    piped = answer("show", str(EXAMPLE))
    assert len([line for line in terminal.lines if line]) == len(
        [line for line in piped.splitlines() if line]
    )


@pytest.mark.needs_processes
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "words", [["show"], ["show", "--by", "module"], ["usage"], ["usage", "-n0"]]
)
def test_no_row_of_a_real_process_is_wider(words: list[str], columns: int) -> None:
    with child(*python("import sys; print(flush=True); sys.stdin.read()")) as other:
        other.line()
        target = str(other.pid)
        command = [words[0], target, *words[1:]]
        terminal = on_terminal(*command, "--color", "never", columns=columns)
    rows = terminal.received.decode().split("\r\n")
    assert any(row.endswith("in all") for row in rows)
    assert max(map(cells, rows)) <= columns


def test_narrower_than_its_numbers_it_wraps_and_keeps_addresses() -> None:
    received = on_terminal("show", str(EXAMPLE), columns=30).received
    for line in EXAMPLE.read_bytes().splitlines():
        assert line.split()[0] in received


def test_columns_in_the_environment_go_before_the_terminals() -> None:
    wide = on_terminal("show", str(EXAMPLE), columns=200, env={"COLUMNS": "80"})
    assert wide.lines == on_terminal("show", str(EXAMPLE), columns=80).lines + [""] * (
        len(wide.lines) - 2000
    )


def test_columns_in_the_environment_hold_for_pipes_too() -> None:
    piped = answer("show", str(EXAMPLE), env={"COLUMNS": "80"}).splitlines()
    terminal = on_terminal("show", str(EXAMPLE), columns=80)
    assert terminal.lines[: len(piped)] == piped
    assert answer("show", str(EXAMPLE), env={"COLUMNS": "0"}) == answer(
        "show", str(EXAMPLE)
    )


@pytest.mark.parametrize("columns", ["9" * 5000, "-80", "80.0", "٨٠", ""])
def test_columns_that_are_no_width_are_left_alone(columns: str) -> None:
    assert answer("show", str(EXAMPLE), env={"COLUMNS": columns}) == answer(
        "show", str(EXAMPLE)
    )


def test_writable_and_executable_stands_out_by_colour_and_mark() -> None:
    terminal = on_terminal("show", str(EXAMPLE))
    row = terminal.line("[anon:jit]")
    assert "rwxp!" in terminal.lines[row]
    for column, character in enumerate(terminal.lines[row]):
        cell = terminal.screen.buffer[row][column]
        assert character == " " or (cell.fg, cell.bold) == ("red", True)
    others = [
        number
        for number in range(60)
        if any(cell.fg == "red" for cell in terminal.screen.buffer[number].values())
    ]
    assert others == [row, terminal.line("writable and executable (!)")]


def test_titles_ranges_kinds_and_deleted_files_have_their_looks() -> None:
    terminal = on_terminal("show", str(EXAMPLE), columns=120)
    title = terminal.screen.buffer[0][0]
    assert (title.data, title.bold, title.underscore) == ("r", True, True)
    row = terminal.line("[heap]")
    assert terminal.screen.buffer[row][0].fg == "cyan"
    kind = terminal.lines[row].index("heap")
    assert terminal.screen.buffer[row][kind].fg == "green"
    gone = terminal.lines.index(
        next(line for line in terminal.lines if "libplugin.so.3 (deleted)" in line)
    )
    assert terminal.screen.buffer[gone][0].fg == "brown"  # pyte's name for yellow


@pytest.mark.parametrize(
    ("words", "env"),
    [
        ([], {"NO_COLOR": "1"}),
        ([], {"TERM": "dumb"}),
        (["--color", "never"], {}),
        (["--color=never"], {"NO_COLOR": ""}),
    ],
)
def test_without_colours_there_is_no_escape_sequence(
    words: list[str], env: dict[str, str]
) -> None:
    terminal = on_terminal("show", str(EXAMPLE), *words, env=env)
    assert b"\x1b" not in terminal.received
    assert terminal.lines == on_terminal("show", str(EXAMPLE)).lines


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_always_go_through_a_pipe_at_full_width(env: dict[str, str]) -> None:
    done = run("show", str(EXAMPLE), "--color", "always", env=env)
    plain = run("show", str(EXAMPLE)).stdout
    assert b"\x1b[1;31m7f3a52e00000-7f3a53000000" in done.stdout
    uncoloured = [line.rstrip() for line in ESCAPES.sub(b"", done.stdout).split(b"\n")]
    assert uncoloured == plain.split(b"\n")


def test_empty_no_color_is_no_wish() -> None:
    terminal = on_terminal("show", str(EXAMPLE), env={"NO_COLOR": ""})
    assert b"\x1b[1;31m" in terminal.received


@pytest.mark.parametrize("form", [[], ["--raw"], ["--json"], ["--jsonl"], ["--csv"]])
@pytest.mark.parametrize("command", [COMMAND, BARE])
def test_names_never_reach_a_terminal_raw(
    form: list[str], command: Any, tmp_path: Any
) -> None:
    path = file_with(NAMES, tmp_path)
    received = on_terminal("show", path, *form, columns=400, command=command).received
    text = ESCAPES.sub(b"", received).decode()
    assert "[31mred" in text
    assert all(character.isprintable() for character in text.replace("\r\n", ""))


def test_every_name_is_told_apart_on_the_screen(tmp_path: Any) -> None:
    path = file_with(NAMES, tmp_path)
    lines = on_terminal("show", path, columns=120).lines
    names = [line.split("file       ")[1] for line in lines[1:6]]
    assert names == [
        r"/srv/\xff\xfe",
        r"/srv/\x1b[31mred\x7f",
        r"/srv/back\\012slash",
        r"/srv/größe\u202e\u0085\x20\x20",
        r'/srv/a,"b"\x0d',
    ]


def test_raw_lines_of_names_without_harm_are_exact_on_a_terminal() -> None:
    lines = on_terminal("show", str(EXAMPLE), "--raw", columns=200).lines
    expected = [line.rstrip() for line in EXAMPLE.read_text().splitlines()]
    assert lines[: len(expected)] == expected


def test_wide_characters_take_two_columns(tmp_path: Any) -> None:
    name = "/srv/" + "漢字" * 30 + "/ファイル"
    line = f"1000-2000 r--p 00000000 08:01 1 {name}\n"
    terminal = on_terminal("show", file_with(line.encode(), tmp_path), columns=80)
    shown = ESCAPES.sub(b"", terminal.received).decode().splitlines()[1]
    assert shown.endswith(" /srv/漢字漢…漢字漢字漢字漢字/ファイル")
    assert cells(shown) in {79, 80}


def test_a_terminal_that_is_not_utf8_gets_what_it_can_show(tmp_path: Any) -> None:
    path = file_with("1000-2000 r--p 0 08:01 1 /srv/größe\n".encode(), tmp_path)
    env = {"PYTHONIOENCODING": "ascii"}
    received = on_terminal("show", path, env=env).received
    assert b"/srv/gr\\u00f6\\u00dfe" in received
    narrow = on_terminal("show", str(EXAMPLE), env=env).received
    assert narrow.isascii()
    assert b"/usr/li~-gnu/libc.so.6" in narrow


def test_without_rich_colours_cannot_be_had_for_the_asking() -> None:
    terminal = on_terminal(
        "show", str(EXAMPLE), "--color=always", command=BARE, columns=120
    )
    assert terminal.lines[0] == (
        "procmaps: colours need rich: pip install 'procmaps[cli]'"
    )
    assert b"\x1b" not in on_terminal("show", str(EXAMPLE), command=BARE).received
