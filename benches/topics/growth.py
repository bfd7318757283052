"""How the cost per map grows with the number of maps."""

from collections.abc import Iterator

from benches.harness import Case, Row
from benches.topics.parse import TEXT
from benches.topics.read import OURS


def rows() -> Iterator[Row]:
    """`from_str` beside itself on less text, `from_pid` beside the bare read."""
    for lines, target in (
        (10, ""),
        (1_000, ""),
        (60_000, ""),
        (200_000, "at most 1.3"),
    ):
        yield Row(
            f"`from_str`, {lines:,} lines, per line",
            _from_str(lines),
            "the same of 20,000 lines",
            _from_str(20_000),
            target=target,
            is_share=True,
        )
    for maps in (100, 1_000, 10_000, 60_000):
        setup = f"from benches import inputs; inputs.grow_to({maps})\n"
        yield Row(
            f"`from_pid`, {maps:,} maps, per map",
            Case(setup + OURS, "procmaps.from_pid(pid)", per=maps),
            "the bare read",
            Case(
                setup + "from benches import peers",
                "peers.bare_read('/proc/self/maps')",
                per=maps,
            ),
            is_share=True,
        )


def _from_str(lines: int) -> Case:
    setup = TEXT.format(lines=lines) + "import procmaps"
    return Case(setup, "procmaps.from_str(text)", per=lines)
