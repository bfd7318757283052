"""The jobs of the page "Tables and fleets", run by the engines themselves.

`make engines` installs each of them and runs its jobs over 2,000 files; what is not
installed is left out by name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import procmaps
from procmaps import arrow

pytestmark = pytest.mark.not_on("windows", "emulator", reason="engines are large")

PAGE = Path(__file__).parents[2] / "docs/guide/fleets.md"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)
FILES = 2000
LONGEST = 10

ENGINES = {"pyspark": 2, "dask": 2, "ray": 2}
JOBS = {
    f"{engine} {number}": code
    for engine in ENGINES
    for number, code in enumerate(
        [
            code
            for code in BLOCKS
            if re.search(rf"^(import|from) {engine}\b", code, re.MULTILINE)
        ]
    )
}

#: What the page leaves to its reader: a session that stays on this machine.
STARTS = {
    "ray": "import ray\n"
    "ray.init(_node_ip_address='127.0.0.1', include_dashboard=False, num_cpus=2)\n",
}
VARIABLES = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_SUBMIT_ARGS": "--master local[2] --conf spark.ui.enabled=false "
    "pyspark-shell",
    "RAY_USAGE_STATS_ENABLED": "0",
    # What else the machine does is no reason to stop a worker.
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def write(directory: Path) -> dict[str, int]:
    """Write files, and return the answer, which objects give."""
    answer: dict[str, int] = {}
    for number in range(FILES):
        names = [f"/usr/lib/lib{number % 7}.so.1", f"/srv/\udcff{number % 3} (deleted)"]
        if number % 5 == 0:
            names.append("/usr/bin/old (deleted)")
        space = [
            procmaps.Map(at << 20, (at << 20) + 4096, "r-xp", 0, (8, 1), at, name)
            for at, name in enumerate(names, 1)
        ]
        text = "".join(f"{map_}\n" for map_ in space)
        text += "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"
        path = directory / f"{number:04}.maps"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        for map_ in procmaps.from_path(path):
            if map_.is_deleted and map_.path:
                name = map_.path.replace("\udcff", r"\xff")
                answer[name] = answer.get(name, 0) + 1
    return answer


def test_a_whole_job_has_at_most_ten_lines() -> None:
    assert len(JOBS) == sum(ENGINES.values())
    for code in JOBS.values():
        lines = [line for line in code.splitlines() if line]
        assert len(lines) <= LONGEST, code


def test_the_schema_is_that_of_the_table() -> None:
    (code,) = [code for code in BLOCKS if code.startswith("SCHEMA")]
    names: dict[str, str] = {}
    exec(code, names)
    columns = [column.split() for column in names["SCHEMA"].split(",")]
    table = arrow.from_paths([], signed=True)
    assert tuple(name for name, _ in columns) == table.column_names


@pytest.mark.engines
@pytest.mark.parametrize("job", JOBS)
def test_a_job_gives_what_objects_give(job: str, tmp_path: Path) -> None:
    engine = job.partition(" ")[0]
    if find_spec(engine) is None and os.environ.get("PROCMAPS_ENGINE") != engine:
        pytest.skip(f"{engine} is not installed")
    if engine == "pyspark" and shutil.which("java") is None:
        pytest.skip("pyspark needs a Java runtime")
    files = tmp_path / "files"
    files.mkdir()
    expected = write(files)
    (schema,) = [code for code in BLOCKS if code.startswith("SCHEMA")]
    program = tmp_path / "job.py"
    program.write_text(
        "import sys\nfrom pathlib import Path\nfrom procmaps import arrow\n"
        f"directory = {str(files)!r}\n"
        "paths = sorted(map(str, Path(directory).iterdir()))\n"
        f"{STARTS.get(engine, '')}{schema}{JOBS[job]}\n"
        "print('answer', sorted(answer.items()))\n"
    )
    done = subprocess.run(
        [sys.executable, program],
        env={**os.environ, **VARIABLES, "PYSPARK_PYTHON": sys.executable},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = re.findall(r"^answer (.*)$", done.stdout, re.MULTILINE)
    assert found == [repr(sorted(expected.items()))], done.stderr
