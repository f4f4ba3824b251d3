"""A shim ends every process of its attempt, however they hide."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from porch_tui.process import control
from porch_tui.process.liveness import Cause
from porch_tui.process.spawn import start

READY = "touch ready; "
IGNORES_TERM = (
    "trap '' TERM; (trap '' TERM; while :; do sleep 0.05; done) & " + READY + "while :; do sleep 0.05; done"
)
DOUBLE_FORK = "(setsid sh -c 'sleep 1000' &) ; " + READY + "sleep 1000"
DEAF_DAEMON = "(setsid sh -c \"trap '' TERM; touch ready; while :; do sleep 0.05; done\" &) ; sleep 1000"
STOPPED_BY_ITSELF = "sleep 1000 & kill -STOP $!; " + READY + "wait"
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
WALKER = """
import os, pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("ready").touch()
until = time.monotonic() + 60
while time.monotonic() < until:
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(0.02)
"""


SEVEN = """
import os, pathlib, signal, time

def stay():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open("here", "a") as here:
        here.write(".")
    while True:
        time.sleep(1000)

for _ in range(2):  # children
    if os.fork() == 0:
        stay()
for _ in range(2):  # in sessions of their own
    if os.fork() == 0:
        os.setsid()
        stay()
for _ in range(2):  # daemons, whose parents are gone
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            stay()
        os._exit(0)
stay()
"""


def test_hidden_processes_that_ignore_sigterm_are_gone_a_second_after_the_grace(
    assign, ended, until, processes_of, tmp_path
):
    assignment = assign((sys.executable, "-c", SEVEN))
    start(assignment)
    here = tmp_path / "here"
    until(lambda: here.exists() and here.read_text() == "." * 7)
    assert len(processes_of(assignment.directory)) == 7
    asked_at = time.time()

    control.stop(assignment.directory, grace_s=1)

    end = ended(assignment.directory)
    assert (end.cause, end.killed, processes_of(assignment.directory)) == (Cause.STOPPED, 7, {})
    assert 1 <= end.ended_at - asked_at < 2


@pytest.mark.parametrize(
    "nasty",
    [
        pytest.param(IGNORES_TERM, id="ignores-term"),
        pytest.param(DOUBLE_FORK, id="setsid-double-fork"),
        pytest.param(DEAF_DAEMON, id="daemon-that-ignores-term"),
        pytest.param(STOPPED_BY_ITSELF, id="holds-a-stopped-child"),
        pytest.param((sys.executable, "-c", FORKER), id="forks-all-the-time"),
    ],
)
def test_stopping_ends_every_process_of_a_stubborn_tree(begin, ended, processes_of, nasty):
    directory = begin(nasty)

    assert control.stop(directory, grace_s=0.1)

    assert Cause.STOPPED is ended(directory).cause
    assert processes_of(directory) == {}


@pytest.mark.parametrize(
    "left",
    [
        pytest.param("sleep 1000 & exit 6", id="child"),
        pytest.param("(setsid sh -c 'sleep 1000' &); exit 6", id="daemon"),
    ],
)
def test_processes_that_outlive_the_step_are_ended_and_its_code_is_kept(run, processes_of, tmp_path, left):
    end = run(left)

    assert (end.code, end.cause) == (6, Cause.EXIT)
    assert processes_of(tmp_path / "attempt") == {}


@pytest.mark.slow
def test_a_process_that_keeps_forking_itself_is_caught(run, processes_of, tmp_path):
    """Its main process exits at once; from then on each lives 20 ms, forks and exits."""
    end = run((sys.executable, "-c", WALKER))

    assert (end.code, processes_of(tmp_path / "attempt")) == (0, {})
    assert end.killed >= 1


def test_processes_left_by_a_step_are_ended_before_the_next_starts(run, tmp_path):
    end = run("sleep 1000 & echo $! > left", "kill -0 $(cat left) 2> /dev/null && exit 1; exit 0")

    assert end.has_succeeded


def test_within_the_grace_a_task_may_tidy_up_and_choose_its_code(begin, ended):
    directory = begin("trap 'echo tidied; exit 12' TERM; touch ready; while :; do sleep 0.05; done")

    control.stop(directory, grace_s=60)

    end = ended(directory)
    assert (end.code, end.cause, end.killed) == (12, Cause.STOPPED, 0)
    assert (directory / "output.log").read_text().endswith("tidied\n")


def test_a_second_stop_shortens_the_grace(begin, ended):
    directory = begin(IGNORES_TERM)
    began = time.monotonic()

    control.stop(directory, grace_s=1000)
    control.stop(directory, grace_s=0)

    assert ended(directory).code == -signal.SIGKILL
    assert time.monotonic() - began < 1000


def test_stopping_starts_no_further_step(begin, ended, tmp_path):
    directory = begin("trap 'exit 0' TERM; touch ready; while :; do sleep 0.05; done", "touch second")

    control.stop(directory, grace_s=5)

    end = ended(directory)
    assert (end.step, end.code, end.cause) == ("step0", 0, Cause.STOPPED)
    assert not (tmp_path / "second").exists()


def test_a_timeout_kills_processes_that_ignore_sigterm(run, processes_of, tmp_path):
    end = run(IGNORES_TERM, timeout_s=0.5, grace_s=0.1)

    assert (end.code, end.cause) == (-signal.SIGKILL, Cause.TIMEOUT)
    assert processes_of(tmp_path / "attempt") == {}


def test_sigterm_to_the_shim_is_a_stop(begin, running, ended):
    directory = begin(IGNORES_TERM, grace_s=0.1)

    os.kill(running(directory).shim_pid, signal.SIGTERM)

    assert Cause.STOPPED is ended(directory).cause


def test_a_stopped_process_is_continued_so_that_it_can_end_in_its_own_way(begin, ended, tmp_path):
    directory = begin("trap 'touch cleaned; exit 0' TERM; touch ready; kill -STOP $$; sleep 1000")

    control.stop(directory, grace_s=30)

    assert (ended(directory).killed, (tmp_path / "cleaned").exists()) == (0, True)
