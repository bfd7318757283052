"""Which maps to keep: --kind, --perms, --path, --address, --min-size."""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
from typing import TYPE_CHECKING, Callable, get_args

from procmaps.kinds import Kind

if TYPE_CHECKING:
    from procmaps import Map

Condition = Callable[["Map"], bool]

KINDS: tuple[str, ...] = get_args(Kind)

PERMISSIONS = re.compile(r"[r?-][w?-][x?-][sp?]?")
ADDRESS = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,16})")
SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
COUNT = re.compile(r"[0-9]{1,9}")
SIZE = re.compile(r"([0-9]{1,20})([KMGTPE]?)(?:i?B)?", re.IGNORECASE)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose among maps."""
    group = parser.add_argument_group("which maps", "a map has to meet each of these")
    group.add_argument(
        "--kind",
        action="append",
        choices=KINDS,
        metavar="KIND",
        help=f"only maps of this kind, or of these if given again: {', '.join(KINDS)}",
    )
    group.add_argument(
        "--perms",
        type=permissions,
        metavar="PATTERN",
        help="only maps with these permissions: r, w and x or - each in its place, "
        "then s or p if it matters, and ? for either: rwx, r-xp, ?w??; "
        "one that begins with - needs =, as in --perms=---p",
    )
    group.add_argument(
        "--path",
        metavar="GLOB",
        type=name_pattern,
        help="only maps whose name matches, with * and ?; without a slash in it, "
        "the last part of a path is enough: 'libc*'",
    )
    group.add_argument(
        "--address",
        action="append",
        type=address,
        metavar="ADDRESS",
        help="only the maps that hold this address (hexadecimal, with or without 0x), "
        "or one of these if given again",
    )
    group.add_argument(
        "--deleted",
        action="store_true",
        help="only maps of files that were deleted, or replaced by an upgrade",
    )
    group.add_argument(
        "--min-size",
        type=size,
        metavar="SIZE",
        help="only maps of this size or more, in bytes, or with K, M, G: 64K",
    )


def condition(options: argparse.Namespace) -> Condition:
    """Return what tells whether a map meets every option that was given."""
    conditions: list[Condition] = []
    if options.kind:
        conditions.append(lambda map_: map_.kind in options.kind)
    if options.perms:
        conditions.append(lambda map_: bool(options.perms(map_.permissions)))
    if options.path:
        conditions.append(lambda map_: _named(map_, options.path))
    if options.address:
        conditions.append(lambda map_: any(each in map_ for each in options.address))
    if options.deleted:
        conditions.append(lambda map_: map_.is_deleted)
    if options.min_size is not None:
        conditions.append(lambda map_: map_.size >= options.min_size)
    return lambda map_: all(each(map_) for each in conditions)


def kernel_filters(options: argparse.Namespace) -> dict[str, bool]:
    """Return what the kernel can choose by: what --perms says for certain."""
    if not options.perms:
        return {}
    # The pattern of the expression that `permissions` returned for it.
    pattern: str = options.perms.__self__.pattern
    names = ("readable", "writable", "executable", "shared")
    return {
        name: letter not in "-p"
        for name, letter in zip(names, pattern)
        if letter != "."
    }


def permissions(text: str) -> Callable[[str], object]:
    """Return what matches permissions such as "r-xp" with a pattern."""
    if not PERMISSIONS.fullmatch(text):
        message = (
            f"expected r, w and x or - each in its place, then s or p or nothing, "
            f'and ? for either, such as rwx or r-?p, found "{text}"'
        )
        raise argparse.ArgumentTypeError(message)
    return re.compile(text.replace("?", ".")).match


def name_pattern(text: str) -> Callable[[str], bool]:
    """Return what tells whether a name is this text or matches it as a glob."""
    # Words of the command line come in the locale's encoding, names in UTF-8.
    text = os.fsencode(text).decode("utf-8", "surrogateescape")
    match = re.compile(fnmatch.translate(text)).match
    return lambda name: name == text or match(name) is not None


def _named(map_: Map, matches: Callable[[str], bool]) -> bool:
    names = {map_.pathname, map_.path}
    if map_.path is not None:
        names.add(map_.path.rpartition("/")[2])
    return any(name is not None and matches(name) for name in names)


def address(text: str) -> int:
    """Return the address that hexadecimal digits say, with or without 0x."""
    match = ADDRESS.fullmatch(text)
    if match is None:
        message = (
            "expected an address in hexadecimal, with or without 0x, "
            f'at most 64 bits, found "{text}"'
        )
        raise argparse.ArgumentTypeError(message)
    return int(match[1], 16)


def size(text: str) -> int:
    """Return the bytes that a number with K, M, G or the like says."""
    match = SIZE.fullmatch(text)
    if match is None:
        message = f'expected a size such as 4096, 64K or 1M, found "{text}"'
        raise argparse.ArgumentTypeError(message)
    return int(match[1]) << 10 * " KMGTPE".index(match[2].upper() or " ")


def count(text: str) -> int:
    """Return the number that some decimal digits say."""
    if not COUNT.fullmatch(text):
        message = f'expected a number such as 20, or 0 for all, found "{text}"'
        raise argparse.ArgumentTypeError(message)
    return int(text)


def seconds(text: str) -> float:
    """Return the seconds that a decimal number says, more than 0."""
    if not SECONDS.fullmatch(text) or float(text) == 0:
        message = f'expected seconds such as 2 or 0.5, found "{text}"'
        raise argparse.ArgumentTypeError(message)
    return float(text)
