"""What each mapping of a live process costs, beside the bare read of its file."""

from collections.abc import Iterator

from benches.harness import Case, Row

MAPS = 3_000
GROW = f"from benches import inputs; inputs.grow_to({MAPS})\n"


def rows() -> Iterator[Row]:
    """`smaps_from_pid` of the process itself."""
    what = f"`smaps_from_pid`, {MAPS:,} maps, per map"
    ours = Case(
        GROW + "import os, procmaps; pid = os.getpid()",
        "procmaps.smaps_from_pid(pid)",
        per=MAPS,
    )
    yield Row(
        what,
        ours,
        "the bare read",
        Case(
            GROW + "from benches import peers",
            "peers.bare_read('/proc/self/smaps')",
            per=MAPS,
        ),
        target="at most 1.15",
        is_share=True,
    )
    yield Row(
        what,
        ours,
        "psutil",
        Case(
            GROW + "import psutil; process = psutil.Process()",
            "process.memory_maps(grouped=False)",
            per=MAPS,
        ),
    )
