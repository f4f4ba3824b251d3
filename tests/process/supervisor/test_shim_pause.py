"""A paused attempt does nothing, its timeout stands still, and it continues unharmed."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from porch_tui.process import control
from porch_tui.process.liveness import Cause, Running, find, wait
from porch_tui.process.supervisor import kernel, spool

FORKING_TREE = """
beat() { while :; do echo . >> beats; sleep 0.01; done; }
beat & (setsid sh -c 'while :; do echo . >> beats; sleep 0.01; done' &)
touch ready
beat
"""
FORKER = """
import os, pathlib, time
for number in range(400):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    if number == 20:
        pathlib.Path("ready").touch()
    time.sleep(0.003)
time.sleep(60)
"""


def is_paused(directory):
    liveness = find(directory)
    return isinstance(liveness, Running) and liveness.is_paused


def is_frozen(processes):
    # Who waits for a stopped vfork is shown as D.
    return set(processes.values()) <= {b"T", b"D"}


def pause(directory, until):
    assert control.set_paused(directory, True)
    until(lambda: is_paused(directory))


def test_a_pause_freezes_a_tree_that_forks_all_the_time(begin, until, processes_of, tmp_path):
    directory = begin(FORKING_TREE)

    pause(directory, until)

    until(lambda: is_frozen(processes_of(directory)))
    frozen, beats = processes_of(directory), (tmp_path / "beats").stat().st_size
    wait(directory, timeout_s=0.3)
    assert (frozen, beats) == (processes_of(directory), (tmp_path / "beats").stat().st_size)


def test_a_pause_freezes_a_tree_of_daemons(begin, until, processes_of, tmp_path):
    directory = begin((sys.executable, "-c", FORKER))

    pause(directory, until)

    until(lambda: is_frozen(processes_of(directory)))
    frozen = processes_of(directory)
    wait(directory, timeout_s=0.3)
    assert frozen == processes_of(directory)


def cpu_ticks(pids):
    """Return what processes have used, those that they have waited for included."""
    return sum(sum(map(int, kernel.stat_fields(pid)[11:15])) for pid in pids)


FORK_STORM = """
import os, pathlib
pathlib.Path("ready").touch()
while True:
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


def test_a_paused_tree_that_did_nothing_but_fork_uses_no_cpu(begin, until, processes_of):
    directory = begin((sys.executable, "-c", FORK_STORM))
    before = cpu_ticks(processes_of(directory))
    until(lambda: cpu_ticks(processes_of(directory)) > before + 5)

    pause(directory, until)

    until(lambda: is_frozen(processes_of(directory)))
    used = cpu_ticks(frozen := processes_of(directory))
    wait(directory, timeout_s=1)
    assert (used, frozen) == (cpu_ticks(frozen), processes_of(directory))


def test_a_process_continued_by_somebody_else_is_frozen_again(begin, until, processes_of, tmp_path):
    directory = begin("touch ready; sleep 1000")
    pause(directory, until)
    until(lambda: is_frozen(processes_of(directory)))

    for pid in processes_of(directory):
        os.kill(pid, signal.SIGCONT)

    until(lambda: is_frozen(processes_of(directory)))


def test_resuming_continues_every_process(begin, until, processes_of, tmp_path):
    directory = begin(FORKING_TREE)
    pause(directory, until)
    beats = (tmp_path / "beats").stat().st_size

    assert control.set_paused(directory, False)

    until(lambda: not is_paused(directory))
    until(lambda: (tmp_path / "beats").stat().st_size > beats + 100)
    assert b"T" not in processes_of(directory).values()


def test_what_the_task_itself_stopped_stays_stopped_after_a_pause(begin, until, processes_of, tmp_path):
    directory = begin("sleep 1000 & kill -STOP $!; touch ready; while :; do sleep 0.1; done")
    until(lambda: b"T" in processes_of(directory).values())  # asked to stop is not stopped yet
    pause(directory, until)

    control.set_paused(directory, False)

    until(lambda: not is_paused(directory))
    assert [state for state in processes_of(directory).values() if state == b"T"] == [b"T"]


@pytest.mark.slow
def test_time_spent_paused_does_not_count_for_the_timeout(begin, until, ended, tmp_path):
    directory = begin("touch ready; sleep 1000", timeout_s=2)
    pause(directory, until)

    assert isinstance(wait(directory, timeout_s=2.2), Running)
    control.set_paused(directory, False)

    end = ended(directory)
    assert Cause.TIMEOUT is end.cause
    assert end.paused_s >= 2.1
    assert end.wall_s - end.paused_s >= 1.99


def test_two_pauses_add_up(begin, until, running, tmp_path):
    directory = begin("touch ready; sleep 1000")
    for _ in range(2):
        pause(directory, until)
        wait(directory, timeout_s=0.2)
        control.set_paused(directory, False)
        until(lambda: not is_paused(directory))

    assert running(directory).paused_s >= 0.38


def test_pausing_twice_is_pausing_once(begin, until, running, tmp_path):
    directory = begin("touch ready; sleep 1000")
    pause(directory, until)
    assert control.set_paused(directory, True)
    assert 1 == running(directory).order

    control.set_paused(directory, False)

    until(lambda: not is_paused(directory))


def test_a_paused_attempt_can_be_stopped_and_may_tidy_up(begin, until, ended, tmp_path):
    directory = begin("trap 'echo tidied; exit 0' TERM; touch ready; while :; do sleep 0.05; done")
    pause(directory, until)

    control.stop(directory, grace_s=60)

    assert (ended(directory).cause, ended(directory).killed) == (Cause.STOPPED, 0)
    assert (directory / "output.log").read_text().endswith("tidied\n")


def test_an_order_after_a_stop_is_refused(begin, until, ended, tmp_path):
    directory = begin("trap '' TERM; touch ready; while :; do sleep 0.05; done")

    control.stop(directory, grace_s=0.5)

    assert not control.set_paused(directory, True)
    assert spool.read(f"{directory}/ctl.json")["cmd"] == "stop"
    assert Cause.STOPPED is ended(directory).cause


def test_orders_to_an_attempt_that_is_over_or_never_started_do_nothing(run, tmp_path):
    run("true")

    for directory in (tmp_path / "attempt", tmp_path / "never"):
        assert (
            control.set_paused(directory, True),
            control.set_paused(directory, False),
            control.stop(directory, grace_s=0),
        ) == (False, False, False)


STRAGGLER = "trap 'touch asked' TERM; while :; do echo . >> beats; sleep 0.01; done"
LEAVES_A_STRAGGLER = f'(setsid sh -c "{STRAGGLER}" &); while ! [ -e beats ]; do sleep 0.01; done'


@pytest.mark.slow
def test_a_pause_while_stragglers_are_ended_starts_no_further_step(
    begin, until, ended, processes_of, tmp_path
):
    directory = begin(f"{LEAVES_A_STRAGGLER}; touch ready", "touch second")
    until((tmp_path / "asked").exists)

    pause(directory, until)

    until(lambda: is_frozen(processes_of(directory)))
    wait(directory, timeout_s=2.5)  # longer than a straggler is given
    assert (len(processes_of(directory)) > 0, (tmp_path / "second").exists()) == (True, False)
    control.set_paused(directory, False)
    end = ended(directory)
    assert (end.has_succeeded, (tmp_path / "second").exists(), end.paused_s >= 2.4) == (True, True, True)


def test_a_paused_attempt_starts_no_further_step_when_its_present_one_is_killed(
    begin, until, ended, processes_of, tmp_path
):
    """As when memory is short and the kernel takes the stragglers too."""
    directory = begin(f"{LEAVES_A_STRAGGLER}; touch ready", "touch second")
    until((tmp_path / "asked").exists)
    pause(directory, until)

    for pid in processes_of(directory):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not processes_of(directory))

    assert isinstance(wait(directory, timeout_s=0.5), Running)
    assert (is_paused(directory), (tmp_path / "second").exists()) == (True, False)
    control.stop(directory, grace_s=60)
    assert (ended(directory).cause, (tmp_path / "second").exists()) == (Cause.STOPPED, False)
