"""What every executor promises, by the numbers of the design: one suite for all places.

It speaks of the protocol alone (`executors/executor.py`); how a place keeps its promises is tested there.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time

import pytest

from porch_tui.core.model import events as e
from project import until
from tests.executors import places

RAN = "echo ran >> $FOLDER/ran; "
UNTIL_GO = "until test -e $FOLDER/go; do sleep 0.02; done; "
READY = "touch $FOLDER/ready; "
DEAF_TREE = (
    "trap '' TERM; for n in 1 2 3; do (setsid sh -c \"trap '' TERM; while :; do sleep 0.05; done\" &); done; "
    + READY
    + "while :; do sleep 0.05; done"
)
"""Ignores SIGTERM, and so do three more, in sessions of their own, whose parents have gone."""


IN_ORDER = ([e.AttemptStarted, e.AttemptSucceeded], [e.AttemptSucceeded])
"""An attempt may be over before it was seen running."""


def ran(world) -> str:
    return world.file("ran").read_text()


# --- G1


def test_an_attempt_is_started_at_most_once_after_replays_reconnects_and_reruns_too(world):
    job = world.job("a", RAN + UNTIL_GO)
    first, second = world.executor(), world.executor()
    first.start(job)
    first.start(job)
    world.started(job)
    second.start(job)
    world.file("go").touch()
    world.end_of(job, count=2)

    world.executor().start(job)

    world.end_of(job, count=3)
    assert ran(world) == "ran\n"
    failures = [end.failure.text for end in world.ends_of(job) if isinstance(end, e.AttemptFailed)]
    assert failures == []


# --- G2


def test_exactly_one_end_of_an_attempt_reaches_the_engine(world):
    executor, job, last = world.executor(), world.job("a", "true"), world.job("b", "true")
    executor.start(job)
    executor.start(job)
    world.end_of(job)

    executor.start(job)
    executor.stop(job)
    executor.start(last)

    world.end_of(last)
    assert [e.AttemptSucceeded] == [type(event) for event in world.ends_of(job)]


# --- G3


def test_bytes_of_a_log_keep_their_offsets_while_it_grows_and_all_are_there_at_the_end(world):
    job = world.job("a", "n=0; while [ $n -lt 2000 ]; do echo line $n; n=$((n+1)); done; printf end")
    log, looks = job.directory / "output.log", [b""]
    world.executor().start(job)

    while not world.ends_of(job):
        looks.append(log.read_bytes() if log.exists() else b"")
        time.sleep(0.001)

    looks.append(log.read_bytes())
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(looks))
    lines = [*(b"line %d" % number for number in range(2000)), b"end"]
    assert looks[-1] == (b"\r\n" if job.spec.terminal else b"\n").join(lines)


# --- G4


def test_an_attempt_stopped_before_it_starts_never_starts(world):
    executor, job = world.executor(), world.job("a", RAN)

    executor.stop(job)
    executor.start(job)

    assert isinstance(world.end_of(job), e.AttemptStopped)
    assert not world.file("ran").exists()


def test_a_stop_ends_all_descendants_however_often_it_is_given(world):
    executor, job = world.executor(), world.job("a", DEAF_TREE)
    executor.start(job)
    world.until_file("ready")
    assert len(world.processes_of(job)) >= 4

    executor.stop(job, grace_s=1000)
    executor.stop(job, grace_s=0.1)
    executor.stop(job, grace_s=0.1)

    assert isinstance(world.end_of(job), e.AttemptStopped)
    assert not world.reports[-1].alive
    assert len(world.ends_of(job)) == 1


def test_a_stop_gives_the_task_its_grace_to_tidy_up(world):
    executor = world.executor()
    job = world.job("a", "trap 'echo tidied > $FOLDER/tidied; exit' TERM; " + READY + UNTIL_GO)
    executor.start(job)
    world.until_file("ready")

    executor.stop(job, grace_s=60)

    assert isinstance(world.end_of(job), e.AttemptStopped)
    assert world.file("tidied").read_text() == "tidied\n"


def test_a_finish_is_obeyed_or_reported_as_ignored_where_no_one_types(world):
    executor, job = world.executor(), world.job("a", READY + "cat >/dev/null; " + UNTIL_GO)
    executor.start(job)
    world.until_file("ready")

    executor.finish(job)

    if world.place not in places.TYPED_INTO:
        until(lambda: e.FinishIgnored(job.attempt) in world.of(job), "the order to be ignored")
    world.file("go").touch()
    assert isinstance(world.end_of(job), e.AttemptSucceeded)


def test_a_stop_after_the_end_has_no_effect(world):
    executor, job, last = world.executor(), world.job("a", "echo made > made"), world.job("b", "true")
    executor.start(job)
    end = world.end_of(job)

    executor.stop(job, grace_s=0)
    executor.start(last)

    world.end_of(last)
    assert [end] == world.ends_of(job)
    assert isinstance(end, e.AttemptSucceeded)


# --- G5


@pytest.mark.slow
def test_time_spent_paused_does_not_count_for_the_timeout(world):
    executor, job = world.executor(), world.job("a", READY + "sleep 1000", timeout_s=1.5)
    executor.start(job)
    world.until_file("ready")
    executor.freeze(job)
    until(lambda: world.is_frozen(job), "everything to be frozen")
    time.sleep(1.6)
    assert not world.ends_of(job)

    executor.thaw(job)

    end = world.end_of(job)
    assert isinstance(end, e.AttemptFailed) and end.failure.kind is e.FailureKind.TIMEOUT
    assert end.used.paused_s >= 1.5
    assert not world.reports[-1].alive


def test_a_timeout_needs_no_engine(world):
    job = world.job("a", "sleep 1000", timeout_s=0.5)
    world.crash(job, "AttemptStarted")

    until(lambda: not world.processes_of(job), "the timeout")

    world.executor().start(job)
    end = world.end_of(job)
    assert isinstance(end, e.AttemptFailed) and end.failure.kind is e.FailureKind.TIMEOUT


def test_an_attempt_frozen_before_it_starts_freezes_as_soon_as_it_has(world):
    executor, job = world.executor(), world.job("a", READY + UNTIL_GO)
    executor.freeze(job)
    executor.start(job)
    until(lambda: world.is_frozen(job), "everything to be frozen")
    world.file("go").touch()

    executor.thaw(job)

    assert isinstance(world.end_of(job), e.AttemptSucceeded)


# --- G6


@pytest.mark.parametrize("how", ["exit 3", "kill -9 $$", "exec no-such-program"])
def test_executors_never_retry(world, how):
    executor, job, last = world.executor(), world.job("a", RAN + how), world.job("b", "true")

    executor.start(job)
    world.end_of(job)
    executor.start(last)

    world.end_of(last)
    assert ran(world) == "ran\n"
    assert [e.AttemptFailed] == [type(event) for event in world.ends_of(job)]


def test_a_retry_is_a_new_attempt_that_the_engine_asks_for(world):
    executor, first = world.executor(), world.job("a", RAN + "exit 3")
    executor.start(first)
    world.end_of(first)

    second = world.job("a", RAN, number=2)
    executor.start(second)

    assert isinstance(world.end_of(second), e.AttemptSucceeded)
    assert ran(world) == "ran\nran\n"


# --- G7


def test_after_an_attempt_is_reported_lost_no_process_of_it_is_alive(world):
    executor, job = world.executor(), world.job("a", DEAF_TREE)
    executor.start(job)
    world.until_file("ready")

    os.kill(world.started(job).pid, signal.SIGKILL)

    end = world.end_of(job)
    assert isinstance(end, e.AttemptFailed) and end.failure.kind is e.FailureKind.LOST
    assert not world.reports[-1].alive


# --- G8


def test_the_result_is_pinned_before_its_end_is_reported(world):
    job = world.job("a", "echo made > made")

    world.executor().start(job)

    end = world.end_of(job)
    assert isinstance(end, e.AttemptSucceeded)
    assert world.reports[-1].pinned == end.head
    assert "made" == world.project.git("show", f"{end.head}:made")


# --- G9


def test_events_of_an_attempt_arrive_in_order_and_a_slow_listener_delays_no_command(world):
    may_continue = threading.Event()

    def listen_slowly(*events: e.AnyEvent) -> None:
        may_continue.wait(60)
        world.on_events(*events)

    slow, jobs = world.executor(listen_slowly), [world.job(name, f"touch $FOLDER/{name}") for name in "abc"]
    for job in jobs:
        slow.start(job)
    for name in "abc":
        world.until_file(name)
    assert not world.reports

    may_continue.set()

    for job in jobs:
        world.end_of(job)
        kinds = [type(event) for event in world.of(job)]
        assert kinds in IN_ORDER


# --- G10


@pytest.mark.parametrize("moment", ["asked", "AttemptStarted", "AttemptSucceeded"])
def test_an_engine_that_crashes_at_any_point_loses_nothing_and_nothing_runs_twice(world, moment):
    job = world.job("a", RAN + UNTIL_GO + "echo made > made; echo over")
    if moment == "AttemptSucceeded":
        world.file("go").touch()
    world.crash(job, moment)

    world.executor().start(job)
    world.file("go").touch()

    end = world.end_of(job)
    assert isinstance(end, e.AttemptSucceeded) and world.reports[-1].pinned == end.head
    assert ran(world) == "ran\n"
    assert (job.directory / "output.log").read_text() == "over\n"


def test_an_attempt_frozen_by_a_crashed_engine_stays_frozen_until_the_next_one_thaws_it(world):
    """The last engine may have recorded that the attempt continues, and died before thawing it."""
    freezing, keeping, thawing = world.executor(), world.executor(), world.executor()
    job = world.job("a", READY + UNTIL_GO)
    freezing.start(job)
    world.until_file("ready")
    freezing.freeze(job)
    until(lambda: world.is_frozen(job), "everything to be frozen")

    keeping.freeze(job)
    keeping.start(job)
    until(lambda: len(world.of(job)) == 2, "the next engine to find it")
    assert world.is_frozen(job)

    thawing.start(job)
    world.file("go").touch()
    assert isinstance(world.end_of(job), e.AttemptSucceeded)


def test_a_stop_interrupted_by_a_crash_is_completed_by_the_next_engine(world):
    job = world.job("a", DEAF_TREE)
    world.crash(job, "AttemptStarted", before=lambda: world.until_file("ready"))

    world.executor().stop(job, grace_s=0.1)

    assert isinstance(world.end_of(job), e.AttemptStopped)
    assert not world.reports[-1].alive


# --- G11


def test_no_orphan_survives_without_an_owner(world):
    """Engine and supervisor are killed: the processes they leave are ended by the next engine."""
    job = world.job("a", DEAF_TREE)
    supervisor = world.crash(job, "AttemptStarted", before=lambda: world.until_file("ready"))
    os.kill(supervisor, signal.SIGKILL)

    world.executor().start(job)

    end = world.end_of(job)
    assert isinstance(end, e.AttemptFailed) and end.failure.kind is e.FailureKind.LOST
    assert not world.reports[-1].alive


def test_stopping_everything_leaves_nothing(world):
    executor, jobs = world.executor(), [world.job(name, DEAF_TREE) for name in "abc"]
    for job in jobs:
        executor.start(job)
    for job in jobs:
        world.started(job)
    assert {job.attempt for job in jobs} == set(executor.directories())

    for job in jobs:
        executor.stop(job, grace_s=0)

    for job in jobs:
        assert isinstance(world.end_of(job), e.AttemptStopped)
        assert not world.processes_of(job)
    until(lambda: not executor.directories(), "nothing to be under way")
