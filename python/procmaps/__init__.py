"""Linux memory maps (/proc/<pid>/maps) as immutable, hashable, typed objects.

>>> import procmaps
>>> maps = procmaps.from_str("1000-3000 r-xp 00000000 08:01 42 /usr/bin/true")
>>> maps[0].path, maps[0].size, 0x2fff in maps[0]
('/usr/bin/true', 8192, True)
"""

from procmaps._procmaps import (
    AddressSpace,
    Difference,
    Location,
    Map,
    MemoryUsage,
    Module,
    Process,
    __version__,
    find,
    from_bytes,
    from_path,
    from_pid,
    from_str,
    rollup,
    smaps_from_bytes,
    smaps_from_path,
    smaps_from_pid,
    smaps_from_str,
    sum_usage,
    sum_usage_by,
)
from procmaps.errors import ParseError

__all__ = [
    "AddressSpace",
    "Difference",
    "Location",
    "Map",
    "MemoryUsage",
    "Module",
    "ParseError",
    "Process",
    "__version__",
    "find",
    "from_bytes",
    "from_path",
    "from_pid",
    "from_str",
    "rollup",
    "smaps_from_bytes",
    "smaps_from_path",
    "smaps_from_pid",
    "smaps_from_str",
    "sum_usage",
    "sum_usage_by",
]
