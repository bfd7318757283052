"""`procmaps show --by module`: the layout of an address space at a glance."""

from __future__ import annotations

import csv
import io
import json

import pytest

import procmaps
from support.command import EXAMPLE, answer

pytestmark = pytest.mark.needs_programs

BY_MODULE = """\
range                                 size  maps  permissions      module
5601f4a00000-5601f4c52000          2.3 MiB     4  r-- r-x r-- rw-  /usr/bin/server
5601f5d8e000-5601f6120000          3.6 MiB     1  rw-              [heap]
7f3a53100000-7f3a53180000          512 KiB     1  rw-s             memfd:frames
7f3a53180000-7f3a5319b000          104 KiB     3  r-- r-x rw-      LIB/libplugin.so.3 (deleted)
7f3a53200000-7f3a533d6000          1.8 MiB     5  r-- r-x r-- rw-  LIB/libc.so.6
7f3a53401000-7f3a53436000          172 KiB     4  r-- r-x r-- rw-  LIB/ld-linux-x86-64.so.2
7ffd6a1c4000-7ffd6a1e5000          132 KiB     1  rw-              [stack]
7ffd6a1f2000-7ffd6a1f6000           16 KiB     1  r--              [vvar]
7ffd6a1f6000-7ffd6a1f8000            8 KiB     1  r-x              [vdso]
ffffffffff600000-ffffffffff601000    4 KiB     1  --x              [vsyscall]
""".replace("LIB", "/usr/lib/x86_64-linux-gnu").splitlines()  # noqa: E501


def test_by_module_each_file_stands_once() -> None:
    table, totals = answer("show", str(EXAMPLE), "--by", "module").split("\n\n")
    assert table.splitlines() == BY_MODULE
    assert totals == answer("show", str(EXAMPLE)).split("\n\n")[1]
    records = json.loads(answer("show", str(EXAMPLE), "--by", "module", "--json"))
    space = procmaps.AddressSpace.from_path(EXAMPLE)
    single = ("heap", "stack", "vdso", "vvar", "vsyscall")
    others = [map_ for map_ in space if map_.kind in single]
    assert len(records) == len(space.modules) + len(others) == len(BY_MODULE) - 1
    modules = {record["begin_address"]: record for record in records}
    for module in space.modules:
        record = modules[module.maps[0].begin_address]
        assert record["end_address"] == module.end_address
        assert record["size"] == module.size
        assert record["permissions"] == [map_.permissions for map_ in module.maps]
        assert record["maps"] == len(module.maps)
        assert record["is_deleted"] == module.is_deleted
        assert (record["name"], record["path"]) == (module.name, module.path)
    rows = csv.DictReader(
        io.StringIO(answer("show", str(EXAMPLE), "--by", "module", "--csv"))
    )
    assert [row["name"] for row in rows] == [record["name"] for record in records]


def test_a_module_that_is_writable_and_executable_stands_out() -> None:
    lines = (
        b"1000-2000 r--p 00000000 08:01 7 /srv/x.so\n"
        b"2000-3000 rwxp 00001000 08:01 7 /srv/x.so\n"
        b"5000-6000 rw-p 00000000 00:00 0 [anon:arena]\n"
    )
    table = answer("show", "-", "--by", "module", stdin=lines).split("\n\n")[0]
    assert table.splitlines() == [
        "range               size  maps  permissions  module",
        "00001000-00003000  8 KiB     2  r-- rwx!     /srv/x.so",
    ]
