"""Callers who do what no caller should get an exception, not a wrong answer."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
from typing import Any

import pytest

import procmaps
from support.helpers import LINE

pytestmark = pytest.mark.needs_programs

MAP = procmaps.Map(0x1000, 0x3000, "r-xp", 0x2000, (8, 1), 42, "/usr/bin/true")


def run(program: str, *arguments: str) -> str:
    """Run a program in a fresh interpreter, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class Mutating:
    """An integer that changes a list while it is asked for its value."""

    def __init__(self, victim: list[Any]) -> None:
        self.victim = victim

    def __index__(self) -> int:
        self.victim.clear()
        return 8


def test_a_device_that_changes_while_it_is_read() -> None:
    device: list[Any] = []
    device += [Mutating(device), 1]
    assert procmaps.Map(1, 2, device=device).device == (8, 1)
    assert device == []


class Closing:
    """An integer that releases a buffer while it is asked for its value."""

    def __init__(self, view: memoryview) -> None:
        self.view = view

    def __index__(self) -> int:
        self.view.release()
        return 1


def test_a_released_buffer() -> None:
    view = memoryview(LINE.encode())
    assert procmaps.Map(Closing(view), 2).begin_address == 1
    with pytest.raises(
        ValueError, match=r"^operation forbidden on released memoryview"
    ):
        procmaps.from_bytes(view)


def test_a_buffer_that_changes_later_is_another_text() -> None:
    data = bytearray(LINE.encode())
    maps = procmaps.from_bytes(data)
    data[:4] = b"zzzz"
    data.clear()
    assert maps == procmaps.from_str(LINE)


class Liar(str):
    """Text whose methods tell something else."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"/liar"

    def split(self, *_: Any) -> Any:
        return ["/liar"]

    def count(self, *_: Any) -> int:
        return -7

    def __str__(self) -> str:
        return "/liar"

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("name", ["/usr/bin/true", "/\udc80", "/\udce4\udcb8"])
def test_text_of_a_subclass_is_what_it_holds(name: str) -> None:
    map_ = procmaps.Map(1, 2, Liar("r-xp"), pathname=Liar(name))
    assert (map_.permissions, map_.pathname) == ("r-xp", name)
    assert type(map_.pathname) is str
    line = Liar(f"1-2 r-xp 0 0:0 0 {name}")
    assert procmaps.from_str(line) == [map_]
    with pytest.raises(procmaps.ParseError) as caught:
        procmaps.from_str(Liar(f"1-2 r-xp 0 0:0 0 x\n1-2 r-xp 0 0:0 0 {name}\ud800"))
    assert caught.value.line_number == 2
    assert caught.value.line == f"1-2 r-xp 0 0:0 0 {name}\ud800"


class Interrupted(str):
    """Text that raises when it is encoded."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        raise KeyboardInterrupt


def test_a_method_of_a_subclass_is_not_called() -> None:
    assert procmaps.Map(1, 2, pathname=Interrupted("/\udc80")).pathname == "/\udc80"


@pytest.mark.parametrize(
    ("callable_", "arguments", "error"),
    [
        (procmaps.Map.__new__, (int, 1, 2), TypeError),
        (procmaps.Map.__new__, (procmaps.Map,), TypeError),
        (procmaps.Map.__new__, (), TypeError),
        (object.__new__, (procmaps.Map,), TypeError),
        (procmaps.Map.size.__get__, (7,), TypeError),
        (procmaps.Map.file_offset, (7, 7), TypeError),
        (MAP.replace, (7,), TypeError),
        (MAP.__getitem__, ([],), KeyError),
        (procmaps.from_bytes, (memoryview,), TypeError),
        (procmaps.ParseError, (), TypeError),
        (procmaps.ParseError, (1, "", "", 0, ""), TypeError),
    ],
)
def test_wrong_receivers_and_arguments(
    callable_: Any, arguments: tuple[Any, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        callable_(*arguments)


@pytest.mark.parametrize(
    ("pickled", "error"),
    [
        (b"cprocmaps\nMap\n(tR.", TypeError),
        (b"cprocmaps\nMap\n(I2\nI1\ntR.", ValueError),
        (b"cprocmaps\nMap\n(I-1\nI1\ntR.", OverflowError),
        (b"cprocmaps\nMap\n(I1\nI2\nI3\ntR.", TypeError),
        (b"\x80\x02cprocmaps\nMap\n)\x81.", TypeError),
        (
            b"\x80\x02cprocmaps\nMap\n(K\x01K\x02tR}X\x04\x00\x00\x00sizeK\x09sb.",
            AttributeError,
        ),
        (b"cprocmaps\nParseError\n(tR.", TypeError),
    ],
)
def test_crafted_pickles(pickled: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        pickle.loads(pickled)


@pytest.mark.parametrize("arguments", [(None, None, None), ([], b"", 1), (-1, "", "")])
def test_a_parse_error_of_odd_arguments(arguments: tuple[Any, ...]) -> None:
    error = procmaps.ParseError(*arguments)
    assert str(error) == f"line {arguments[0]}: {arguments[2]}"
    assert pickle.loads(pickle.dumps(error)).args == arguments


def test_huge_integers() -> None:
    huge = 10**5000
    assert huge not in MAP
    assert -huge not in MAP
    with pytest.raises(OverflowError, match=r"^inode does not fit in 64 bits"):
        procmaps.Map(1, 2, inode=huge)
    with pytest.raises(ValueError, match=r"is not in 0x1000-0x3000$"):
        MAP.file_offset(huge)
    with pytest.raises(OverflowError, match=r"^pid does not fit in 32 bits$"):
        procmaps.from_pid(huge)


def test_one_line_of_many_megabytes() -> None:
    name = "/" + "n\u00e4me" * (1 << 21)
    (map_,) = procmaps.from_str(f"1000-3000 r-xp 0 0:0 0 {name}")
    assert map_.path == name
    with pytest.raises(procmaps.ParseError) as caught:
        procmaps.from_str(name)
    assert caught.value.line == name
    assert len(str(caught.value)) < 400


def test_at_the_end_of_the_stack() -> None:
    program = """
        import sys, procmaps

        def deeper():
            try:
                deeper()
            except RecursionError:
                pass
            try:
                map_ = procmaps.from_str("1-2 r-xp 0 0:0 0 /\\udc80 (deleted)")[0]
                assert map_ == eval(repr(map_), {"Map": procmaps.Map})
                assert map_.path == "/\\udc80", map_.path
            except RecursionError:
                pass

        sys.setrecursionlimit(200)
        deeper()
        print("alive")
    """
    assert run(program) == "alive\n"


def test_parse_errors_need_no_import() -> None:
    program = """
        import sys, procmaps
        del procmaps.ParseError, sys.modules["procmaps"], sys.modules["procmaps.errors"]
        try:
            procmaps.from_bytes(b"x")
        except ValueError as error:
            print(type(error), error.line)
    """
    assert run(program) == "<class 'procmaps.ParseError'> x\n"


def test_a_parse_error_while_the_interpreter_ends() -> None:
    program = """
        import sys, procmaps

        class Last:
            def __init__(self):
                self.itself = self
                self.read = procmaps.from_bytes

            def __del__(self):
                try:
                    self.read(b"x")
                except Exception as error:
                    print(type(error).__name__, error.line)

        sys.modules["last"] = Last()
    """
    assert run(program) == "ParseError x\n"


WITHOUT_MEMORY = """
    import resource, sys, procmaps

    case, room = sys.argv[1], int(sys.argv[2])
    megabytes = 64 << 20
    data = {
        "a bad line": lambda: b"x" * megabytes,
        "a name": lambda: b"1-2 r--p 0 0:0 0 /" + b"x" * megabytes,
        "a name, not UTF-8": lambda: b"1-2 r--p 0 0:0 0 /" + b"\\xff" * megabytes,
        "a name with newlines": lambda: b"1-2 r--p 0 0:0 0 /"
            + b"\\\\012" * (megabytes // 4),
    }[case]()
    # What is small fits in what the heap has left, always and not by chance.
    del [bytearray(1000) for _ in range(64)][:]
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    limit = size + room
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        maps = procmaps.from_bytes(data)
    except Exception as error:
        # The error of a bad line may have to do without the line.
        print(type(error).__name__)
    else:
        print(len(maps))
"""


# What takes little memory each time is in test_no_memory.py.
@pytest.mark.needs_processes
@pytest.mark.parametrize(
    "room", [1 << 18, 1 << 20, 9 << 20, 99 << 20, 150 << 20, 1 << 30]
)
@pytest.mark.parametrize(
    ("case", "answer"),
    [
        ("a bad line", "ParseError"),
        ("a name", "1"),
        ("a name, not UTF-8", "1"),
        ("a name with newlines", "1"),
    ],
)
def test_memory_that_runs_out(case: str, answer: str, room: int) -> None:
    told = run(WITHOUT_MEMORY, case, str(room)).strip()
    assert told in {answer, "MemoryError"}
    assert told == answer or room < 1 << 30
