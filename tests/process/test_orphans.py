"""Processes that outlive a killed shim are found by environment, session or output, and ended; no others."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.process import control
from porch_tui.process.environment import MARK
from porch_tui.process.liveness import Running, find, wait
from porch_tui.process.orphans import Claim, Sign, claim_of, orphans
from porch_tui.process.processes import Process, all_processes, ancestors, from_psutil
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")

SLEEP = 'sh -c "echo \\$\\$ > pid.tmp; mv pid.tmp pid; exec sleep 1000"'
SURVIVORS = {
    Sign.MARK: f"setsid {SLEEP} >/dev/null 2>&1",
    Sign.SESSION: f'env -i PATH="$PATH" {SLEEP} >/dev/null 2>&1',
    Sign.LOG: f'env -i PATH="$PATH" setsid {SLEEP}',
}
"""Each has lost all signs but one."""


@pytest.fixture
def bystanders(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A person's processes: one at work in the worktree, one that reads the log."""
    (tmp_path / "attempt").mkdir()
    (tmp_path / "attempt" / "output.log").touch()
    words = (["sleep", "1000"], ["tail", "-f", str(tmp_path / "attempt" / "output.log")])
    begun = [subprocess.Popen(each, cwd=tmp_path, stdout=subprocess.DEVNULL) for each in words]
    yield begun
    for process in begun:
        process.kill()
        process.wait()


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[bytes]]:
    """The leader of a session, alive: that of the tests themselves may have ended long ago."""
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as process:
        yield process
        process.kill()


@needs_proc
@pytest.mark.parametrize("sign", Sign)
def test_an_orphan_is_recognized_by_a_single_sign_and_ended(assign, until, tmp_path, bystanders, sign):
    assignment = assign(f"({SURVIVORS[sign]} &); sleep 1000")
    start(assignment)
    until((tmp_path / "pid").exists)
    survivor = kernel.identify(int((tmp_path / "pid").read_text()))
    shim = find(assignment.directory)
    assert isinstance(shim, Running)
    os.kill(shim.shim_pid, signal.SIGKILL)
    wait(assignment.directory)

    signs = {one.pid: one.sign for one in orphans(tmp_path.parent) if one.directory == assignment.directory}
    ended = control.end_leftovers(assignment.directory, grace_s=5.0)

    assert survivor is not None
    assert signs[survivor.pid] is sign
    assert f"sleep ({survivor.pid})" in ended
    until(lambda: kernel.identify(survivor.pid) != survivor)
    assert [None, None] == [one.poll() for one in bystanders]


@needs_proc
def test_a_later_session_with_the_same_number_is_not_claimed(tmp_path, leader):
    own = kernel.identify(leader.pid)
    one = Process(1, "sleep", session=leader.pid, born=10**9)

    assert own is not None
    assert Sign.SESSION is Claim(tmp_path, own.pid, 1, own.ticks).sign(one)
    assert None is Claim(tmp_path, own.pid, 1, own.ticks - 1).sign(one)
    assert None is Claim(tmp_path, own.pid, 10**9 + 1, own.ticks).sign(one)


@needs_proc
def test_after_a_reboot_no_session_is_claimed(assign, until):
    assignment = assign("sleep 1000")
    start(assignment)
    until(lambda: claim_of(assignment.directory).session)
    run = assignment.directory / "run.json"
    before = run.read_text()

    run.write_text(before.replace(kernel.boot_id(), "another boot"))

    assert Claim(assignment.directory) == claim_of(assignment.directory)
    run.write_text(before)


@pytest.mark.parametrize("look", [all_processes, from_psutil])
def test_proc_and_psutil_agree_about_a_process(tmp_path, look):
    environment = {**os.environ, MARK: "/somewhere/a.1"}
    with subprocess.Popen(["sleep", "1000"], cwd=tmp_path, env=environment) as process:
        found = {one.pid: one for one in look()}[process.pid]
        process.kill()

    assert (tmp_path, Path("/somewhere/a.1"), os.getsid(0)) == (found.cwd, found.mark, found.session)
    assert found.is_in(tmp_path.parent)
    assert not found.is_in(tmp_path / "deeper")


@needs_proc
def test_the_ancestors_of_this_process_are_known():
    assert {os.getpid(), os.getppid()} <= ancestors()
