"""What the attributes of a Map say, and what its constructor refuses."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import pytest

from procmaps import Map
from support import oracle
from support.helpers import MAXIMUM, row_of
from support.oracle import Row

PATH = "/usr/lib/libc.so.6"


class Index:
    """An integer by `__index__` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Text(str):
    """A str that is not exactly one."""

    __slots__ = ()


def test_fields_by_position_and_by_name() -> None:
    row = Row(0x1000, 0x3000, "r-xs", 0x2000, (8, 1), 42, PATH)
    assert row_of(Map(*row)) == row
    assert row_of(Map(**row._asdict())) == row


def test_defaults() -> None:
    assert row_of(Map(1, 2)) == Row(1, 2, "---p", 0, (0, 0), 0, None)


@pytest.mark.not_on("pypy", reason="cpyext keeps no text signature")
@pytest.mark.skipif(
    sys.version_info < (3, 10), reason="3.9 drops the signatures of extension classes"
)
def test_the_signature_names_the_defaults() -> None:
    parameters = inspect.signature(Map).parameters
    assert list(parameters) == list(Row._fields)
    defaults = [parameter.default for parameter in parameters.values()]
    assert defaults == [inspect.Parameter.empty] * 2 + ["---p", 0, (0, 0), 0, None]


def test_the_widest_values() -> None:
    row = Row(MAXIMUM, MAXIMUM, "rwxs", MAXIMUM, (2**32 - 1, 2**32 - 1), MAXIMUM, "x")
    assert row_of(Map(*row)) == row
    assert Map(0, MAXIMUM).size == MAXIMUM


def test_size_is_in_bytes_and_may_be_nothing() -> None:
    assert Map(0x1000, 0x3000).size == 0x2000
    assert Map(0x1000, 0x1000).size == 0


@pytest.mark.parametrize("read", "r-")
@pytest.mark.parametrize("write", "w-")
@pytest.mark.parametrize("execute", "x-")
@pytest.mark.parametrize("sharing", "ps")
def test_permissions(read: str, write: str, execute: str, sharing: str) -> None:
    map_ = Map(1, 2, read + write + execute + sharing)
    assert map_.permissions == read + write + execute + sharing
    assert map_.is_readable is (read == "r")
    assert map_.is_writable is (write == "w")
    assert map_.is_executable is (execute == "x")
    assert map_.is_shared is (sharing == "s")
    assert map_.is_private is (sharing == "p")


@pytest.mark.parametrize(
    ("pathname", "kind"),
    [
        (None, "anonymous"),
        ("[anon:glibc: malloc]", "anonymous"),
        ("[anon:]", "anonymous"),
        (PATH, "file"),
        ("/", "file"),
        (PATH + " (deleted)", "file"),
        ("/dev/shm/segment", "file"),
        ("/devices", "file"),
        ("/SYSV0000000 (deleted)", "file"),
        ("/anon_hugepage", "file"),
        ("[heap]", "heap"),
        ("[stack]", "stack"),
        ("[stack:123]", "stack"),
        ("[vdso]", "vdso"),
        ("[vvar]", "vvar"),
        ("[vvar_vclock]", "vvar"),
        ("[vsyscall]", "vsyscall"),
        ("/memfd:name (deleted)", "memfd"),
        ("/memfd: (deleted)", "memfd"),
        ("/secretmem (deleted)", "memfd"),
        ("/SYSV0000000f (deleted)", "shared_memory"),
        ("/dev/zero (deleted)", "shared_memory"),
        ("[anon_shmem:name]", "shared_memory"),
        ("/anon_hugepage (deleted)", "hugetlb"),
        ("/dev/zero", "device"),
        ("/dev/dri/card0", "device"),
        ("/dev/shmem", "device"),
        ("anon_inode:[io_uring]", "anon_inode"),
        ("[uprobes]", "other"),
        ("socket:[37694]", "other"),
        ("/[aio] (deleted)", "other"),
        ("[stack:]", "other"),
        ("[stack:\u0663]", "other"),
    ],
)
def test_kind(pathname: str | None, kind: str) -> None:
    map_ = Map(1, 2, pathname=pathname)
    assert map_.kind == kind
    assert oracle.kind(row_of(map_)) == kind
    assert (map_.path is not None) == (kind in {"file", "device"})


@pytest.mark.parametrize(
    ("pathname", "path", "is_deleted"),
    [
        (PATH, PATH, False),
        ("/a (deleted)", "/a", True),
        ("/a (deleted) (deleted)", "/a (deleted)", True),
        ("/a(deleted)", "/a(deleted)", False),
        ("/a (deleted) ", "/a (deleted) ", False),
        ("/dev/nvme0n1 (deleted)", "/dev/nvme0n1", True),
        ("/a\\012b\\012 (deleted)", "/a\nb\n", True),
        ("/a\\0123\\01\\", "/a\n3\\01\\", False),
        ("/a\\\\012", "/a\\\n", False),
        ("/a\\040b\\134", "/a\\040b\\134", False),
        ("/\udcff\udcfe", "/\udcff\udcfe", False),
        ("/\udcc3\\012\udca9", "/\udcc3\n\udca9", False),
        ("/memfd:x (deleted)", None, False),
        ("/dev/zero (deleted)", None, False),
        ("/SYSV00000000 (deleted)", None, False),
        ("/anon_hugepage (deleted)", None, False),
        ("[heap]", None, False),
        (None, None, False),
    ],
)
def test_path(pathname: str | None, path: str | None, is_deleted: bool) -> None:
    map_ = Map(1, 2, pathname=pathname)
    assert (map_.pathname, map_.path) == (pathname, path)
    assert map_.is_deleted is is_deleted


def test_a_name_is_plain_text_in_one_spelling() -> None:
    map_ = Map(1, 2, pathname=Text("/\udcc3\udca9"))
    assert map_.pathname == "/\xe9"
    assert type(map_.pathname) is str
    assert Map(1, 2, Text("r--p")).permissions == "r--p"


def test_integers_are_anything_with_index() -> None:
    seven = Index(7)
    map_ = Map(seven, seven, "r--p", seven, (seven, seven), seven)
    assert row_of(map_) == Row(7, 7, "r--p", 7, (7, 7), 7, None)
    assert Map(False, True).end_address == 1
    assert type(Map(False, True).end_address) is int


def test_a_device_may_be_a_list() -> None:
    assert Map(1, 2, device=[3, 4]).device == (3, 4)


SINGLE_LINE = "without NUL and newline (the kernel prints \\012)"
NAMES = "U+DC80 to U+DCFF for bytes that are not"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"begin_address": "1"},
            TypeError,
            "begin_address must be an integer, not str",
        ),
        (
            {"begin_address": 1.0},
            TypeError,
            "begin_address must be an integer, not float",
        ),
        ({"begin_address": -1}, OverflowError, "begin_address does not fit in 64 bits"),
        (
            {"begin_address": 2**64},
            OverflowError,
            "begin_address does not fit in 64 bits",
        ),
        (
            {"end_address": None},
            TypeError,
            "end_address must be an integer, not NoneType",
        ),
        ({"end_address": 2**64}, OverflowError, "end_address does not fit in 64 bits"),
        (
            {"end_address": 0xFFF},
            ValueError,
            "end_address must not be below begin_address, 0xfff is below 0x1000",
        ),
        ({"permissions": b"r-xp"}, TypeError, "permissions must be a str, not bytes"),
        ({"permissions": None}, TypeError, "permissions must be a str, not NoneType"),
        *[
            (
                {"permissions": text},
                ValueError,
                f"permissions must be four characters such as 'r-xp', not {text!r}",
            )
            for text in ("", "r-x", "r-xpp", "R-XP", "wr-p", "r-x-", "\udcff", "\ud800")
        ],
        ({"offset": "0"}, TypeError, "offset must be an integer, not str"),
        ({"offset": -1}, OverflowError, "offset does not fit in 64 bits"),
        (
            {"device": 3},
            TypeError,
            "device must be a pair of integers (major, minor), not int",
        ),
        (
            {"device": (3,)},
            ValueError,
            "device must be a pair of integers (major, minor), not (3,)",
        ),
        (
            {"device": [1, 2, 3]},
            ValueError,
            "device must be a pair of integers (major, minor), not [1, 2, 3]",
        ),
        ({"device": ("8", 1)}, TypeError, "device major must be an integer, not str"),
        ({"device": (8, 1.5)}, TypeError, "device minor must be an integer, not float"),
        ({"device": (2**32, 1)}, OverflowError, "device major does not fit in 32 bits"),
        ({"device": (8, -1)}, OverflowError, "device minor does not fit in 32 bits"),
        ({"inode": b"1"}, TypeError, "inode must be an integer, not bytes"),
        ({"inode": 2**64}, OverflowError, "inode does not fit in 64 bits"),
        ({"pathname": b"/x"}, TypeError, "pathname must be a str or None, not bytes"),
        (
            {"pathname": ""},
            ValueError,
            "pathname must be None or at least one character, not ''",
        ),
        (
            {"pathname": " x"},
            ValueError,
            "pathname must be without a space at its beginning, not ' x'",
        ),
        *[
            (
                {"pathname": name},
                ValueError,
                f"pathname must be {SINGLE_LINE}, not {name!r}",
            )
            for name in ("/a\nb", "\n", "/a\0")
        ],
        *[
            (
                {"pathname": name},
                ValueError,
                f"pathname must be UTF-8, or {NAMES}, not {name!r}",
            )
            for name in ("/\ud800", "/\udc7f", "/\udd00")
        ],
    ],
)
def test_refused_arguments(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments: dict[str, Any] = {"begin_address": 0x1000, "end_address": 0x3000}
    with pytest.raises(error) as caught:
        Map(**{**arguments, **changes})
    assert type(caught.value) is error
    assert str(caught.value) == message
    with pytest.raises(error) as caught:
        Map(0x1000, 0x3000).replace(**changes)
    assert str(caught.value) == message


def test_missing_and_unknown_arguments() -> None:
    make: Any = Map
    with pytest.raises(TypeError, match="'begin_address' and 'end_address'"):
        make()
    with pytest.raises(TypeError, match="required positional argument: 'end_address'"):
        make(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'size'"):
        make(1, 2, size=1)
    with pytest.raises(TypeError, match="7 positional arguments"):
        make(1, 2, "r--p", 0, (0, 0), 0, None, 8)


class Broken:
    """Not an integer, though it seems to be."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __index__(self) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error", [OverflowError("mine"), TypeError("mine"), ValueError("mine")]
)
def test_an_error_of_the_caller_is_not_replaced(error: Exception) -> None:
    broken = Broken(error)
    map_ = Map(1, 2)
    for ask in (
        lambda: Map(broken, 1),
        lambda: broken in map_,
        lambda: map_.file_offset(broken),
    ):
        with pytest.raises(type(error)) as caught:
            ask()
        assert caught.value is error
