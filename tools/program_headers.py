"""Print the program headers of the ELF files in wheels, one JSON object a line.

    python -m tools.program_headers [--alike 3] WHEEL... > program_headers.jsonl

Of files whose segments look alike only as many are printed as --alike says.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

PT_LOAD, PT_GNU_RELRO = 1, 0x6474E552


def program_headers(image: bytes) -> dict[str, Any] | None:
    """Return the segments of an ELF file of 64 bits that loaders map."""
    if image[:5] != b"\x7fELF\x02":
        return None
    loads, relro = [], None
    table, size, count = struct.unpack_from("<32xQ14xHH", image)
    for number in range(count):
        kind, flags, offset, address, _, file_size, memory_size, _ = struct.unpack_from(
            "<IIQQQQQQ", image, table + size * number
        )
        if kind == PT_LOAD:
            loads.append([offset, address, file_size, memory_size, flags])
        elif kind == PT_GNU_RELRO:
            relro = [address, memory_size]
    return {"loads": loads, "relro": relro}


def main() -> int:
    """Print the headers of all files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alike", type=int, default=1 << 30, metavar="NUMBER")
    parser.add_argument("wheels", nargs="+", type=Path)
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    for wheel in options.wheels:
        platform = wheel.stem.rpartition("-")[2].rpartition(".")[2]
        archive = zipfile.ZipFile(wheel)
        for entry in archive.infolist():
            headers = program_headers(archive.read(entry))
            if headers is None:
                continue
            flags = [load[4] for load in headers["loads"]]
            holes = [load[1] - load[0] for load in headers["loads"]]
            shape = f"{platform} {flags} {len(set(holes))} {sorted(holes) == holes}"
            seen[shape] += 1
            if seen[shape] <= options.alike:
                name = f"{platform}/{entry.filename}"
                print(json.dumps({"name": name, **headers}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
