"""What notebooks show: address spaces, modules, differences and usages as HTML.

Everything that a name can hold is escaped. Colours are those of the page around, and
marks are tints of them, so that light and dark themes are both readable.
"""

from __future__ import annotations

from html import escape
from itertools import islice, repeat
from typing import TYPE_CHECKING

from procmaps.cli.render.sizes import size_cell
from procmaps.cli.render.text import human_size, printable_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from procmaps import AddressSpace, Difference, Map, MemoryUsage, Module

#: How many maps are listed at most; the rest is counted.
MOST_ROWS = 300

STYLE = """\
.procmaps { font-size: .9em; line-height: 1.4; overflow-x: auto; max-width: 100%; }
.procmaps table { border-collapse: collapse; margin: .2em 0 .4em 1.2em; }
.procmaps th, .procmaps td { text-align: left; padding: .05em .8em .05em 0;
  white-space: nowrap; border: 0; background: none; color: inherit; }
.procmaps td { font-family: ui-monospace, monospace; }
.procmaps td.number, .procmaps th.number { text-align: right; }
.procmaps td.name { white-space: normal; overflow-wrap: anywhere; min-width: 12em; }
.procmaps tr.alert, .procmaps mark.alert { background: rgba(220, 60, 40, .25); }
.procmaps tr.gone, .procmaps mark.gone { background: rgba(200, 150, 0, .25); }
.procmaps mark { color: inherit; border-radius: .3em; padding: 0 .4em; }
.procmaps summary { cursor: pointer; overflow-wrap: anywhere; }
.procmaps code { background: none !important; color: inherit; white-space: nowrap; }
.procmaps p { margin: .3em 0; }"""
# The class counts twice, so that what a notebook says of all tables counts less.
STYLE = STYLE.replace(".procmaps ", ".procmaps.procmaps ")

HEADINGS = (("range", ""), ("size", "number"), ("perms", ""), ("offset", "number"))


def page(title: str, body: str) -> str:
    """Return a page that stands alone, in the theme that its reader has chosen."""
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(title)}</title>\n"
        "<style>body { font-family: system-ui, sans-serif; margin: 1em; }</style>\n"
        f"</head>\n<body>\n<h1>{_text(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def address_space(space: AddressSpace) -> str:
    """Return the maps of a space, by module."""
    limit = _RowLimit()
    parts = [_count(len(space), "map"), human_size(space.size)]
    if space:
        end = max(map_.end_address for map_ in space)
        parts.append(_range(space[0].begin_address, end))
    body = [f"<p><b>AddressSpace</b>: {', '.join(parts)}</p>"]
    for module, maps in _groups(space):
        if limit.left == 0:
            break
        title = _module_title(module) if module else "memory without a file"
        body.append(_fold(title, maps, limit))
    return _whole([*body, limit.rest(len(space))])


def module(module: Module) -> str:
    """Return the maps of a module."""
    limit = _RowLimit()
    table = _table(module.maps, limit)
    base = f"<p>base address <code>{module.base_address:#x}</code></p>"
    title = f"<p><b>Module</b>: {_module_title(module)}</p>"
    return _whole([title, base, table, limit.rest(len(module.maps))])


def difference(difference: Difference) -> str:
    """Return what changed, in groups."""
    limit = _RowLimit()
    body = []
    total = 0
    for name in ("added", "removed", "changed", "grown", "shrunk"):
        maps: AddressSpace = getattr(difference, name)
        total += len(maps)
        if maps and limit.left:
            old = name in {"changed", "grown", "shrunk"}
            before = [difference.previous(map_) for map_ in maps] if old else None
            title = f"{name}: {_count(len(maps), 'map')}, {human_size(maps.size)}"
            body.append(_fold(title, maps, limit, before, is_open=True))
    what = _count(total, "map") if total else "nothing changed"
    return _whole([f"<p><b>Difference</b>: {what}</p>", *body, limit.rest(total)])


def memory_usage(usage: MemoryUsage) -> str:
    """Return what a mapping costs: each field that the kernel prints."""
    rows = []
    for name, value in usage.asdict().items():
        if value is None or name in {"map", "vm_flags", "extra"}:
            continue
        is_size = isinstance(value, int) and not isinstance(value, bool)
        is_size = is_size and name != "protection_key"
        shown = size_cell(value) if is_size else str(value)  # type: ignore[arg-type]
        rows.append(_row([(name, ""), (shown, "number")]))
    for flag, meaning in usage.describe_flags().items():
        rows.append(_row([(flag, ""), (meaning, "")]))
    for name, value in usage.extra.items():
        rows.append(_row([(name, ""), (str(value), "number")]))
    map_ = usage.map
    title = f"{_range(map_.begin_address, map_.end_address)} {_name(map_)}"
    table = f"<table>{''.join(rows)}</table>"
    return _whole([f"<p><b>MemoryUsage</b>: {title}</p>", table])


class _RowLimit:
    """How many rows may still be written."""

    def __init__(self) -> None:
        self.left = MOST_ROWS

    def take(self, maps: Collection[Map]) -> int:
        """Return how many of the maps there is room for."""
        taken = min(len(maps), self.left)
        self.left -= taken
        return taken

    def rest(self, total: int) -> str:
        """Return how many maps are not shown."""
        hidden = total - (MOST_ROWS - self.left)
        return f"<p>… and {_count(hidden, 'more map')}</p>" if hidden else ""


def _groups(space: AddressSpace) -> Iterator[tuple[Module | None, Collection[Map]]]:
    """Give the modules, and what lies between them, in the order of addresses."""
    owners = {map_: module for module in space.modules for map_ in module.maps}
    shown: set[Module] = set()
    loose: list[Map] = []
    for map_ in space:
        module = owners.get(map_)
        if module is None:
            loose.append(map_)
        elif module not in shown:
            shown.add(module)
            if loose:
                yield None, loose
                loose = []
            yield module, module.maps
    if loose:
        yield None, loose


def _module_title(module: Module) -> str:
    name = module.maps[0].pathname or ""
    span = _range(module.begin_address, module.end_address)
    return f"{_text(printable_name(name))} {span}"


def _fold(
    title: str,
    maps: Collection[Map],
    limit: _RowLimit,
    before: Collection[Map] | None = None,
    *,
    is_open: bool = False,
) -> str:
    size = human_size(sum(map_.size for map_ in maps))
    marks = []
    if any(map_.is_writable and map_.is_executable for map_ in maps):
        marks.append('<mark class="alert">writable and executable</mark>')
    if any(map_.is_deleted for map_ in maps):
        marks.append('<mark class="gone">deleted</mark>')
    counted = f"{_count(len(maps), 'map')}, {size}"
    head = " ".join([title, *([] if is_open else [f"({counted})"]), *marks])
    state = " open" if is_open else ""
    table = _table(maps, limit, before)
    return f"<details{state}><summary>{head}</summary>{table}</details>"


def _table(
    maps: Collection[Map], limit: _RowLimit, before: Collection[Map] | None = None
) -> str:
    headings = [*HEADINGS, ("name", ""), *([("before", "")] if before else [])]
    cells = "".join(_cell("th", text, style) for text, style in headings)
    rows = [f"<tr>{cells}</tr>"]
    shown = islice(maps, limit.take(maps))
    for map_, old in zip(shown, before or repeat(None)):
        row = [
            (f"{map_.begin_address:x}-{map_.end_address:x}", ""),
            (human_size(map_.size), "number"),
            (map_.permissions, ""),
            (f"{map_.offset:x}", "number"),
            (printable_name(map_.pathname or f"({map_.kind})"), "name"),
        ]
        if old:
            row.append((_change(old, map_), ""))
        rows.append(_row(row, _style(map_)))
    return f"<table>{''.join(rows)}</table>"


def _change(old: Map, new: Map) -> str:
    """Return what of a map was otherwise before."""
    if (old.begin_address, old.end_address) != (new.begin_address, new.end_address):
        return f"{old.begin_address:x}-{old.end_address:x}, {human_size(old.size)}"
    name = printable_name(old.pathname or f"({old.kind})")
    return f"{old.permissions} {old.offset:x} {name}"


def _style(map_: Map) -> str:
    """Return how a row is marked: what is writable and executable matters most."""
    if map_.is_writable and map_.is_executable:
        return "alert"
    return "gone" if map_.is_deleted else ""


def _row(cells: Iterable[tuple[str, str]], style: str = "") -> str:
    inside = "".join(_cell("td", text, kind) for text, kind in cells)
    return f"<tr{_class(style)}>{inside}</tr>"


def _cell(tag: str, text: str, style: str) -> str:
    return f"<{tag}{_class(style)}>{_text(text)}</{tag}>"


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""


def _range(begin: int, end: int) -> str:
    return f"<code>{begin:#x}-{end:#x}</code>"


def _name(map_: Map) -> str:
    return _text(printable_name(map_.pathname or f"({map_.kind})"))


def _text(text: str) -> str:
    return escape(text, quote=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _whole(parts: Iterable[str]) -> str:
    return f'<div class="procmaps"><style>\n{STYLE}\n</style>\n{"".join(parts)}</div>'
