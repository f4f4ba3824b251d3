"""What attempts use."""

from __future__ import annotations

import os
import sys

import pytest

from porch_tui.process import control
from porch_tui.process.resource_usage import Row, Sampler, ps_rows, psutil_rows, read_table
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel
from porch_tui.process.supervisor.kernel import Identity

BURN = "import time\nwhile time.process_time() < 0.03: pass"
TEN = Identity(10, 0, "")
MANY_SHORT = f"""
import pathlib, subprocess, sys, time
for _ in range(15):
    subprocess.run([sys.executable, "-I", "-S", "-c", {BURN!r}], check=True)
pathlib.Path("ready").touch()
time.sleep(1000)
"""
DAEMON = """
import os, pathlib, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while time.process_time() < 0.3: pass
        pathlib.Path("ready").touch()
    os._exit(0)
os.wait()
time.sleep(1000)
"""
TWO_HOLDERS = """
import os, pathlib, time
child = os.fork()
block = bytearray(50_000_000)
pathlib.Path("child" if child == 0 else "parent").touch()
while not pathlib.Path("child").exists(): time.sleep(0.01)
if child: pathlib.Path("ready").touch()
time.sleep(1000)
"""


def test_the_cpu_of_children_that_have_ended_is_counted(begin, running, ended):
    directory = begin((sys.executable, "-c", MANY_SHORT))

    seen = Sampler().sample({"task": running(directory).shim})["task"]

    control.stop(directory, grace_s=1)
    assert seen.cpu_s >= 15 * 0.03
    assert seen.cpu_s == pytest.approx(ended(directory).cpu_s, rel=0.1, abs=0.1)
    assert seen.processes == 1


def test_the_cpu_of_a_daemon_that_has_ended_is_counted(begin, running, until):
    shim = running(begin((sys.executable, "-c", DAEMON))).shim

    until(lambda: Sampler().sample({"task": shim})["task"].processes == 1)

    assert Sampler().sample({"task": shim})["task"].cpu_s >= 0.29


@pytest.mark.parametrize(
    "read",
    [read_table, lambda known: dict(psutil_rows()), lambda known: dict(ps_rows())],
    ids=["proc", "psutil", "ps"],
)
def test_a_tree_is_summed_without_its_shim(begin, running, processes_of, read):
    directory = begin((sys.executable, "-c", TWO_HOLDERS))

    seen = Sampler(read).sample({"task": running(directory).shim})["task"]

    assert seen.processes == len(processes_of(directory)) == 2
    assert 100_000_000 <= seen.rss_bytes < 300_000_000


def test_a_busy_core_is_a_hundred_percent():
    times = iter([1.0, 3.0])
    sampler = Sampler(lambda known: {10: Row(1, 0, 0, 0), 11: Row(10, next(times), 0, 0)})

    first = sampler.sample({"task": TEN})["task"]
    second = sampler.sample({"task": TEN})["task"]

    assert (first.cpu_percent, first.cpu_s, second.cpu_s) == (0.0, 1.0, 3.0)
    assert second.cpu_percent > 0


def test_cpu_time_never_goes_back():
    """A process that has ended and is not reaped yet is in no sum."""
    tables = iter([{10: Row(1, 0, 0, 0), 11: Row(10, 5.0, 0, 0)}, {10: Row(1, 0, 0, 0)}])
    sampler = Sampler(lambda known: next(tables))
    sampler.sample({"task": TEN})

    seen = sampler.sample({"task": TEN})["task"]

    assert (seen.cpu_s, seen.cpu_percent) == (5.0, 0.0)


def test_several_attempts_are_told_apart_and_one_that_is_gone_is_left_out():
    rows = {10: Row(1, 9, 0, 900), 11: Row(10, 1, 2, 100), 12: Row(11, 4, 0, 50), 20: Row(1, 9, 8, 900)}

    seen = Sampler(lambda known: rows).sample(
        {"a": TEN, "b": Identity(20, 0, ""), "gone": Identity(30, 0, "")}
    )

    assert {key: (used.cpu_s, used.rss_bytes, used.processes) for key, used in seen.items()} == {
        "a": (7.0, 150, 2),
        "b": (8.0, 0, 0),
    }


def test_a_reused_pid_is_not_sampled():
    rows = {10: Row(1, 9, 0, 900, born=7), 11: Row(10, 1, 2, 100, born=7)}

    seen = Sampler(lambda known: rows).sample({"old": Identity(10, 5, "b"), "present": Identity(10, 7, "b")})

    assert list(seen) == ["present"]


def test_foreign_processes_are_skipped_until_the_roots_change():
    rows = {10: Row(1, 9, 0, 900), 11: Row(10, 1, 2, 100), 20: Row(1, 9, 8, 900), 21: Row(20, 1, 1, 50)}
    left_out = []

    def read(known):
        left_out.append(set(known))
        return {pid: row for pid, row in rows.items() if pid not in known}

    sampler = Sampler(read)
    for _ in range(2):
        sampler.sample({"task": TEN})
    seen = sampler.sample({"task": TEN, "other": Identity(20, 0, "")})

    assert left_out == [set(), {20, 21}, set()]
    assert seen["other"].cpu_s == 10.0


@pytest.mark.skipif(not kernel.IS_LINUX, reason="not counted elsewhere")
def test_bytes_written_by_ended_processes_are_counted(begin, running, tmp_path):
    write = "dd if=/dev/zero of=written bs=1M count=3 conv=fsync 2>/dev/null; touch ready; sleep 1000"
    directory = begin(write)

    seen = Sampler().sample({"task": running(directory).shim})["task"]

    assert seen.written_bytes >= (3 << 20 if _counts_writes(tmp_path) else 0)


def _counts_writes(folder):
    """Say whether the file system counts what is written to it: one in memory does not."""
    before = kernel.moved_bytes(os.getpid())[1]
    (folder / "probe").write_bytes(b"x" * 100_000)
    return kernel.moved_bytes(os.getpid())[1] - before >= 100_000


def test_a_name_with_brackets_and_blanks_does_not_confuse_the_table(tmp_path, assign, until, running):
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to("/bin/sleep")
    assignment = assign((str(odd), "1000"))
    start(assignment)

    shim = running(assignment.directory).shim

    until(lambda: Sampler().sample({"task": shim})["task"].processes == 1)
    assert os.getpid() in read_table()
    assert all(row.parent >= 0 for row in read_table().values())


def test_without_a_process_there_are_no_fields():
    assert kernel.stat_fields(2**22 + 1) == []
