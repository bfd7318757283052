"""The command: how soon it answers, and how long it takes over many maps."""

from collections.abc import Iterator

from benches.harness import OURS, Case, Row

MANY = 30_000
# A process that holds still: asked by its pid, with everything it maps.
HOLDER = """
import atexit, subprocess, sys, time
HELD = "; import sys; print(flush=True); sys.stdin.read()"
def hold(code):
    holder = subprocess.Popen(
        [sys.executable, "-c", code + HELD],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    atexit.register(holder.communicate)
    holder.stdout.readline()
    return str(holder.pid)
def once(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start
"""
SMALL = HOLDER + "pid = hold('pass')\n"
LARGE = f"{HOLDER}pid = hold('from benches import inputs; inputs.grow_to({MANY})')\n"


def timed(setup: str, *command: str, times: int) -> Case:
    """Return the time from start to end of a command, the least of several."""
    words = ", ".join(repr(word) if word != "pid" else word for word in command)
    return Case(
        f"{setup}def measure():\n"
        f"    return min(once([{words}]) for _ in range({times}))\n"
    )


def rows() -> Iterator[Row]:
    """From start to end, with the output in a pipe."""
    procmaps = str(OURS.with_name("procmaps"))
    yield Row(
        "`procmaps show PID --raw`, from start to end",
        timed(SMALL, procmaps, "show", "pid", "--raw", times=5),
        "`python -c pass`",
        timed(SMALL, str(OURS), "-c", "pass", times=5),
        target="at most 2",
        is_share=True,
    )
    yield Row(
        f"`procmaps show`, {MANY:,} maps, into a pipe",
        timed(LARGE, procmaps, "show", "pid", times=1),
        "`pmap -X`",
        timed(LARGE, "pmap", "-X", "pid", times=1),
        target="less",
        is_share=True,
    )
