"""Every process that may be read here, beside the oracle and the kernel's bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procmaps
from support import oracle
from support.helpers import map_of, raw_maps, row_of

if TYPE_CHECKING:
    from support.oracle import Row


def readable_documents() -> dict[int, bytes]:
    documents = {}
    for directory in Path("/proc").glob("[0-9]*"):
        pid = int(directory.name)
        try:
            documents[pid] = raw_maps(pid)
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue
    return documents


def assert_agrees(maps: list[procmaps.Map], rows: list[Row]) -> None:
    assert [row_of(map_) for map_ in maps] == rows
    assert maps == [map_of(row) for row in rows]
    assert [map_.kind for map_ in maps] == [oracle.kind(row) for row in rows]
    assert [map_.path for map_ in maps] == [oracle.path(row) for row in rows]
    assert [map_.is_deleted for map_ in maps] == [
        oracle.is_deleted(row) for row in rows
    ]


@pytest.mark.needs_processes
def test_every_readable_process() -> None:
    documents = readable_documents()
    lines = 0
    for document in documents.values():
        maps = procmaps.from_bytes(document)
        assert_agrees(maps, oracle.parse(document))
        printed = "".join(f"{map_}\n" for map_ in maps)
        assert printed.encode("utf-8", "surrogateescape") == document
        lines += len(maps)
    # This process is one of them.
    assert lines >= 20


@pytest.mark.needs_processes
def test_reading_and_parsing_agree() -> None:
    compared = 0
    for pid, before in readable_documents().items():
        try:
            maps = procmaps.from_pid(pid)
            stored = procmaps.from_path(f"/proc/{pid}/maps")
            after = raw_maps(pid)
        except (ProcessLookupError, FileNotFoundError):
            continue
        # What changed meanwhile can't be compared.
        if before == after:
            assert_agrees(maps, oracle.parse(before))
            assert stored == maps
            compared += len(maps) > 0
    assert compared >= 1
