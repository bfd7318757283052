"""Linux memory maps (/proc/<pid>/maps) as immutable, hashable, typed objects.

>>> import procmaps
>>> maps = procmaps.from_str("1000-3000 r-xp 00000000 08:01 42 /usr/bin/true")
>>> maps[0].path, maps[0].size, 0x2fff in maps[0]
('/usr/bin/true', 8192, True)
"""

from procmaps._procmaps import (
    AddressSpace,
    Core,
    Difference,
    Location,
    Map,
    MemoryUsage,
    Module,
    Process,
    __version__,
    find,
    from_bytes,
    from_core,
    from_path,
    from_pid,
    from_str,
    pids,
    rollup,
    smaps_from_bytes,
    smaps_from_path,
    smaps_from_pid,
    smaps_from_str,
    sum_usage,
    sum_usage_by,
)
from procmaps.errors import ParseError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from procmaps.kinds import Kind
    from procmaps.processes import ProcessScan, each_process

__all__ = [
    "AddressSpace",
    "Core",
    "Difference",
    "Kind",
    "Location",
    "Map",
    "MemoryUsage",
    "Module",
    "ParseError",
    "Process",
    "ProcessScan",
    "__version__",
    "each_process",
    "find",
    "from_bytes",
    "from_core",
    "from_path",
    "from_pid",
    "from_str",
    "pids",
    "rollup",
    "smaps_from_bytes",
    "smaps_from_path",
    "smaps_from_pid",
    "smaps_from_str",
    "sum_usage",
    "sum_usage_by",
]

if not TYPE_CHECKING:
    # What needs much of the standard library is imported when it is asked for.
    _LATER = {
        "Kind": "procmaps.kinds",
        "ProcessScan": "procmaps.processes",
        "each_process": "procmaps.processes",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(__import__(_LATER[name], fromlist=[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LATER})
