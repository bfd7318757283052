"""A kernel that does not answer queries: the system call is made to fail."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

import procmaps
from support import seccomp
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

MACHINE, NUMBERS = seccomp.MACHINE, seccomp.IOCTL


def _refuse_queries(error: int) -> None:
    """Let PROCMAP_QUERY fail with an errno in this process, for good."""
    seccomp.refuse(NUMBERS, error, seccomp.PROCMAP_QUERY)


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


@pytest.mark.skipif(MACHINE not in NUMBERS, reason="another number")
@pytest.mark.parametrize(
    "number",
    [errno.ENOTTY, errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.EACCES, errno.ENOMEM],
)
def test_without_queries_lists_are_those_of_the_text(number: int) -> None:
    with Target() as target:
        lines = target.lines()
        code = [line for line in lines if line.split()[1] == "r-xp" and "/" in line]

        def check() -> None:
            # The first list of a program is that of the text anyway.
            assert [str(map_) for map_ in procmaps.from_pid(target.pid)] == lines
            with procmaps.Process(target.pid) as process:
                _refuse_queries(number)
                assert [str(map_) for map_ in process.maps()] == lines
                assert [str(map_) for map_ in process.address_space()] == lines
            assert [str(map_) for map_ in procmaps.from_pid(target.pid)] == lines
            filtered = procmaps.from_pid(
                target.pid, executable=True, file_backed=True, writable=False
            )
            assert [str(map_) for map_ in filtered] == code

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
