"""What attempts use, and what the machine has."""

from __future__ import annotations

import os
import sys

import pytest

from porch_tui.process import control, kernel, usage
from porch_tui.process.spawn import start
from porch_tui.process.usage import Row, Sampler, psutil_rows, read_table

BURN = "import time\nwhile time.process_time() < 0.03: pass"
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

    seen = Sampler().sample({"task": running(directory).shim_pid})["task"]

    control.stop(directory, grace_s=1)
    assert seen.cpu_s >= 15 * 0.03
    assert seen.cpu_s == pytest.approx(ended(directory).cpu_s, rel=0.1, abs=0.1)
    assert seen.processes == 1


def test_the_cpu_of_a_daemon_that_has_ended_is_counted(begin, running, until):
    shim = running(begin((sys.executable, "-c", DAEMON))).shim_pid

    until(lambda: Sampler().sample({"task": shim})["task"].processes == 1)

    assert Sampler().sample({"task": shim})["task"].cpu_s >= 0.29


@pytest.mark.parametrize("read", [read_table, lambda: dict(psutil_rows())], ids=["proc", "psutil"])
def test_a_tree_is_summed_without_its_shim(begin, running, processes_of, read):
    directory = begin((sys.executable, "-c", TWO_HOLDERS))

    seen = Sampler(read).sample({"task": running(directory).shim_pid})["task"]

    assert seen.processes == len(processes_of(directory)) == 2
    assert 100_000_000 <= seen.rss_bytes < 300_000_000


def test_a_busy_core_is_a_hundred_percent():
    times = iter([1.0, 3.0])
    sampler = Sampler(lambda: {10: Row(1, 0, 0, 0), 11: Row(10, next(times), 0, 0)})

    first = sampler.sample({"task": 10})["task"]
    second = sampler.sample({"task": 10})["task"]

    assert (first.cpu_percent, first.cpu_s, second.cpu_s) == (0.0, 1.0, 3.0)
    assert second.cpu_percent > 0


def test_cpu_time_never_goes_back():
    """Between its end and being waited for, a process is in nobody's sum."""
    tables = iter([{10: Row(1, 0, 0, 0), 11: Row(10, 5.0, 0, 0)}, {10: Row(1, 0, 0, 0)}])
    sampler = Sampler(lambda: next(tables))
    sampler.sample({"task": 10})

    seen = sampler.sample({"task": 10})["task"]

    assert (seen.cpu_s, seen.cpu_percent) == (5.0, 0.0)


def test_several_attempts_are_told_apart_and_one_that_is_gone_is_left_out():
    rows = {10: Row(1, 9, 0, 900), 11: Row(10, 1, 2, 100), 12: Row(11, 4, 0, 50), 20: Row(1, 9, 8, 900)}

    seen = Sampler(lambda: rows).sample({"a": 10, "b": 20, "gone": 30})

    assert {key: (used.cpu_s, used.rss_bytes, used.processes) for key, used in seen.items()} == {
        "a": (7.0, 150, 2),
        "b": (8.0, 0, 0),
    }


def test_a_name_with_brackets_and_blanks_does_not_confuse_the_table(tmp_path, assign, until, running):
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to("/bin/sleep")
    assignment = assign((str(odd), "1000"))
    start(assignment)

    shim = running(assignment.directory).shim_pid

    until(lambda: Sampler().sample({"task": shim})["task"].processes == 1)
    assert os.getpid() in read_table()
    assert all(row.parent >= 0 for row in read_table().values())


def test_the_machine_has_cores_and_memory():
    totals = usage.host_totals()

    assert 1 <= totals.cores <= (os.cpu_count() or 1)
    assert 0 < totals.available_bytes <= totals.memory_bytes
    assert 0 <= totals.cpu_percent <= 100


@pytest.mark.parametrize(
    ("content", "cores"),
    [("max 100000\n", float("inf")), ("150000 100000\n", 1.5), ("20000 100000\n", 0.2), ("", float("inf"))],
)
def test_a_control_groups_share_is_read(tmp_path, content, cores):
    (tmp_path / "cpu.max").write_text(content)

    assert cores == usage.share(tmp_path / "cpu.max")


def test_without_a_process_there_are_no_fields():
    assert kernel.stat_fields(2**22 + 1) == []
