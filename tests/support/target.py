"""A real process that does what a test tells it, and what the kernel says of it."""

from __future__ import annotations

import ast
import contextlib
import ctypes
import errno
import fcntl
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.children import wait_until

if TYPE_CHECKING:
    from typing_extensions import Self

PAGE = os.sysconf("SC_PAGE_SIZE")

# Executes what it is told, one literal a line, and answers with `result`.
_PROGRAM = """
import ast, ctypes, mmap, os, sys, threading

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
    ctypes.c_long,
]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
READ, WRITE, EXECUTE, SHARED, PRIVATE, ANONYMOUS = 1, 2, 4, 1, 2, 32
PAGE = os.sysconf("SC_PAGE_SIZE")

def map_file(path, flags=PRIVATE, length=PAGE, protection=READ):
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.truncate(file, length)
    address = libc.mmap(None, length, protection, flags, file, 0)
    os.close(file)
    return address

def map_many(count, flags=PRIVATE):
    address = libc.mmap(None, count * PAGE, READ, flags | ANONYMOUS, -1, 0)
    for page in range(1, count, 2):
        libc.mprotect(address + page * PAGE, PAGE, READ | WRITE)
    return address

def serve():
    names = globals()
    for line in sys.stdin:
        result = None
        exec(ast.literal_eval(line), names)
        print(repr(names.pop("result", None)), flush=True)
    os._exit(0)

MAIN
"""

_IN_MAIN_THREAD = "serve()"

# The first thread ends, and the process goes on without it.
_IN_OTHER_THREAD = """
threading.Thread(target=serve).start()
libc.pthread_exit(None)
"""


class Target:
    """A child process that waits for commands; killed when it is left."""

    def __init__(self, *, first_thread_ends: bool = False) -> None:
        main = _IN_OTHER_THREAD if first_thread_ends else _IN_MAIN_THREAD
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.replace("MAIN", main)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self.pid = self._process.pid
        self.run("pass")
        if first_thread_ends:
            wait_until(lambda: self.state() == "Z")

    def run(self, code: str) -> Any:
        """Execute statements in the process, and return what `result` is then."""
        self.tell(code)
        assert self._process.stdout is not None
        return ast.literal_eval(self._process.stdout.readline().decode())

    def map_file(self, path: Path, content: bytes = b"content") -> int:
        """Let it map a file, and return where; give the file its content."""
        address: int = self.run(f"result = map_file({os.fsencode(path)!r})")
        path.write_bytes(content)
        return address

    def tell(self, code: str) -> None:
        """Execute statements in the process, without waiting for an answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{code!r}\n".encode())

    def state(self) -> str:
        """Return the state of the first thread, such as S or Z."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(") ")[2][0]

    def threads(self) -> set[int]:
        """Return the numbers of its threads."""
        return {int(task.name) for task in Path(f"/proc/{self.pid}/task").iterdir()}

    def kill(self) -> None:
        """End the process, which stays a zombie."""
        self._process.kill()

    def become_zombie(self) -> None:
        """End the process, and wait for its end without reaping it."""
        self.kill()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def reap(self) -> None:
        """End the process, and take it out of the table."""
        self.kill()
        self._process.wait()

    def lines(self) -> list[str]:
        """Return the lines of its maps, as they stand there."""
        return maps_lines(self.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.reap()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


def maps_lines(pid: int | str) -> list[str]:
    """Return the lines of a process's maps, decoded as names of files are."""
    text = os.fsdecode(Path(f"/proc/{pid}/maps").read_bytes())
    return text.split("\n")[:-1]


def open_files(pid: int | str = "self") -> dict[int, str]:
    """Return what the descriptors of a process are open on."""
    files = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the directory itself
            files[int(entry.name)] = str(entry.readlink())
    return files


def ask_kernel(pid: int, address: int) -> tuple[int, int, bytes] | None:
    """Put PROCMAP_QUERY, without this package; ENOTTY on older kernels."""
    name = ctypes.create_string_buffer(4096)
    query = bytearray(104)
    struct.pack_into("QQQ", query, 0, 104, 0, address)
    struct.pack_into("I", query, 80, len(name))
    struct.pack_into("Q", query, 88, ctypes.addressof(name))
    with Path(f"/proc/{pid}/maps").open("rb") as file:
        try:
            fcntl.ioctl(file, 0xC0686611, query)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
    begin, end = struct.unpack_from("QQ", query, 24)
    return begin, end, name.value


def kernel_answers_queries() -> bool:
    """Whether this kernel has PROCMAP_QUERY, and an emulator, if any, knows it."""
    try:
        ask_kernel(os.getpid(), 0)
    except OSError as error:
        if error.errno in {errno.ENOTTY, errno.ENOSYS}:
            return False
        raise
    return True


# Both ways to an answer, as far as this kernel has them.
WAYS = [True, False] if kernel_answers_queries() else [False]
