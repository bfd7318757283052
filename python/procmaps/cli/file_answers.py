"""What only the mapped files tell of addresses: load bias and build ID.

It is asked for within a limit of time, and is JSON in between; see limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import procmaps
from procmaps.cli import limits
from procmaps.cli.errors import report
from procmaps.cli.limits import NO_ANSWER

if TYPE_CHECKING:
    from typing import Any

    from procmaps import AddressSpace, Core, Location, Module, Process

    _Found = list[tuple[int, Location | None]]
    _BuildIds = dict[int, str | None]


def ask(
    space: AddressSpace | Core, process: Process | Core | None, found: _Found
) -> tuple[_Found, _BuildIds]:
    """Return what lies at addresses by the program headers of files, and build IDs.

    What can't be read in time is as the text tells it.
    """
    if process is None:
        return found, {}
    asked: dict[Module, list[int]] = {}
    for address, location in found:
        if location is not None and location.module is not None:
            asked.setdefault(location.module, []).append(address)
    given: list[dict[str, Any]] = limits.answers(
        [*asked.values()], lambda addresses: _answer(process, addresses)
    )
    _report([module for module, each in zip(asked, given) if each is NO_ANSWER])
    build_ids = {
        address: each.get("build_id")
        for addresses, each in zip(asked.values(), given)
        for address in addresses
    }
    better = dict(found)
    for each in given:
        for address, load_bias, begins in each.get("exact", ()):
            better[address] = _located(space, address, load_bias, begins)
    return [(address, better[address]) for address, _ in found], build_ids


def _report(silent: list[Module]) -> None:
    """Name the modules whose files did not answer."""
    if silent:
        name = silent[0].path or silent[0].name
        more = f" and {len(silent) - 1} more" if silent[1:] else ""
        report(f'no build ID of "{name}"{more}: reading it took too long')


def _answer(process: Process | Core, addresses: list[int]) -> dict[str, object]:
    """Return the build ID of a module, and what is exact of addresses in it."""
    try:
        build_id = process.build_id(addresses[0])
        exact = [_exact(process.resolve(address)) for address in addresses]
    except (OSError, ValueError):
        # The file is gone or not ours to read, or the process has ended.
        return {}
    return {
        "build_id": None if build_id is None else build_id.hex(),
        "exact": [each for each in exact if each is not None],
    }


def _exact(location: Location | None) -> tuple[int, int, list[int]] | None:
    """Return address, load bias and where the maps of the module begin."""
    module = None if location is None else location.module
    if location is None or module is None or module.load_bias is None:
        return None
    begins = [map_.begin_address for map_ in module.maps]
    return location.address, module.load_bias, begins


def _located(
    space: AddressSpace | Core, address: int, load_bias: int, begins: list[int]
) -> Location | None:
    """Return the location that was found elsewhere, if it is so in this space."""
    maps = [map_ for map_ in map(space.find, begins) if map_ is not None]
    for map_ in maps:
        if address in map_:
            return procmaps.Location(address, map_, procmaps.Module(maps, load_bias))
    return space.resolve(address)
