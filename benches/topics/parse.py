"""Text to a list of Map, beside what parses it otherwise."""

from collections.abc import Iterator

from benches.harness import OLD, Case, Row

TEXT = "from benches import inputs; text = inputs.text({lines})\n"


def rows() -> Iterator[Row]:
    """`from_str` of the machine's own maps."""
    for lines, at_least in ((1_000, 12), (20_000, 8)):
        what = f"`from_str`, {lines:,} lines, per line"
        setup = TEXT.format(lines=lines)
        ours = Case(setup + "import procmaps", "procmaps.from_str(text)", per=lines)
        yield Row(
            what,
            ours,
            "procmaps 0.6.5",
            Case(ours.setup, ours.statement, OLD, per=lines),
            target=f"at least {at_least}",
        )
        for name in ("split_loop", "re_loop"):
            yield Row(
                what,
                ours,
                f"Python loop with `{name.partition('_')[0]}`",
                Case(
                    setup + "from benches import peers",
                    f"peers.{name}(text)",
                    per=lines,
                ),
            )
