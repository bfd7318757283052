"""ParseError: what it says, and that nothing of it is lost on the way."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import procmaps
from procmaps import ParseError
from support.helpers import LINE

EXPECTED = (
    "inode: expected decimal digits (at most 64 bits), then a space or the end, found "
)
SURROGATE = (
    "pathname: expected UTF-8, or U+DC80 to U+DCFF for bytes that are not, found "
)


def caught(document: str) -> ParseError:
    with pytest.raises(ParseError) as info:
        procmaps.from_str(document)
    return info.value


def test_attributes_and_message() -> None:
    error = caught(f"{LINE}\n\n1-2 r--p 0 1:1 -1 /x\n")
    assert error.line_number == 3
    assert error.line == "1-2 r--p 0 1:1 -1 /x"
    assert error.reason == EXPECTED + '"-1 /x"'
    assert str(error) == "line 3: " + error.reason
    assert error.args == (3, error.line, error.reason)


def test_it_is_a_value_error_of_the_package() -> None:
    assert ParseError.__mro__[1] is ValueError
    assert (ParseError.__module__, ParseError.__qualname__) == (
        "procmaps",
        "ParseError",
    )
    assert type(caught("x")) is procmaps.ParseError


def test_the_message_quotes_at_most_60_bytes_and_the_line_is_whole() -> None:
    line = "1-2 r--p 0 1:1 " + "x" * 1000
    error = caught(line)
    assert error.line == line
    assert error.reason == EXPECTED + '"' + "x" * 60 + '"...'
    assert caught(line[: 15 + 60]).reason == EXPECTED + '"' + "x" * 60 + '"'


def test_the_message_is_printable_ascii() -> None:
    error = caught("1-2 r--p 0 1:1 \x1b[31m\"'\\\xe9\udcff")
    assert error.reason == EXPECTED + r'''"\x1b[31m\"'\\\xc3\xa9\xff"'''
    assert error.line.endswith("\\\xe9\udcff")
    assert str(error).isascii()
    assert str(error).isprintable()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol: int) -> None:
    error = caught("bad \udcff line")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is ParseError
    assert (again.line_number, again.line, again.reason) == (
        error.line_number,
        error.line,
        error.reason,
    )
    assert str(again) == str(error)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy(duplicate: Any) -> None:
    error = caught("bad line")
    again = duplicate(error)
    assert type(again) is ParseError
    assert again.args == (again.line_number, again.line, again.reason) == error.args


def test_it_can_be_made_by_hand() -> None:
    error = ParseError(line_number=2, line="x", reason="why")
    assert (error.line_number, error.line, error.reason) == (2, "x", "why")
    assert str(error) == "line 2: why"
    assert repr(error) == "ParseError(2, 'x', 'why')"


@pytest.mark.parametrize("code_point", [0xD800, 0xDC7F, 0xDD00, 0xDFFF])
def test_a_surrogate_that_stands_for_no_byte(code_point: int) -> None:
    stray = chr(code_point)
    line = f"1-2 r--p 0 0:0 0 /\udcff{stray}"
    error = caught(f"{LINE}\n{line}\nnonsense")
    assert (error.line_number, error.line) == (2, line)
    assert error.reason == SURROGATE + repr(stray)
    assert str(error).isascii()


def test_a_line_that_is_bad_before_a_stray_surrogate_comes_first() -> None:
    error = caught(f"{LINE}\nbad \udcff\n{LINE}\ud800")
    assert (error.line_number, error.line) == (2, "bad \udcff")
    assert error.reason.startswith("begin address: ")


def test_a_stray_surrogate_outside_the_name_is_the_fault_of_its_field() -> None:
    error = caught("1-2 r--p 0 0:0 0\ud800 /x")
    assert error.line == "1-2 r--p 0 0:0 0\ud800 /x"
    assert error.reason == EXPECTED + '"0? /x"'


def test_a_stray_surrogate_between_line_breaks_of_windows() -> None:
    error = caught(f"{LINE}\r\n{LINE}\ud800\r\n")
    assert (error.line_number, error.line) == (2, f"{LINE}\ud800")


@pytest.mark.parametrize(
    ("function", "argument", "message"),
    [
        ("from_str", b"", "maps_data must be a str, not bytes"),
        ("from_str", None, "maps_data must be a str, not NoneType"),
        ("from_bytes", "", "maps_data must be bytes, bytearray or memoryview, not str"),
        (
            "from_bytes",
            [1],
            "maps_data must be bytes, bytearray or memoryview, not list",
        ),
        ("from_path", 3, "expected str, bytes or os.PathLike object, not int"),
        ("from_path", None, "expected str, bytes or os.PathLike object, not NoneType"),
        ("from_pid", "1", "pid must be an integer, not str"),
        ("from_pid", 1.0, "pid must be an integer, not float"),
        ("from_pid", None, "pid must be an integer, not NoneType"),
    ],
)
def test_an_argument_of_another_type(
    function: str, argument: Any, message: str
) -> None:
    with pytest.raises(TypeError) as info:
        getattr(procmaps, function)(argument)
    assert str(info.value) == message
