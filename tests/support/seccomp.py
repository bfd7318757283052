"""System calls that fail in this process from now on, as in a sandbox."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

# The numbers of system calls, by the machine and the size of a pointer: the kernel's
# own may be larger than the process's.
IOCTL = {("x86_64", 8): 16, ("x86_64", 4): 54, ("i686", 4): 54, ("aarch64", 8): 29}
KCMP = {("x86_64", 8): 312, ("x86_64", 4): 349, ("i686", 4): 349, ("aarch64", 8): 272}
MACHINE = (os.uname().machine, ctypes.sizeof(ctypes.c_void_p))

PROCMAP_QUERY = 0xC0686611


def refuse(
    numbers: dict[tuple[str, int], int], error: int, second: int | None = None
) -> None:
    """Let a system call fail with an errno, for good; with that second argument."""
    load, equal, give = 0x20, 0x15, 0x06
    checks = [(0, numbers[MACHINE])]  # the number of the system call
    if second is not None:
        checks.append((24, second))  # the lower half of its second argument
    instructions: list[tuple[int, int, int, int]] = []
    for done, (offset, value) in enumerate(checks):
        instructions.append((load, 0, 0, offset))
        instructions.append((equal, 0, 2 * (len(checks) - done) - 1, value))
    instructions.append((give, 0, 0, 0x00050000 | error))  # SECCOMP_RET_ERRNO
    instructions.append((give, 0, 0, 0x7FFF0000))  # SECCOMP_RET_ALLOW
    code = b"".join(struct.pack("HBBI", *step) for step in instructions)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("@HP", len(instructions), ctypes.addressof(buffer))
    libc: Any = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, program) == 0, ctypes.get_errno()  # PR_SET_SECCOMP
