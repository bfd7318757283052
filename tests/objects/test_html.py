"""What notebooks show: complete, escaped, bounded, and readable in both themes."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Protocol

import pytest

import procmaps
from procmaps import _html
from support.helpers import LINE, good_vectors

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "/tmp/<script>alert(1)</script>&\"'</details> \udcff\u202e (deleted)"
MAPS = [
    procmaps.Map(0x1000, 0x3000, "rwxp", 0x2000, (8, 1), 42, EVIL),
    procmaps.Map(0x4000, 0x5000, "r--p", 0, (8, 1), 43, "/usr/lib/libc.so.6"),
    procmaps.Map(0x6000, 0x7000, "rw-p"),
]
SPACE = procmaps.AddressSpace(MAPS)
GROWN = procmaps.AddressSpace(
    [
        MAPS[0].replace(permissions="r-xp"),
        MAPS[2].replace(end_address=0x9000),
        procmaps.Map(0xA000, 0xB000, "r--p", pathname="/new"),
    ]
)
USAGE = procmaps.smaps_from_str(
    f"{LINE}<b>\nRss: 132 kB\nPss: 7 kB\nNew: 5\nVmFlags: rd <i>\nProtectionKey: 3\n"
)[0]


class Shown(Protocol):
    def _repr_html_(self) -> str: ...


SHOWN: dict[str, Shown] = {
    "space": SPACE,
    "module": SPACE.modules[0],
    "difference": SPACE.diff(GROWN),
    "usage": USAGE,
    "empty": procmaps.AddressSpace([]),
    "all names": procmaps.AddressSpace(
        procmaps.from_bytes(b"\n".join(vector.line for vector in good_vectors()))
    ),
}


class Document(HTMLParser):
    """Reads HTML, and wants every tag closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"class", "open"}
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


@pytest.mark.parametrize("name", SHOWN)
def test_only_known_tags_whatever_names_hold(name: str) -> None:
    document = Document(SHOWN[name]._repr_html_())
    known = "div style p b details summary code mark table tr th td"
    assert document.tags <= {*known.split()}
    text = "".join(document.texts)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202e]", text)


def text_of(shown: Shown) -> str:
    return " ".join(Document(shown._repr_html_()).texts)


def test_a_space_by_module() -> None:
    text = text_of(SPACE)
    assert "AddressSpace : 3 maps, 16 KiB,  0x1000-0x7000" in text
    name = EVIL.replace("\udcff", r"\xff").replace("\u202e", r"\u202e")
    assert f"{name}  0x1000-0x3000  (1 map, 8 KiB)  writable and executable" in text
    assert "deleted" in text
    assert "memory without a file (1 map, 4 KiB)" in text
    assert re.search(r"1000-3000 8 KiB rwxp 2000", text)
    assert html.escape(EVIL[:20]) in SPACE._repr_html_()


def test_a_module() -> None:
    text = text_of(SPACE.module("libc.so.6"))
    assert "Module : /usr/lib/libc.so.6  0x4000-0x5000" in text
    assert "base address  0x4000" in text


def test_a_difference_in_groups() -> None:
    text = text_of(SPACE.diff(GROWN))
    assert "Difference : 4 maps" in text
    for part in (
        "added: 1 map, 4 KiB",
        "removed: 1 map, 4 KiB",
        "changed: 1 map, 8 KiB",
        "grown: 1 map, 12 KiB",
        "rwxp 2000 /tmp/",
        "6000-7000, 4 KiB",
    ):
        assert part in text
    assert "nothing changed" in text_of(SPACE.diff(SPACE))


def test_a_usage_without_what_is_not_known() -> None:
    text = text_of(USAGE)
    for part in ("rss 132 KiB", "pss 7 KiB", "protection_key 3", "rd readable"):
        assert part in text
    assert "New 5" in text
    assert "swap" not in text


def test_a_usage_as_text_is_short() -> None:
    name = "/usr/bin/true<b>"
    assert str(USAGE) == f"1000-3000 r-xp {name}: rss 132 kB, pss 7 kB"
    (nameless,) = procmaps.smaps_from_str("1000-2000 ---p 0 0:0 0\nVmFlags: mr\n")
    assert str(nameless) == "1000-2000 ---p"


def test_no_more_than_some_hundred_rows() -> None:
    many = procmaps.AddressSpace(
        procmaps.Map(at << 20, (at << 20) + 4096, pathname=f"/{at}" if at % 2 else None)
        for at in range(1, 5001)
    )
    text = many._repr_html_()
    assert text.count("<tr><td>") == _html.MOST_ROWS
    assert "… and 4700 more maps" in text
    module = procmaps.Module(
        [
            procmaps.Map(at << 12, at + 1 << 12, offset=at << 12, pathname="/x")
            for at in range(400)
        ]
    )
    assert "… and 100 more maps" in module._repr_html_()
    assert (
        "… and 4700 more maps"
        in SPACE.diff(procmaps.AddressSpace([*MAPS, *many]))._repr_html_()
    )


#: Says at the end of the page what a browser made of it.
MEASURE = """<script>
const shown = document.querySelector(".procmaps");
document.querySelectorAll("details").forEach(each => each.open = true);
const color = getComputedStyle(shown).color, root = document.documentElement;
document.body.append(`measured ${root.scrollWidth - root.clientWidth} ${color}.`);
</script>"""

#: What JupyterLab says of the tables that it shows.
NOTEBOOK = """<style>
.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) td { text-align: right; }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: white; }
.jp-RenderedHTMLCommon tbody tr:nth-child(even) { background: silver; }
</style>"""

MEASURE_ROW = """<script>
const row = getComputedStyle(document.querySelector("tr.alert"));
const cell = getComputedStyle(document.querySelector("tr.alert td"));
document.body.append(`measured ${cell.textAlign} ${row.backgroundColor}.`);
</script>"""


def in_browser(page: str, directory: Path, setting: str = "") -> str:
    """Return what the page's script has measured."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    path = directory / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu"),
            *(f"--user-data-dir={directory}/profile", "--window-size=800,600"),
            *(f"--blink-settings={setting}", "--dump-dom"),
            path.as_uri(),
        ],
        env={**os.environ, "HOME": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    (measured,) = re.findall(r"measured (.*)\.\s*</body>", done.stdout.decode())
    return str(measured)


@pytest.mark.parametrize(("scheme", "color"), [(1, "0, 0, 0"), (0, "255, 255, 255")])
@pytest.mark.parametrize("name", ["space", "difference", "usage", "all names"])
def test_in_a_browser(name: str, scheme: int, color: str, tmp_path: Path) -> None:
    page = _html.page("<title>", SHOWN[name]._repr_html_() + MEASURE)
    measured = in_browser(page, tmp_path, f"preferredColorScheme={scheme}")
    assert measured == f"0 rgb({color})"


def test_the_rules_of_a_notebook_for_tables_count_less(tmp_path: Path) -> None:
    (alert,) = [map_ for map_ in MAPS if map_.is_writable and map_.is_executable]
    shown = procmaps.AddressSpace([alert])._repr_html_()
    page = f'{NOTEBOOK}<div class="jp-RenderedHTMLCommon">{shown}</div>{MEASURE_ROW}'
    assert in_browser(page, tmp_path) == "left rgba(220, 60, 40, 0.25)"
