"""What takes minutes and gigabytes: `make soak` runs it, `make test` does not.

Each measurement has a process of its own, whose peak the kernel keeps.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from support.children import child, python

if TYPE_CHECKING:
    from pathlib import Path

GIBIBYTE = 1 << 30

PROGRAM = """
    import procmaps, sys
    from pathlib import Path

    GIBIBYTE = 1 << 30
    RANGE = "%012x-%012x r-xp 00002000 08:01 247774                     "
    names = ["/usr/lib/x86_64-linux-gnu/lib%d.so.6" % number for number in range(100)]
    lines = [
        RANGE % (number << 12, number + 1 << 12) + names[number // 4 % 100]
        for number in range(2000)
    ]
    block = "".join(line + chr(10) for line in lines).encode()
    text = block * (GIBIBYTE // len(block))

    def status(name):
        text = Path("/proc/self/status").read_text()
        return int(text.split(name)[1].split()[0]) << 10
"""

MEASURE = """
    source, path = sys.argv[1:]
    if source == "from_path":
        Path(path).write_bytes(text)
        data = path
        del text
    elif source == "from_str":
        data = text.decode()
        del text
    elif source == "bytearray":
        data, source = bytearray(text), "from_bytes"
        del text
    else:
        data = text
    before = status("VmRSS:")
    Path("/proc/self/clear_refs").write_text("5")
    maps = getattr(procmaps, source)(data)
    peak, returned = status("VmHWM:") - before, status("VmRSS:") - before
    size = len(block) * (GIBIBYTE // len(block))
    print(len(maps), size, peak, returned)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(PROGRAM) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize(
    ("source", "copies"),
    [("from_bytes", 0), ("bytearray", 1), ("from_str", 1), ("from_path", 1)],
)
def test_the_peak_of_a_gibibyte(source: str, copies: int, tmp_path: Path) -> None:
    """At most a tenth more than what is returned, besides copies of the text."""
    found = run(MEASURE, source, str(tmp_path / "maps")).stdout
    count, size, peak, returned = map(int, found.split())
    print(
        f"\n{source}: {count} maps from {size} bytes, {returned} bytes returned, "
        f"peak {peak}: {peak / returned:.2f} times"
    )
    assert count > 9_000_000
    assert peak < 1.1 * returned + copies * size


INTERRUPT = """
    print("ready", flush=True)
    try:
        while True:
            procmaps.from_bytes(text)
    except KeyboardInterrupt:
        import time
        print(time.monotonic(), status("VmRSS:"), flush=True)
"""


def test_ctrl_c_in_a_gibibyte() -> None:
    """Answered within a second, and nothing of what was parsed is kept."""
    code = textwrap.dedent(PROGRAM) + textwrap.dedent(INTERRUPT)
    with child(*python(code)) as process:
        assert process.line() == "ready"
        time.sleep(0.4)
        sent = time.monotonic()
        process.process.send_signal(signal.SIGINT)
        answered, size = process.line().split()
        process.process.wait()
    delay = float(answered) - sent
    print(f"\nanswered after {delay:.3f} s, {size} bytes resident")
    assert process.process.returncode == 0
    assert delay < 1
    assert int(size) < 1.2 * GIBIBYTE
