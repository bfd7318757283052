"""The wheel and the source distribution: what is in them, and that they install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import procmaps

pytestmark = [
    pytest.mark.distribution,
    pytest.mark.not_on("pypy", reason="no wheel is made for it"),
]

ROOT = Path(__file__).parents[2]
VERSION = procmaps.__version__
METADATA = f"procmaps-{VERSION}.dist-info"

# All else in a source distribution is in one of these directories, whole.
TOP_FILES = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "PKG-INFO",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "mkdocs.yml",
    "noxfile.py",
    "pyproject.toml",
}
TOP_DIRECTORIES = {"benches", "docs", "python", "src", "stubs", "tests", "tools"}


def run(
    *command: str | Path, cwd: Path = ROOT, variables: dict[str, str] | None = None
) -> str:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "CARGO_NET_OFFLINE": "true", **(variables or {})},
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ).stdout


def pip(*arguments: str | Path, **variables: str) -> None:
    # The build backend calls `maturin`, which is beside this interpreter.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    quiet = ("--quiet", "--disable-pip-version-check")
    run(
        sys.executable,
        "-m",
        "pip",
        *quiet,
        *arguments,
        variables={"PATH": path, **variables},
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    maturin = (sys.executable, "-m", "maturin")
    interpreter = ("--interpreter", sys.executable)
    run(*maturin, "build", "--release", "--locked", *interpreter, "--out", directory)
    run(*maturin, "sdist", "--out", directory)
    return directory


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def sdist(built: Path) -> Path:
    (path,) = built.glob("*.tar.gz")
    return path


def package_files() -> set[str]:
    """Return the files of the package, which hold only what belongs there."""
    package = ROOT / "python/procmaps"
    files = {
        str(path.relative_to(package.parent))
        for path in package.rglob("*")
        if path.is_file() and not {"__pycache__"} & set(path.parts)
    }
    # An editable install leaves its extension there.
    files = {name for name in files if not name.endswith(".so")}
    kinds = {name for name in files if not name.endswith(".py")}
    assert kinds == {"procmaps/_procmaps.pyi", "procmaps/py.typed"}
    return files


def test_the_name_of_the_wheel(wheel: Path) -> None:
    tag = r"cp39-abi3-(many|musl)?linux_\w+"
    assert re.fullmatch(rf"procmaps-{re.escape(VERSION)}-{tag}\.whl", wheel.name)


def test_the_contents_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        stub = archive.read("procmaps/_procmaps.pyi")
    metadata = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert sorted(names) == sorted(
        {
            *package_files(),
            "procmaps/_procmaps.abi3.so",
            *(f"{METADATA}/{name}" for name in metadata),
            f"{METADATA}/sboms/procmaps.cyclonedx.json",
        }
    )
    assert stub == (ROOT / "stubs/procmaps/_procmaps.pyi").read_bytes()


def test_the_metadata_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        header, _, description = (
            archive.read(f"{METADATA}/METADATA").decode().partition("\n\n")
        )
    lines = header.splitlines()
    assert {"Name: procmaps", f"Version: {VERSION}", "Requires-Python: >=3.9"} <= set(
        lines
    )
    assert "License-Expression: MIT" in lines
    needed = [line for line in lines if line.startswith("Requires-Dist:")]
    assert {line.partition("; ")[2] for line in needed} == {
        "extra == 'arrow'",
        "extra == 'cli'",
    }
    assert (
        description.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    )


def test_the_contents_of_the_source_distribution(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    # A symbolic link would be lost where there are none.
    assert all(member.isfile() for member in members)
    prefix = f"procmaps-{VERSION}/"
    names = {member.name for member in members}
    assert all(name.startswith(prefix) for name in names)
    assert len(names) == len(members)
    files = {name[len(prefix) :] for name in names}
    assert {name for name in files if "/" not in name} == TOP_FILES
    assert {name.partition("/")[0] for name in files if "/" in name} == TOP_DIRECTORIES
    assert {name for name in files if name.startswith("python/")} == {
        f"python/{name}" for name in package_files()
    }
    for directory in TOP_DIRECTORIES - {"python"}:
        # What is a Rust package of its own is no part of this one.
        others = {path.parent for path in (ROOT / directory).rglob("Cargo.toml")}
        on_disk = {
            str(path.relative_to(ROOT))
            for path in (ROOT / directory).rglob("*")
            if path.is_file()
            and "__pycache__" not in path.parts
            and not others & {*path.parents}
        }
        assert {name for name in files if name.startswith(directory + "/")} == on_disk


CHECK = """
import importlib.metadata, pathlib, sys
import procmaps
here = pathlib.Path(procmaps.__file__).parent
assert here.is_relative_to(sys.prefix), here
stub = here / "_procmaps.pyi"
assert stub.is_file() and not stub.is_symlink() and (here / "py.typed").is_file()
assert importlib.metadata.version("procmaps") == procmaps.__version__
assert all("; extra == " in name for name in importlib.metadata.requires("procmaps"))
(map_,) = procmaps.from_str("1000-3000 r-xp 00002000 08:01 42 /usr/bin/true")
assert eval(repr(map_), vars(procmaps)) == map_
"""


def assert_installs(distribution: Path, directory: Path) -> None:
    """Install into a fresh environment with nothing else in it, and use it."""
    environment = directory / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin/python"
    options = ("--no-index", "--no-deps", "--no-build-isolation")
    pip("--python", python, "install", *options, distribution)
    run(python, "-I", "-c", CHECK, cwd=directory)
    lines = run(python, "-I", "-m", "procmaps", cwd=directory).splitlines()
    maps = [procmaps.from_str(line)[0] for line in lines]
    assert [str(map_) for map_ in maps] == lines
    assert "[stack]" in {map_.pathname for map_ in maps}


def test_the_wheel_installs(wheel: Path, tmp_path: Path) -> None:
    assert_installs(wheel, tmp_path)


def test_the_source_distribution_installs(sdist: Path, tmp_path: Path) -> None:
    # In the same place each time, so that the crates it needs are compiled once;
    # apart from this crate's own build, which cargo would take it for. The files
    # are new by their date (tar -m). Not optimised: what is tested is whether
    # everything is there.
    directory = ROOT / "target/sdist"
    source = directory / f"procmaps-{VERSION}"
    shutil.rmtree(source, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    run("tar", "-xmf", sdist, cwd=directory)
    wheels = tmp_path / "wheels"
    pip(
        *("wheel", "--no-index", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", wheels, source),
        CARGO_TARGET_DIR=str(directory / "target"),
        MATURIN_PEP517_ARGS="--profile dev",
    )
    (wheel,) = wheels.iterdir()
    assert_installs(wheel, tmp_path)
