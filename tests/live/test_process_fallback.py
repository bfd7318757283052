"""A kernel that does not answer queries: the system call is made to fail."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from support.children import in_fork
from support.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on(
        "pypy", reason="some of its tests fail, not all for a known reason"
    ),
]

# The number of ioctl(2), which the filter below watches, by the machine and the size
# of a pointer: the kernel's own may be larger than the process's.
NUMBERS = {("x86_64", 8): 16, ("x86_64", 4): 54, ("i686", 4): 54, ("aarch64", 8): 29}
MACHINE = (os.uname().machine, ctypes.sizeof(ctypes.c_void_p))


def _refuse_queries(number: int) -> None:
    """Let PROCMAP_QUERY fail with an errno in this process, for good (seccomp)."""
    load, equal, give = 0x20, 0x15, 0x06
    instructions = [
        (load, 0, 0, 0),  # the number of the system call
        (equal, 0, 3, NUMBERS[MACHINE]),
        (load, 0, 0, 24),  # the lower half of its second argument
        (equal, 0, 1, 0xC0686611),
        (give, 0, 0, 0x00050000 | number),  # SECCOMP_RET_ERRNO
        (give, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in instructions)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("@HP", len(instructions), ctypes.addressof(buffer))
    libc: Any = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, program) == 0, ctypes.get_errno()  # PR_SET_SECCOMP


def _in_child(check: Callable[[], None]) -> None:
    """Run a check in a forked child, whose filter ends with it."""
    assert in_fork(check) == ""


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@pytest.mark.skipif(MACHINE not in NUMBERS, reason="another number")
@pytest.mark.parametrize(
    "number", [errno.ENOTTY, errno.EPERM, errno.ENOSYS, errno.EINVAL]
)
def test_without_queries_the_text_answers(number: int) -> None:
    with Target() as target:
        lines = target.lines()

        def check() -> None:
            _refuse_queries(number)
            with procmaps.Process(target.pid) as process:
                assert process.is_query_supported is False
                for line, map_ in zip(lines, process.maps()):
                    found = process.find(map_.begin_address)
                    assert str(found) == line
                    assert process.find_next(map_.begin_address) == found
                    assert procmaps.find(target.pid, map_.begin_address) == found
                assert process.find(0) is None

        _in_child(check)


@pytest.mark.not_on(
    "musl", reason="malloc maps memory while a process reads its own maps"
)
@pytest.mark.skipif(MACHINE not in NUMBERS, reason="another number")
def test_a_kernel_that_forgets_the_question_is_read() -> None:
    with Target() as target:
        lines = target.lines()

        def check() -> None:
            with procmaps.Process(target.pid) as process:
                maps = process.maps()
                expected = [process.build_id(map_.begin_address) for map_ in maps]
                _refuse_queries(errno.ENOTTY)
                found = [process.find(map_.begin_address) for map_ in maps]
                assert [str(map_) for map_ in found] == lines
                ids = [process.build_id(map_.begin_address) for map_ in maps]
                assert ids == expected

        _in_child(check)


@pytest.mark.not_on("musl", reason="it words the error differently")
@pytest.mark.skipif(MACHINE not in NUMBERS, reason="another number")
def test_another_error_is_raised() -> None:
    def check() -> None:
        with procmaps.Process(os.getpid()) as process:
            if not process.is_query_supported:
                return
            _refuse_queries(errno.ENOMEM)
            with pytest.raises(OSError, match="Cannot allocate memory") as caught:
                process.find(id(process))
            assert caught.value.errno == errno.ENOMEM
            assert caught.value.filename == f"/proc/{os.getpid()}/maps"

    _in_child(check)
