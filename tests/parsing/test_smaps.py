"""smaps documents: what is read, what is refused, and live processes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import procmaps
from procmaps import MemoryUsage, ParseError
from support import smaps_oracle
from support.children import zombie
from support.helpers import LINE, row_of
from support.smaps_helpers import DATA, DOCUMENTS, cost_of, raw_smaps, stopped_process

pytestmark = pytest.mark.not_on("windows", reason="terminals, signals and limits")

KIB = 1024
KNOWN = (DATA / "fields.txt").read_text().split()


def read(name: str) -> list[MemoryUsage]:
    return procmaps.smaps_from_path(DATA / f"{name}.txt")


def known(usage: MemoryUsage) -> dict[str, object]:
    """All values that are not None, by attribute."""
    return {k: v for k, v in cost_of(usage).values.items() if v is not None}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_reads_as_the_oracle_reads_it(path: Path) -> None:
    document = path.read_bytes()
    expected = smaps_oracle.parse(document)
    assert len(expected) >= 1
    for usages in (
        procmaps.smaps_from_path(path),
        procmaps.smaps_from_bytes(document),
        procmaps.smaps_from_bytes(memoryview(bytearray(document))),
        procmaps.smaps_from_str(document.decode()),
        procmaps.smaps_from_bytes(document.rstrip(b"\n")),
        procmaps.smaps_from_bytes(document.replace(b"\n", b"\r\n")),
        procmaps.smaps_from_bytes(document.replace(b"\n", b"\n\n")),
    ):
        assert [cost_of(usage) for usage in usages] == expected


def test_every_field_that_the_kernel_documents_has_an_attribute() -> None:
    assert len(KNOWN) == 28
    for name in KNOWN:
        value = "rd" if name == "VmFlags" else "1"
        (usage,) = procmaps.smaps_from_str(f"{LINE}\n{name}: {value}\n")
        attribute = smaps_oracle.ATTRIBUTES[name]
        assert getattr(usage, attribute) == (frozenset({"rd"}) if value == "rd" else 1)
        assert list(known(usage)) == [attribute]
        assert usage.extra == {}


def test_every_flag_that_the_kernel_documents_has_a_meaning() -> None:
    codes = (DATA / "vm_flags.txt").read_text().split()
    assert len(codes) == 39
    meanings = MemoryUsage(procmaps.Map(0, 1), vm_flags=codes).describe_flags()
    assert meanings.keys() == set(codes)
    assert all(len(meaning) > 2 for meaning in meanings.values())
    assert len(set(meanings.values())) == len(codes)


def test_the_first_smaps_had_six_fields() -> None:
    text, data = read("linux-2.6.14")
    assert known(text) == {
        "size": 160 * KIB,
        "rss": 96 * KIB,
        "shared_clean": 96 * KIB,
        "shared_dirty": 0,
        "private_clean": 0,
        "private_dirty": 0,
    }
    assert text.map == procmaps.Map(
        0x8048000, 0x8070000, "r-xp", 0, (3, 5), 80462, "/bin/sh"
    )
    assert (text.uss, data.uss) == (0, 4 * KIB)
    assert (text.pss, text.vm_flags, text.extra) == (None, None, {})


def test_a_field_that_is_gone_is_extra() -> None:
    (usage,) = read("linux-3.10")
    assert usage.extra == {"Nonlinear": 1024 * KIB}
    assert usage.vm_flags == frozenset(
        {"rd", "wr", "sh", "mr", "mw", "me", "ms", "nl", "sd"}
    )
    assert usage.describe_flags()["nl"] == "non-linear mapping"


def test_a_kernel_of_today() -> None:
    code, huge, hugetlb, stack, vsyscall = read("linux-6.18")
    assert known(huge) == {
        "size": 1024**3,
        "kernel_page_size": 4 * KIB,
        "mmu_page_size": 4 * KIB,
        "rss": 600 * 1024**2,
        "pss": 600 * 1024**2,
        "pss_dirty": 600 * 1024**2,
        "shared_clean": 0,
        "shared_dirty": 0,
        "private_clean": 0,
        "private_dirty": 600 * 1024**2,
        "referenced": 400 * 1024**2,
        "anonymous": 600 * 1024**2,
        "ksm": 16 * KIB,
        "lazy_free": 64 * KIB,
        "anon_huge_pages": 400 * 1024**2,
        "shmem_pmd_mapped": 0,
        "file_pmd_mapped": 0,
        "shared_hugetlb": 0,
        "private_hugetlb": 0,
        "swap": 2048 * KIB,
        "swap_pss": 1024 * KIB,
        "locked": 600 * 1024**2,
        "thp_eligible": True,
        "protection_key": 3,
        "vm_flags": {"rd", "wr", "mr", "mw", "me", "lo", "ac", "sd", "hg", "dp"},
    }
    assert (code.map.path, code.map.is_deleted) == ("/usr/bin/sleep", True)
    assert code.thp_eligible is False
    assert (hugetlb.kernel_page_size, hugetlb.private_hugetlb) == (2**21, 1020 * 2**20)
    assert (hugetlb.rss, hugetlb.uss) == (0, 1020 * 2**20)
    assert (stack.map.kind, vsyscall.map.kind) == ("stack", "vsyscall")
    assert vsyscall.vm_flags == frozenset({"ex"})


def test_pages_of_two_sizes() -> None:
    (usage,) = read("linux-6.18-ppc64-hugetlb")
    assert (usage.kernel_page_size, usage.mmu_page_size) == (16 * 2**20, 64 * KIB)


def test_rollups_are_records_too() -> None:
    (old,) = read("linux-4.14-rollup")
    assert old.map.pathname == "[rollup]"
    assert (old.size, old.pss_anon, old.pss) == (None, None, 385 * KIB)
    (new,) = read("linux-6.18-rollup")
    assert (new.pss_anon, new.pss_file, new.pss_shmem) == (614420 * KIB, 3 * KIB, 0)


def test_gvisor() -> None:
    usage = read("gvisor")[1]
    assert (usage.rss, usage.mmu_page_size, usage.thp_eligible) == (
        24 * KIB,
        4096,
        None,
    )
    assert usage.vm_flags is not None
    assert "??" in usage.vm_flags
    assert list(usage.describe_flags())[-1] == "??"


def test_the_first_windows_subsystem_for_linux() -> None:
    usages = read("wsl1")
    assert [known(usage) for usage in usages] == [
        {"pss": 4 * KIB},
        {"pss": 0},
        {"pss": 68 * KIB},
    ]
    assert usages[0].uss is None


def test_user_mode_qemu() -> None:
    code, stack, guard = read("qemu-user")
    assert code.vm_flags == frozenset({"rd", "ex", "mr", "me"})
    assert (stack.anonymous, stack.thp_eligible) == (8192 * KIB, False)
    assert guard.vm_flags == frozenset()
    assert guard.describe_flags() == {}


def test_android() -> None:
    named, anonymous = read("android-4.4")
    assert named.extra == {"Name": "[anon:example heap: 1]"}
    assert named.map.path == "/dev/ashmem/example heap: 1"
    assert (anonymous.extra, anonymous.map.kind) == ({}, "anonymous")


def test_what_no_kernel_prints_yet() -> None:
    (usage,) = read("unforeseen")
    assert known(usage) == {
        "vm_flags": frozenset(),
        "locked": 4 * KIB,
        "rss": 8192,
        "size": 16 * KIB,
        "thp_eligible": True,
    }
    assert dict(usage.extra) == {
        "ShadowCallStack": 10373888 * KIB,
        "MapCount": 3,
        "Colour": "light  blue",
        "Nothing": "",
    }


def test_names_and_values_that_are_not_utf_8() -> None:
    document = b"1-2 r--p 0 0:0 0 /\xff\nName: \xfe\nVmFlags: \xfd\n"
    (usage,) = procmaps.smaps_from_bytes(document)
    assert os.fsencode(usage.map.pathname or "") == b"/\xff"
    assert usage.extra == {"Name": "\udcfe"}
    assert usage.vm_flags == frozenset({"\udcfd"})
    assert procmaps.smaps_from_str(os.fsdecode(document)) == [usage]


def test_nothing_is_nothing() -> None:
    assert procmaps.smaps_from_str("") == []
    assert procmaps.smaps_from_bytes(b"\n\n") == []


NUMBER_OF_BYTES = "decimal digits (at most 64 bits of bytes), with or without kB"
TOO_MANY = "18014398509481984 kB"
# Documents, and of the error the line, the field, what was expected and found.
REFUSED = {
    "Rss: 4 kB": (1, "mapping", "a maps line before the first field", "Rss: 4 kB"),
    f"{LINE}\nRss: 4 kB\nnonsense": (
        3,
        "field",
        'a name, ":" and a value, or the maps line of the next mapping',
        "nonsense",
    ),
    f"{LINE}\nRss: 4 kB\n\n3000-4000 r--p 0 0:0 x": (
        4,
        "inode",
        "decimal digits (at most 64 bits), then a space or the end",
        "x",
    ),
    f"{LINE}\nRss: four": (2, "Rss", NUMBER_OF_BYTES, "four"),
    f"{LINE}\nRss: {TOO_MANY}": (2, "Rss", NUMBER_OF_BYTES, TOO_MANY),
    f"{LINE}\nTHPeligible: yes": (
        2,
        "THPeligible",
        "decimal digits (at most 64 bits)",
        "yes",
    ),
    f"{LINE}\nNew: {TOO_MANY}": (2, "New", "a number of at most 64 bits", TOO_MANY),
    f"{LINE}\nRss:        4 kB\nRss:        4 kB": (
        3,
        "Rss",
        "one such field in a mapping",
        "Rss:        4 kB",
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_belong_in_smaps_is_named(text: str) -> None:
    line_number, field, expected, found = REFUSED[text]
    with pytest.raises(ParseError) as caught:
        procmaps.smaps_from_str(text)
    assert caught.value.line_number == line_number
    assert caught.value.reason == f'{field}: expected {expected}, found "{found}"'
    assert caught.value.line == text.split("\n")[line_number - 1]


def test_a_later_mapping_without_fields() -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.smaps_from_str(f"{LINE}\nRss: 4 kB\n{LINE}")
    assert str(caught.value) == (
        'line 3: fields: expected lines such as "Rss: 4 kB" after it, found none'
    )


def test_a_field_comes_once_in_the_usual_form_too() -> None:
    once = f"{LINE}\nRss:                   4 kB\nPss:                   4 kB\n"
    twice = f"{once}Rss:                   8 kB\n"
    with pytest.raises(ParseError, match="Rss: expected one such field") as caught:
        procmaps.smaps_from_str(once + twice)
    assert caught.value.line_number == 7


@pytest.mark.parametrize(
    "text", [LINE, f"{LINE}\n", f"{LINE}\n{LINE}\n", f"\n{LINE}\n"]
)
def test_plain_maps_text_is_told_where_to_go(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.smaps_from_str(text)
    assert caught.value.line == LINE
    assert caught.value.reason == (
        'fields: expected lines such as "Rss: 4 kB" after it, found none '
        "(this is plain maps text, for from_str and the like)"
    )


def test_smaps_text_is_told_where_to_go() -> None:
    with pytest.raises(ParseError) as caught:
        procmaps.from_bytes(raw_smaps(os.getpid()))
    assert caught.value.line_number == 2
    assert re.fullmatch(
        r'begin address: expected .*, found "Size: +\d+ kB" '
        r"\(this is smaps text, for smaps_from_str and the like\)",
        caught.value.reason,
    )
    with pytest.raises(ParseError) as caught:
        procmaps.from_str("Subject: none")
    assert "smaps" not in caught.value.reason


def test_arguments_of_other_types() -> None:
    wrong: Any = 1.5
    with pytest.raises(TypeError, match="smaps_data must be a str, not float"):
        procmaps.smaps_from_str(wrong)
    with pytest.raises(
        TypeError, match="smaps_data must be bytes, bytearray or memoryview, not float"
    ):
        procmaps.smaps_from_bytes(wrong)
    for function in (procmaps.smaps_from_pid, procmaps.rollup):
        with pytest.raises(TypeError, match="pid must be an integer, not float"):
            function(wrong)


def test_every_process_here_reads_as_the_oracle_reads_it() -> None:
    read = 0
    for entry in Path("/proc").glob("[0-9]*"):
        for name in ("smaps", "smaps_rollup"):
            try:
                document = (entry / name).read_bytes()
            except OSError:
                continue
            costs = [cost_of(usage) for usage in procmaps.smaps_from_bytes(document)]
            assert costs == smaps_oracle.parse(document)
            read += len(costs)
    assert read > 50


@pytest.mark.needs_processes
def test_a_process_reads_as_its_file_does() -> None:
    with stopped_process() as pid:
        # Who else maps its pages, and so their shares, can change meanwhile.
        for _ in range(100):
            expected = smaps_oracle.parse(raw_smaps(pid))
            usages = procmaps.smaps_from_pid(pid)
            if [cost_of(usage) for usage in usages] == expected:
                break
        else:
            pytest.fail("the two never agreed")
        assert [usage.map for usage in usages] == procmaps.from_pid(pid)
        by_path = procmaps.smaps_from_path(f"/proc/{pid}/smaps")
        assert [usage.map for usage in by_path] == [usage.map for usage in usages]


@pytest.mark.needs_processes
def test_no_such_process() -> None:
    for function in (procmaps.smaps_from_pid, procmaps.rollup):
        with pytest.raises(ProcessLookupError) as caught:
            function(0)
        assert caught.value.filename == "/proc/0/smaps"


@pytest.mark.needs_processes
@pytest.mark.not_on("pypy", reason="it has no os.waitid")
def test_a_zombie_costs_nothing() -> None:
    with zombie() as pid:
        assert procmaps.smaps_from_pid(pid) == []
        assert procmaps.rollup(pid) == procmaps.sum_usage([])


def test_the_map_of_a_record_is_the_same_object_each_time() -> None:
    usage = procmaps.smaps_from_str(f"{LINE}\nRss: 4 kB\n")[0]
    assert usage.map is usage.map
    assert usage.map == procmaps.from_str(LINE)[0]
    assert row_of(usage.map) == smaps_oracle.parse(f"{LINE}\nRss: 4 kB".encode())[0].row
