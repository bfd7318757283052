"""A core file to a list of Map, beside the text of the same maps."""

from collections.abc import Iterator

from benches.harness import Case, Row

MANY = 30_000
# The machine's own maps one above the other, each with a page of memory written.
SETUP = f"""
import os, sys, tempfile
sys.path.insert(0, "tests")
import procmaps
from benches import inputs
from support import core_composer

loads, files, begin = [], [], 1 << 32
for map_ in procmaps.from_str(inputs.text({MANY})):
    end = begin + map_.size
    content = bytes(4096) if map_.is_writable else b""
    loads.append(core_composer.Load(begin, end, map_.permissions[:3], content))
    if map_.pathname is not None:
        name = os.fsencode(map_.pathname)
        files.append(core_composer.File(begin, end, name, map_.offset))
    begin = end + 4096
notes = [core_composer.files_note(core_composer.FORM, files)]
file = tempfile.NamedTemporaryFile()
file.write(core_composer.compose(loads, notes))
file.flush()
text = procmaps.AddressSpace.from_core(file.name).to_bytes()
assert len(procmaps.from_core(file.name)) == {MANY}
"""


def rows() -> Iterator[Row]:
    """`from_core` beside `from_bytes`, both with all objects built."""
    yield Row(
        f"`from_core`, {MANY:,} mappings, per mapping",
        Case(SETUP, "procmaps.from_core(file.name)", per=MANY),
        "`from_bytes` of the same as text",
        Case(SETUP, "procmaps.from_bytes(text)", per=MANY),
        target="at most 2",
        is_share=True,
    )
