"""Build distributions that depend on the sources alone.

Two builds of the same sources give the same bytes, wherever they are made:
maturin takes all times from SOURCE_DATE_EPOCH, rustc is told to shorten the
paths of the machine, and so is the bill of materials.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

#: Each wheel and the interpreter it is built for. One build for both would give
#: a wheel for CPython 3.9 alone instead of the first.
INTERPRETERS = {"cp39-abi3": "3.9", "cp315-abi3.abi3t": "3.15t"}

#: The date of sources that no commit dates: 2026-01-01.
FALLBACK_EPOCH = "1767225600"

#: How cargo names the package in the bill of materials: by its directory.
_LOCAL_ID = re.compile(rb'path\+file://[^"#]*#(?:procmaps@)?')


def source_date_epoch(root: Path) -> str:
    """Return the time that all files are given: that of the last commit."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return os.environ["SOURCE_DATE_EPOCH"]
    if not (root / ".git").exists():
        return FALLBACK_EPOCH
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def _standard_library() -> dict[str, str]:
    """Return what its sources are called where the compiler has them, and elsewhere."""

    def ask(*arguments: str) -> str:
        command = ["rustc", *arguments]
        return subprocess.run(
            command, check=True, text=True, capture_output=True
        ).stdout

    sources = Path(ask("--print", "sysroot").strip(), "lib", "rustlib", "src", "rust")
    commit = re.search(r"^commit-hash: (\w+)$", ask("-vV"), re.MULTILINE)
    return {str(sources): f"/rustc/{commit[1]}"} if commit else {}


def _environment(root: Path, epoch: str) -> dict[str, str]:
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    prefixes = {f"{root}{os.sep}": "procmaps/"}
    for directory in (cargo / "registry" / "src").glob("*"):
        prefixes[f"{directory}{os.sep}"] = ""
    prefixes.update(_standard_library())
    flags = os.environ.get("RUSTFLAGS", "").split()
    flags += [f"--remap-path-prefix={old}={new}" for old, new in prefixes.items()]
    # Where maturin looks for zig.
    path = [str(Path(sys.executable).parent), os.environ["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        "SOURCE_DATE_EPOCH": epoch.strip(),
    }


def _maturin(root: Path, epoch: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "maturin", *arguments]
    # The sources that the flags name have to be there before.
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], check=True, cwd=root)
    subprocess.run(command, check=True, cwd=root, env=_environment(root, epoch))


def build_sdist(root: Path, out: Path, epoch: str) -> Path:
    """Build the source distribution and return its path."""
    _maturin(root, epoch, "sdist", "--out", str(out))
    (sdist,) = out.glob("procmaps-*.tar.gz")
    return sdist


def build_wheel(
    root: Path, out: Path, epoch: str, abi: str, options: list[str]
) -> Path:
    """Build the wheel of one ABI, a key of INTERPRETERS, and return its path."""
    before = set(out.glob("*.whl"))
    _maturin(
        root,
        epoch,
        *("build", "--release", "--locked", "--quiet", *options),
        *("--interpreter", INTERPRETERS[abi], "--out", str(out)),
        *("--target-dir", str(root / "target" / "dist")),
    )
    (wheel,) = set(out.glob("*.whl")) - before
    _forget_directory(wheel)
    return wheel


def _forget_directory(wheel: Path) -> None:
    """Name the package, not its directory, in the wheel's bill of materials."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    members = [
        (info, _LOCAL_ID.sub(b"pkg:cargo/procmaps@", content))
        if info.filename.endswith(".cyclonedx.json")
        else (info, content)
        for info, content in members
    ]
    contents = {info.filename: content for info, content in members}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for info, content in members:
            if info.filename.endswith(".dist-info/RECORD"):
                archive.writestr(info, _record(content.decode(), contents))
            else:
                archive.writestr(info, content)


def _record(old: str, contents: dict[str, bytes]) -> str:
    """Return the wheel's own list of files with the digests of these contents."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, digest, _ in csv.reader(old.splitlines()):
        if digest:
            content = contents[name]
            sha256 = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
            digest = f"sha256={sha256.decode().rstrip('=')}"  # noqa: PLW2901
            writer.writerow([name, digest, len(content)])
        else:
            writer.writerow([name, "", ""])
    return text.getvalue()
