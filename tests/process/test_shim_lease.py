"""An attempt with a lease ends when nobody renews it, and only then; one without never misses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from porch_tui.core.model.events import FailureKind
from porch_tui.executors.attempt import failure
from porch_tui.process import control
from porch_tui.process.liveness import Cause, Running, find, wait
from porch_tui.process.supervisor import lease
from porch_tui.process.supervisor.lease import Lease

LEASE_S = 1.0
STUBBORN = "trap '' TERM; (setsid sh -c 'sleep 1000' &); touch ready; while :; do sleep 0.05; done"

OWNER = """
import json, sys, time
from pathlib import Path
from porch_tui.process import control
from porch_tui.process.spawn import Assignment, Step, start
directory, script, lease_s = json.loads(sys.argv[1])
steps = (Step("run", ("sh", "-c", script)),)
env = {"PATH": "/usr/bin:/bin"}
start(Assignment(Path(directory), steps, Path(directory).parent, env, None, 0.2, lease_s))
print("started", flush=True)
while control.renew_lease(Path(directory)):
    time.sleep(lease_s / 20)
"""


def renewed_for(seconds, directory):
    """Renew the lease again and again, and return what has become of the attempt then."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert control.renew_lease(directory)
        wait(directory, timeout_s=0.05)
    return find(directory)


def test_an_attempt_whose_lease_nobody_renews_is_ended_with_all_its_processes(
    begin, ended, processes_of, tmp_path
):
    before = time.monotonic()
    directory = begin(STUBBORN, "touch second", lease_s=LEASE_S, grace_s=0.2)

    end = ended(directory)

    assert (Cause.LEASE, "its lease ran out: it was not renewed for 1 s") == (end.cause, end.detail)
    assert LEASE_S < end.wall_s <= time.monotonic() - before
    assert (processes_of(directory), (tmp_path / "second").exists()) == ({}, False)
    assert end.killed >= 1


def test_what_ended_with_its_lease_is_told_as_lost(run):
    end = run("sleep 1000", lease_s=0.2)

    lost = failure(end)

    assert lost.kind is FailureKind.LOST
    assert "its lease ran out" in lost.text


def test_it_has_its_grace_to_tidy_up(run, tmp_path):
    end = run("trap 'echo tidied; exit 0' TERM; while :; do sleep 0.05; done", lease_s=0.2, grace_s=60)

    assert (end.cause, end.code, end.killed) == (Cause.LEASE, 0, 0)
    assert (tmp_path / "attempt/output.log").read_text().endswith("tidied\n")


@pytest.mark.slow
def test_an_attempt_goes_on_for_as_long_as_its_lease_is_renewed(begin, ended):
    directory = begin("touch ready; sleep 1000", lease_s=3)

    assert isinstance(renewed_for(4, directory), Running)

    assert ended(directory).cause is Cause.LEASE


def test_an_attempt_does_not_outlive_its_owner_for_long(tmp_path, ended, processes_of):
    directory = tmp_path / "attempt"
    argument = json.dumps([str(directory), STUBBORN, 3])
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, argument], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as owner:
        assert owner.stdout and owner.stdout.readline() == b"started\n"
        assert isinstance(wait(directory, timeout_s=4), Running)
        owner.kill()

    assert (ended(directory).cause, processes_of(directory)) == (Cause.LEASE, {})


def test_a_frozen_orphan_ends_too(begin, ended, processes_of):
    directory = begin("touch ready; sleep 1000", lease_s=3)
    assert control.pause(directory)

    end = ended(directory)

    assert (end.cause, processes_of(directory)) == (Cause.LEASE, {})
    assert end.paused_s > 0


@pytest.mark.slow
def test_what_is_frozen_goes_on_being_so_while_its_lease_is_renewed(begin, processes_of):
    directory = begin("touch ready; sleep 1000", lease_s=3)
    control.pause(directory)

    found = renewed_for(4, directory)

    assert isinstance(found, Running) and found.is_paused
    assert set(processes_of(directory).values()) <= {b"T", b"D"}


def test_without_a_lease_nothing_ends_and_there_is_none_to_renew(begin):
    directory = begin("touch ready; sleep 1000")

    assert isinstance(wait(directory, timeout_s=2 * lease.POLL_S), Running)
    assert (control.renew_lease(directory), (directory / "lease").exists()) == (False, False)


def test_what_is_over_stays_over_when_its_lease_is_renewed(run, ended, tmp_path):
    end = run("true", lease_s=60)

    control.renew_lease(tmp_path / "attempt")

    assert (ended(tmp_path / "attempt"), end.has_succeeded) == (end, True)


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock of the lease, put forward by hand."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(lease.time, "monotonic", lambda: Clock.now)
    return Clock


def test_whatever_the_clock_of_the_wall_says_a_change_renews_and_its_lack_does_not(clock, tmp_path):
    path = tmp_path / "lease"
    path.touch()
    watched = Lease(str(path), 10)
    for day in (0, 365_000, 1, 20_000):  # back and forth by centuries
        clock.now += 9
        os.utime(path, (day * 86400.0, day * 86400.0 + 1))
        assert not watched.has_run_out()

    os.utime(path, (4e9, 4e9))  # a century ahead, and renewed for the last time
    assert not watched.has_run_out()
    clock.now += 11

    assert watched.has_run_out()


def test_a_lease_that_was_renewed_while_nobody_could_look_has_not_run_out(clock, tmp_path):
    path = tmp_path / "lease"
    path.touch()
    watched = Lease(str(path), 10)
    clock.now += 1000
    os.utime(path, (1, 1))

    assert not watched.has_run_out()


def test_a_lease_that_is_taken_away_is_not_thereby_renewed(clock, tmp_path):
    path = tmp_path / "lease"
    path.touch()
    watched = Lease(str(path), 10)
    clock.now += 9
    path.unlink()
    assert not watched.has_run_out()
    clock.now += 2

    assert watched.has_run_out()


def test_no_lease_never_runs_out(clock, tmp_path):
    watched = Lease(str(tmp_path / "lease"), None)
    clock.now += 1e9

    assert (watched.has_run_out(), watched.poll_s) == (False, float("inf"))
