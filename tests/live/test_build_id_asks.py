"""What is asked for a build ID: regular files, and nothing that a question changes."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from support.target import WAYS, Target

if TYPE_CHECKING:
    from pathlib import Path

    import procmaps

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.not_on("pypy", reason="maps memory by ctypes"),
]


MAP_SOCKET = """
import socket
server = socket.create_server(("127.0.0.1", 0))
result = server.getsockname()[1]
"""
ACCEPT = """
stream = server.accept()[0]
result = libc.mmap(None, PAGE, READ, SHARED, stream.fileno(), 0)
"""


def test_a_socket_keeps_its_bytes(target: Target, process: procmaps.Process) -> None:
    """The kernel would read the file behind the mapping to look for notes."""
    port = target.run(MAP_SOCKET)
    with socket.create_connection(("127.0.0.1", port)) as client:
        address = target.run(ACCEPT)
        if process.find(address) is None:
            pytest.skip("this kernel maps no sockets")
        sent = bytes(range(90))
        client.sendall(sent)
        assert process.build_id(address) is None
        received = target.run("result = stream.recv(1000, socket.MSG_DONTWAIT)")
        assert received == sent


# Each leaves an address in `result`, or 0 where this kernel or machine has none.
ODD_MAPPINGS = {
    "packet ring": """
import socket, struct
try:
    ring = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    ring.setsockopt(263, 5, struct.pack("IIII", 4096, 4, 2048, 8))
    result = libc.mmap(None, 4 * 4096, 3, SHARED, ring.fileno(), 0)
except OSError:
    result = 0
""",
    "io_uring": """
parameters = ctypes.create_string_buffer(120)
file = libc.syscall(425, 4, parameters)
result = libc.mmap(None, PAGE, 3, SHARED, file, 0)
""",
    "perf": """
attributes = ctypes.create_string_buffer(b"\\1\\0\\0\\0\\x70\\0\\0\\0", 112)
file = libc.syscall(298, attributes, 0, -1, -1, 0)
result = libc.mmap(None, 2 * PAGE, 3, SHARED, file, 0)
""",
    "bpf": """
import struct
attributes = struct.pack("IIIII44x", 2, 4, 8, 16, 1 << 10)  # an array, BPF_F_MMAPABLE
file = libc.syscall(321, 0, attributes, len(attributes))
result = libc.mmap(None, PAGE, 3, SHARED, file, 0)
""",
    "aio": """
context = ctypes.c_ulong()
result = context.value if libc.syscall(206, 8, ctypes.byref(context)) == 0 else 0
""",
    "kvm": """
import fcntl
result = 0
if os.path.exists("/dev/kvm"):
    machine = fcntl.ioctl(os.open("/dev/kvm", os.O_RDWR), 0xAE01, 0)
    processor = fcntl.ioctl(machine, 0xAE41, 0)
    result = libc.mmap(None, PAGE, 3, SHARED, processor, 0)
""",
    "a device": """
zero = os.open("/dev/zero", os.O_RDWR)
result = libc.mmap(None, PAGE, 3, PRIVATE, zero, 0)
""",
    "shared memory": "result = libc.mmap(None, PAGE, 3, SHARED | ANONYMOUS, -1, 0)",
    "secret memory": """
file = libc.syscall(447, 0)
os.truncate(file, PAGE) if file >= 0 else None
result = libc.mmap(None, PAGE, 3, SHARED, file, 0)
""",
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of system calls")
@pytest.mark.parametrize("code", ODD_MAPPINGS.values(), ids=ODD_MAPPINGS)
def test_what_is_no_regular_file_has_none(
    target: Target, process: procmaps.Process, code: str
) -> None:
    address = target.run(code)
    if address in {0, None, 2**64 - 1}:
        pytest.skip("not offered by this kernel or machine")
    map_ = process.find(address)
    assert map_ is not None
    assert map_.inode != 0
    assert process.build_id(address) is None


def _build_id(content: bytes) -> bytes:
    """An ELF file of 64 bits with a build ID and nothing else."""
    note = struct.pack("=III4s", 4, len(content), 3, b"GNU") + content
    kind, machine, header, entry = 3, 62, 64, 56
    order = 1 if sys.byteorder == "little" else 2
    identity = b"\x7fELF" + bytes([2, order, 1]) + bytes(9)
    fields = (kind, machine, 1, 0, header, 0, 0, header, entry, 1, 0, 0, 0)
    notes = (4, 4, header + entry, 0, 0, len(note), len(note), 4)
    return (
        identity
        + struct.pack("=HHIQQQIHHHHHH", *fields)
        + struct.pack("=IIQQQQQQ", *notes)
        + note
    )


ID = bytes(range(1, 21))


@pytest.mark.skipif(os.getuid() != 0, reason="takes root")
@pytest.mark.parametrize("query", WAYS)
@pytest.mark.parametrize("way", ["deleted", "may not be read"])
def test_the_kernel_reads_a_file_that_the_caller_may_not(
    tmp_path: Path, query: bool, way: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(_build_id(ID))
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(0o755)
    # A user who owns neither the file nor rights.
    code = f"""
        import procmaps
        file = os.open({str(path)!r}, os.O_RDONLY)
        address = libc.mmap(None, PAGE, READ, PRIVATE, file, 0)
        if {way!r} == "deleted":
            os.unlink({str(path)!r})
        else:
            os.chmod({str(path)!r}, 0o111)
        os.setuid(65534)
        libc.prctl(4, 1)  # PR_SET_DUMPABLE, which setuid() took away
        try:
            result = procmaps.Process(os.getpid(), query={query}).build_id(address)
        except OSError as error:
            result = (type(error).__name__, error.errno, error.filename)
    """
    with Target() as target:
        answer = target.run(textwrap.dedent(code))
    if query:
        assert answer == ID
    elif way == "deleted":
        assert answer == ("PermissionError", errno.EPERM, f"{path} (deleted)")
    else:
        assert answer == ("PermissionError", errno.EACCES, str(path))
