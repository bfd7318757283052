"""Other mounts of procfs, other namespaces, other users: as in a container."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import procmaps
from procmaps import Process
from support.children import NOBODY, child, python
from support.target import WAYS, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_processes,
    pytest.mark.skipif(
        subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"],
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        != 0,
        reason="only the administrator can mount",
    ),
]


def answer(code: str, *words: str, mount: str = "true") -> Any:
    """Return what code writes as JSON, in a mount namespace of its own."""
    command = ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    done = subprocess.run(
        [*command, *python(code, *words)], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


@contextmanager
def in_another_namespace() -> Iterator[int]:
    """Run a program as the first process of a namespace, and give its pid here."""
    unshare = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    with child(*unshare, "cat") as parent:
        parent.tell("started")
        assert parent.line() == "started"
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        yield int(children.read_text())


BIND = """
    import json, os, sys, procmaps
    pid, proc = int(sys.argv[1]), sys.argv[2]
    with procmaps.Process(pid, proc=proc) as process:
        map_ = next(map_ for map_ in process.maps() if map_.kind == "file")
        answers = [process.maps(), procmaps.from_pid(pid, proc=proc)]
        name = process.open(map_).name == map_.pathname
    try:
        procmaps.from_pid(0, proc=proc)
    except ProcessLookupError as error:
        missing = error.filename
    scan = procmaps.each_process(procmaps.Process.maps, [pid, os.getpid()], proc=proc)
    answers.append(dict(scan)[pid])
    print(json.dumps([name, missing, *([str(m) for m in maps] for maps in answers)]))
"""


def test_a_bind_mount(tmp_path: Path) -> None:
    mount = f"mount --bind /proc {tmp_path}"
    with Target() as target:
        name, missing, *answers = answer(
            BIND, str(target.pid), str(tmp_path), mount=mount
        )
        assert answers == [target.lines()] * 3
    assert name is True
    assert missing == f"{tmp_path}/0/maps"


def test_where_proc_is_mounted_elsewhere_alone(tmp_path: Path) -> None:
    mount = f"mount --bind /proc {tmp_path} && umount -l /proc"
    with Target() as target:
        _, missing, *answers = answer(BIND, str(target.pid), str(tmp_path), mount=mount)
        assert answers == [target.lines()] * 3
    assert missing == f"{tmp_path}/0/maps"


@pytest.mark.parametrize("query", WAYS)
def test_the_procfs_of_a_namespace_in_which_this_process_is_not(query: bool) -> None:
    with in_another_namespace() as pid:
        proc = f"/proc/{pid}/root/proc"
        assert not Path(proc, "self").exists()
        assert procmaps.pids(proc=proc) == [1]
        expected = procmaps.from_pid(pid)
        assert expected
        assert procmaps.from_pid(1, proc=proc) == expected
        with pytest.raises(ProcessLookupError) as caught:
            procmaps.from_pid(2, proc=proc)
        assert caught.value.filename == f"{proc}/2/maps"
        with Process(1, query=query, proc=proc) as process:
            assert process.maps() == expected
            code = next(map_ for map_ in expected if map_.is_executable)
            assert process.find(code.begin_address) == code
            with (
                Process(pid) as same,
                same.open(code) as one,
                process.open(code) as two,
            ):
                assert os.path.sameopenfile(one.fileno(), two.fileno())
                assert process.build_id(code.begin_address) == same.build_id(
                    code.begin_address
                )
        ((number, usage),) = procmaps.each_process(Process.rollup, proc=proc)
        assert (number, usage.rss) == (1, procmaps.rollup(pid).rss)


AS_NOBODY = f"""
    import json, os, sys, procmaps, procmaps.processes
    proc, *pids = sys.argv[1:]
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
    def failure(pid):
        try:
            procmaps.from_pid(pid, proc=proc)
        except OSError as error:
            return [type(error).__name__, error.filename]
    scan = procmaps.each_process(procmaps.Process.rollup, proc=proc)
    answers = dict(scan)
    failures = [failure(int(pid)) for pid in pids]
    print(json.dumps([os.getpid(), [*answers], scan.denied, scan.total, failures]))
"""


def have_memory() -> dict[int, bool]:
    """Return whether each process has an address space, by its number of pages."""
    found = {}
    for pid in procmaps.pids():
        with contextlib.suppress(OSError):  # ended meanwhile
            pages = Path(f"/proc/{pid}/statm").read_text().split()[0]
            found[pid] = int(pages) > 0
    return found


def test_as_nobody() -> None:
    with Target() as target, Target() as zombie:
        zombie.become_zombie()
        before = have_memory()
        words = ("/proc", str(target.pid))
        own, answers, denied, total, failures = answer(AS_NOBODY, *words)
        after = have_memory()
    assert own in answers
    assert denied == sorted(denied)
    assert total >= len(denied) + len(answers)
    assert failures == [["PermissionError", f"/proc/{target.pid}/maps"]]
    asked = {*denied, *answers}
    assert target.pid in denied
    assert zombie.pid not in asked
    for pid in before.keys() & after.keys():
        if before[pid] == after[pid]:
            assert (pid in asked) == before[pid]


@pytest.mark.parametrize("hidden", [1, 2])
def test_a_mount_that_hides_the_processes_of_others(hidden: int) -> None:
    # Where others may come; it is mounted in a namespace of the child alone.
    proc = "/mnt"
    mount = f"mount -t proc -o hidepid={hidden} proc {proc}"
    with Target() as target:
        words = (proc, str(target.pid))
        own, answers, denied, total, failures = answer(AS_NOBODY, *words, mount=mount)
    assert own in answers
    if hidden == 1:
        # Listed, kernel threads too, and closed.
        assert target.pid in denied
        assert total >= len(denied) + len(answers)
        kind = "PermissionError"
    else:
        assert denied == []
        assert total == len(answers)
        kind = "ProcessLookupError"
    assert failures == [[kind, f"{proc}/{target.pid}/maps"]]


def test_root_sees_what_is_hidden_from_others(tmp_path: Path) -> None:
    code = """
        import json, sys, procmaps
        print(json.dumps(procmaps.pids(proc=sys.argv[1])))
    """
    mount = f"mount -t proc -o hidepid=2 proc {tmp_path}"
    assert os.getpid() in answer(code, str(tmp_path), mount=mount)
