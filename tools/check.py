"""Check that distributions hold what they should, and run where they say."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tools.build import INTERPRETERS

if TYPE_CHECKING:
    from collections.abc import Container

#: Somewhat above the largest wheels, those for i686 and ppc64le, in bytes; what makes
#: them as large is in docs/speed.md. Tables take 165 KiB of it: what other libraries
#: read without this package needing one of them.
SIZE_LIMIT = 1000 * 1024

#: What a source distribution holds: all that builds, tests and explains.
SDIST_ROOTS = {
    *("Cargo.lock", "Cargo.toml", "Makefile", "PKG-INFO", "clippy.toml"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
    *("mkdocs.yml", "noxfile.py", "pyproject.toml"),
    *("benches", "docs", "fuzz", "python", "src", "stubs", "tests", "tools"),
}


class DistributionError(Exception):
    """A distribution is not as it should be."""


def check_wheel(wheel: Path, root: Path) -> None:
    """Check one wheel's tag, contents, size, metadata and binary interfaces."""
    abi = "-".join(wheel.name.split("-")[2:4])
    if abi not in INTERPRETERS:
        raise DistributionError(f"{wheel.name}: no wheel is meant for {abi}")
    _check_contents(wheel, root)
    if wheel.stat().st_size > SIZE_LIMIT:
        raise DistributionError(
            f"{wheel.name}: {wheel.stat().st_size} bytes, over {SIZE_LIMIT}"
        )
    _run("check_wheel_contents", str(wheel))
    check_metadata(wheel)
    _check_python_abi(wheel, abi)
    # maturin checks those for musl. auditwheel can't where there is glibc: it takes
    # that for the libc.so that they need.
    if "manylinux" in wheel.name:
        _check_libc(wheel)


def check_sdist(sdist: Path, root: Path) -> None:
    """Check that the source distribution is part of the sources, and no more."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            path = Path(*PurePosixPath(member.name).parts[1:])
            if path.parts[0] not in SDIST_ROOTS or not member.isfile():
                raise DistributionError(
                    f"{sdist.name}: {member.name} is not meant to be there"
                )
            file = archive.extractfile(member)
            generated = path.name in {"PKG-INFO", "Cargo.toml"}
            if not generated and file and file.read() != (root / path).read_bytes():
                raise DistributionError(
                    f"{sdist.name}: {member.name} is not the source"
                )
    check_metadata(sdist)


def check_metadata(distribution: Path) -> None:
    """Check that an index would take the metadata and show the README."""
    _run("twine", "check", "--strict", str(distribution))


def _check_contents(wheel: Path, root: Path) -> None:
    package = root / "python" / "procmaps"
    sources = {
        f"procmaps/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    # In the sources a symbolic link, which some checkouts make a text file.
    stub = root / "stubs" / "procmaps" / "_procmaps.pyi"
    sources[f"procmaps/{stub.name}"] = stub.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        extensions = {n for n in infos if re.fullmatch(r"procmaps/_procmaps\.\S+", n)}
        extensions -= set(sources)
        info = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
        metadata = {
            *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL")),
            f"{info}/licenses/LICENSE",
            f"{info}/sboms/procmaps.cyclonedx.json",
        }
        entry_points = {f"{info}/entry_points.txt"} & set(infos)
        expected = set(sources) | extensions | metadata | entry_points
        if len(extensions) != 1 or set(infos) != expected:
            difference = sorted(set(infos) ^ expected) or sorted(extensions)
            raise DistributionError(f"{wheel.name}: missing or not meant: {difference}")
        for name, member in infos.items():
            content = archive.read(name)
            if not stat.S_ISREG(member.external_attr >> 16):
                raise DistributionError(f"{wheel.name}: {name} is not a real file")
            if content != sources.get(name, content):
                raise DistributionError(f"{wheel.name}: {name} is not the source")
            home = Path.home()
            places = {root, home / ".cargo", home / ".rustup", Path("registry/src")}
            for place in map(str, places):
                if place.encode() in content:
                    raise DistributionError(f"{wheel.name}: {name} names {place}")


def _check_python_abi(wheel: Path, abi: str) -> None:
    if abi == "cp39-abi3":
        _run("abi3audit", "--strict", str(wheel))
        return
    # abi3audit knows PyInit_NAME as a module's own symbol but not yet
    # PyModExport_NAME, which replaces it (PEP 793), and exits with 1. It sees what
    # a module exports in ELF alone.
    report = json.loads(_run("abi3audit", "--report", str(wheel), accepted={0, 1}))
    ((extension,),) = (spec["wheel"] for spec in report["specs"].values())
    result = extension["result"]
    if set(result["non_abi3_symbols"]) - {"PyModExport__procmaps"}:
        raise DistributionError(
            f"{wheel.name}: not in the ABI: {result['non_abi3_symbols']}"
        )
    if result["future_abi3_objects"]:
        raise DistributionError(
            f"{wheel.name}: too new: {result['future_abi3_objects']}"
        )


def _check_libc(wheel: Path) -> None:
    """Check that the wheel runs with the oldest C library that its name promises."""
    report = _run("auditwheel", "show", str(wheel))
    said = re.search(r'following platform tag: "(\w+)"', " ".join(report.split()))
    promised = _system(wheel.name)
    needed = _system(said[1] if said else "")
    # Less is fine: what i686 needs of the library is older than 2.17.
    if promised[0] != needed[0] or promised[1] < needed[1]:
        raise DistributionError(f"{wheel.name}: is not for {promised}\n{report}")


def _system(tags: str) -> tuple[str, tuple[int, int]]:
    """Return the machine and the version of the C library that a tag names."""
    found = re.search(r"manylinux_(\d+)_(\d+)_(\w+)", tags)
    if not found:
        raise DistributionError(f"no tag names a C library: {tags!r}")
    major, minor, machine = found.groups()
    return machine, (int(major), int(minor))


def _run(module: str, *arguments: str, accepted: Container[int] = (0,)) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    if done.returncode not in accepted:
        raise DistributionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
