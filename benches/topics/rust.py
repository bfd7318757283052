"""The parser without Python, beside those of other crates (criterion)."""

from collections.abc import Iterator

from benches.harness import ROOT, Case, Row

LINES = 20_000  # as in rust/parse.rs

# One benchmark, named as criterion names it, each time; a round is short.
MEASURE = """
import json, os, pathlib, subprocess, sys
target = pathlib.Path({target!r})
criterion = target / "criterion"
def measure():
    done = subprocess.run(
        ["cargo", "bench", "--quiet", "--locked", "--bench=parse",
         "--manifest-path={manifest}", "--", "--noplot", "--warm-up-time=0.2",
         "--measurement-time=1", "--sample-size=10", "--exact", {name!r}],
        env={{**os.environ, "CARGO_TARGET_DIR": target, "CRITERION_HOME": criterion}},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    estimates = criterion / {name!r} / "new/estimates.json"
    return json.loads(estimates.read_text())["median"]["point_estimate"] * 1e-9
"""


def rows() -> Iterator[Row]:
    """Text to a vector of records; a process, read and parsed."""
    for name in ("procfs", "rsprocmaps"):
        yield Row(
            f"the parser without Python, {LINES:,} lines, per line",
            _case("text/procmaps", per=LINES),
            f"the crate {name}",
            _case(f"text/{name}", per=LINES),
            rounds=3,
        )
    yield Row(
        "the same on its own process, with the read",
        _case("process/procmaps"),
        "the crate proc-maps",
        _case("process/proc-maps"),
        rounds=3,
    )


def _case(name: str, per: int = 1) -> Case:
    target = str(ROOT / "target/benches")
    manifest = ROOT / "benches/rust/Cargo.toml"
    setup = MEASURE.format(target=target, manifest=manifest, name=name)
    return Case(setup, per=per)
