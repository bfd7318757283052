"""Runs programs where a file system of a few pages is mounted, and nowhere else."""

from __future__ import annotations

import functools
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# What a mount takes: a namespace of its own, and root's rights in it.
AS_ROOT = ("unshare", "--mount")
AS_USER = ("unshare", "--user", "--map-root-user", "--mount")
MOUNT = 'mount -t tmpfs -o "size=$2" none "$1" && shift 2 && exec "$@"'


@functools.cache
def unshare(directory: Path) -> tuple[str, ...]:
    """Return how mounting is allowed here, or skip the test where it is not."""
    complaints = []
    for command in (AS_ROOT, AS_USER):
        mounted = [*command, "sh", "-c", MOUNT, "sh", directory, "4096", "true"]
        tried = subprocess.run(mounted, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return command
        complaints.append(tried.stderr.strip())
    pytest.skip(f"no file system may be mounted here: {'; '.join(complaints)}")


def run_beside_disk(
    directory: Path, size: int, *command: str, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command for which a file system of this size lies at a directory."""
    return subprocess.run(
        [*unshare(directory), "sh", "-c", MOUNT, "sh", directory, str(size), *command],
        capture_output=True,
        check=False,
        **options,
    )


PAGE = os.sysconf("SC_PAGE_SIZE")
