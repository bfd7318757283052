"""What can be done with a Map, and what it costs to keep one."""

from collections.abc import Iterator

from benches.harness import OLD, Case, Row
from benches.topics.parse import TEXT

COUNT = 1_000
REPEATED = 10
MAPS = TEXT.format(lines=COUNT) + "import procmaps; maps = procmaps.from_str(text)\n"
TUPLES = TEXT.format(lines=COUNT) + (
    "from benches import peers; maps = peers.split_loop(text)\n"
)

KEPT = 300_000
# In a process of its own each time, so that no memory of the last time is left.
MEMORY = (
    TEXT.format(lines=KEPT)
    + """
import ctypes, os, procmaps
def resident():
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def measure():
    there, here = os.pipe()
    if os.fork() == 0:
        before = resident()
        maps = procmaps.from_str(text)
        os.write(here, b"%d" % (resident() - before))
        os._exit(0)
    os.wait()
    os.close(here)
    with open(there) as answer:
        return int(answer.read())
"""
)


def rows() -> Iterator[Row]:
    """Attributes, membership, hash, sets, memory."""
    for name in ("begin_address", "is_readable", "pathname", "device"):
        yield _beside_old(f"`map.{name}`", f"m.{name}")
    yield _beside_old("`address in map`", "4096 in m")
    for what, statement in (
        ("`hash(map)`", "for m in maps: hash(m)"),
        ("`set(maps)`, per map", "set(maps)"),
    ):
        yield Row(
            what,
            Case(MAPS, statement, per=COUNT),
            "tuples of the seven fields",
            Case(TUPLES, statement, per=COUNT),
        )
    yield Row(
        "memory of a Map and its list slot",
        Case(MEMORY, per=KEPT, unit="B"),
        "procmaps 0.6.5",
        Case(MEMORY, python=OLD, per=KEPT, unit="B"),
        target="at most 110 B",
        is_share=True,
    )


def _beside_old(what: str, access: str) -> Row:
    # Often in one step of the loop, of which the cost is not asked for.
    statement = "for m in maps:" + REPEATED * f" {access};"
    return Row(
        what,
        Case(MAPS, statement, per=COUNT * REPEATED),
        "procmaps 0.6.5",
        Case(MAPS, statement, OLD, per=COUNT * REPEATED),
        target="at least 2",
    )
