"""Build the wheels of one platform and the source distribution, and check them.

On Linux all is built twice: from the sources, and, in another directory, from the
source distribution. Both have to give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from tools.build import INTERPRETERS, build_sdist, build_wheel, source_date_epoch
from tools.check import DistributionError, check_sdist, check_wheel

ROOT = Path(__file__).resolve().parent.parent


def build(root: Path, out: Path, epoch: str, options: list[str]) -> list[Path]:
    """Build all distributions of one platform."""
    out.mkdir(parents=True)
    wheels = [build_wheel(root, out, epoch, abi, options) for abi in INTERPRETERS]
    return [build_sdist(root, out, epoch), *wheels]


def build_again(sdist: Path, epoch: str, options: list[str]) -> dict[str, str]:
    """Build all from the source distribution and return the digests."""
    with tempfile.TemporaryDirectory() as directory:
        with tarfile.open(sdist) as archive:
            archive.extractall(directory)  # noqa: S202
        root = Path(directory) / sdist.name[: -len(".tar.gz")]
        # maturin refuses to replace what it generated.
        (root / "PKG-INFO").unlink()
        return digests(build(root, Path(directory) / "dist", epoch, options))


def digests(paths: list[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file, by name."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def main() -> int:
    """Build, build again, compare, check; return what a shell takes for success."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--target", help="build for another platform, a Rust target")
    parser.add_argument("--compatibility", default="manylinux2014")
    arguments = parser.parse_args()

    on_linux = platform.system() == "Linux"
    options = ["--compatibility", "pypi"]
    if on_linux:
        # maturin knows some manylinux tags only; for those auditwheel itself is asked.
        is_musl = arguments.compatibility.startswith("musllinux")
        options = ["--zig", "--auditwheel", "check" if is_musl else "skip"]
        options += ["--compatibility", arguments.compatibility]
    if arguments.target:
        options += ["--target", arguments.target]

    shutil.rmtree(arguments.out, ignore_errors=True)
    epoch = source_date_epoch(ROOT)
    try:
        paths = build(ROOT, arguments.out.resolve(), epoch, options)
        check_sdist(paths[0], ROOT)
        for wheel in paths[1:]:
            check_wheel(wheel, ROOT)
        first = digests(paths)
        second = build_again(paths[0], epoch, options) if on_linux else first
        if first != second:
            raise DistributionError(f"two builds differ:\n{first}\n{second}")
    except DistributionError as error:
        print(error, file=sys.stderr)
        return 1
    sums = "".join(f"{digest}  {name}\n" for name, digest in first.items())
    (ROOT / "target" / "dist" / "SHA256SUMS").write_text(sums)
    print(sums, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
