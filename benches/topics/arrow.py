"""Tables: from text, beside objects and an engine's own parsing, and of many files."""

from collections.abc import Iterator

from benches.harness import Case, Row

LINES = 30_000
FILES = 5_000
LINES_OF_FILE = 200
MANY_FILES = 50_000

TEXT = (
    "import procmaps\nfrom procmaps import arrow\nfrom benches import inputs\n"
    f"data = inputs.text({LINES}).encode('utf-8', 'surrogateescape')\n"
)
POLARS = (
    TEXT
    + r"""
import polars as pl
text = data.decode("utf-8", "replace")
LINE = (
    r"^(?<begin>[0-9a-f]+)-(?<end>[0-9a-f]+) (?<permissions>[rwxps-]{4}) "
    r"(?<offset>[0-9a-f]+) (?<major>[0-9a-f]+):(?<minor>[0-9a-f]+) (?<inode>\d+) *"
    r"(?<pathname>.*)$"
)
def parse():
    lines = pl.DataFrame({"line": [text]}).select(pl.col("line").str.split("\n"))
    lines = lines.explode("line")
    frame = lines.select(pl.col("line").str.extract_groups(LINE)).unnest("line")
    hexadecimal = pl.col("begin", "end", "offset", "major", "minor")
    return frame.with_columns(
        hexadecimal.str.to_integer(base=16, dtype=pl.UInt64, strict=False),
        pl.col("inode").cast(pl.UInt64, strict=False),
    )
"""
)
PATHS = f"""
import atexit, shutil, tempfile
from pathlib import Path
from benches import inputs
folder = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, folder)
data = inputs.text({LINES_OF_FILE}).encode("utf-8", "surrogateescape")
paths = [str(folder / f"{{number}}.maps") for number in range({FILES})]
for path in paths:
    Path(path).write_bytes(data)
def read():
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            file.read()
"""
DRAIN = """
import pyarrow
from procmaps import arrow
def drain(paths, threads):
    table = arrow.from_paths(paths, threads=threads)
    for batch in pyarrow.RecordBatchReader.from_stream(table):
        pass
"""
PEAK = f"""
import resource
def measure():
    drain(paths[:1], 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    drain(paths * {MANY_FILES // FILES}, 2)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
"""


def rows() -> Iterator[Row]:
    """From text to a table, and from many files with one thread and with two."""
    what = f"`arrow.from_documents`, {LINES:,} lines, per line"
    call = "arrow.from_documents([('a', data)])"
    ours = Case(TEXT, call, per=LINES)
    objects = Case(TEXT, "procmaps.from_bytes(data)", per=LINES)
    by_regex = Case(POLARS, "parse()", per=LINES)
    yield Row(what, ours, "`from_bytes`", objects, "at most 1", is_share=True)
    yield Row(what, ours, "polars' regex", by_regex, "at most 0.2", is_share=True)
    what = f"`arrow.from_paths`, {FILES:,} files of {LINES_OF_FILE} lines, two threads"
    two, one = (
        Case(PATHS + DRAIN, f"drain(paths, {threads})", clock="perf_counter")
        for threads in (2, 1)
    )
    alone = Case(PATHS, "read()", clock="perf_counter")
    yield Row(what, two, "one thread", one, "at most 0.6", is_share=True, rounds=5)
    yield Row(what, two, "reading alone", alone, "at most 3", is_share=True, rounds=5)
    yield Row(
        f"the same of {MANY_FILES:,} files, peak memory over what it had before",
        Case(PATHS + DRAIN + PEAK, unit="B"),
        "64 MiB",
        Case("def measure():\n    return 64 * 2**20", unit="B"),
        "at most 1",
        is_share=True,
        rounds=1,
    )
