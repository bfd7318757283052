"""Pickles go from one interpreter to another and back; one extension serves both."""

from __future__ import annotations

import os
import pickle
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from python_discovery import get_interpreter

import procmaps
from support import pickled

#: Those that load one extension, _procmaps.abi3.so.
VERSIONS = [f"cpython3.{minor}" for minor in range(9, 15)]


@pytest.mark.distribution
def test_pickles_mean_the_same_in_other_interpreters(tmp_path: Path) -> None:
    package = Path(procmaps.__file__).parent
    # What the extension is called that every CPython from 3.9 on loads.
    if not [*package.glob("_procmaps.abi3.so"), *package.glob("_procmaps.pyd")]:
        pytest.skip("the extension of this interpreter is for no other")
    shutil.copytree(package, tmp_path / "procmaps")
    here = platform.python_version()
    found = [get_interpreter(version) for version in VERSIONS]
    others = [one for one in found if one and one.version_str != here]
    if not others:
        pytest.skip(f"no other interpreter than CPython {here} is to be found")
    for other in others:
        answer = subprocess.run(
            [str(other.executable), "-B", pickled.__file__],
            input=pickle.dumps(pickled.write()),
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            stdout=subprocess.PIPE,
            check=True,
        )
        there, reprs, pickles = pickle.loads(answer.stdout)
        assert there == (other.version_str, str(tmp_path / "procmaps" / "__init__.py"))
        assert reprs == pickled.REPRS
        assert len(pickles) == 6
        pickled.read(pickles)
