"""A task does not begin in a batch job that ends before it could be done, if another job may take it."""

from __future__ import annotations

from typing import Any

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.evolve import begin
from porch_tui.core.scheduling.job_time import BEGIN_S, END_S
from porch_tui.core.scheduling.wanted_slots import WantedSlots, wanted_slots
from porch_tui.present.explain import reason
from tests.builders import (
    OPENED_AT,
    attempt,
    failure,
    fold,
    record,
    run_opened,
    settled,
    task,
    unvalidated,
    with_slots,
)

HPC, OLD, NEW = PlaceName("hpc"), PlaceName("hpc/1"), PlaceName("hpc/2")
LASTS_S = 3600.0


def run(*tasks: TaskSpec, **seconds: float) -> RunState:
    """Return a run in jobs of a batch system, with what tasks are expected to take."""
    spec = PlaceSpec(HPC, Scheme.BATCH, "slurm")
    a_plan = replace(unvalidated(*tasks), places=(spec,), on=(HPC,))
    estimates = tuple((TaskId(name), expected_s) for name, expected_s in seconds.items())
    return with_slots(begin(record(replace(run_opened(a_plan), estimates=estimates))), is_auto=True)


def job(name: PlaceName, left_s: float, slots: int = 2, **has: Any) -> e.PlaceUp:
    """Return that a job is up that has so much time left when the run begins."""
    resources = Resources(slots, 2, ends_at=OPENED_AT + left_s, **{"lasts_s": LASTS_S, **has})
    return e.PlaceUp(name, HPC, f"{name} b1", resources)


def limited(name: str, timeout_s: float, **settings: Any) -> TaskSpec:
    return replace(task(name), timeout_s=timeout_s, **settings)


def places(state: RunState) -> dict[str, str]:
    return {task: one.place for task, one in state.active_attempts.items()}


def test_a_job_takes_what_can_end_in_time_and_another_one_is_wanted_for_the_rest():
    state = run(limited("long", 600), limited("short", 60), task("quick"), long=5)
    state = settled(fold(state, job(OLD, 300)))

    assert places(state) == {"short": OLD, "quick": OLD}
    why = "waits for another job of hpc: hpc/1 has too little time left for it"
    assert reason(state, TaskId("long")) == why and not is_at_rest(state)
    assert wanted_slots(state) == {HPC: WantedSlots(1, late=(OLD,))}

    state = settled(fold(state, job(NEW, LASTS_S)))
    assert places(state) == {"long": NEW, "short": OLD, "quick": OLD}
    assert wanted_slots(state) == {HPC: WantedSlots(3)}


@pytest.mark.parametrize("late_s", [0.0, 2.0])
def test_a_task_needs_the_time_for_its_worktree_and_its_result_too(late_s: float):
    state = fold(run(limited("a", 600)), job(OLD, 600 + END_S + 1.5 - late_s))

    assert places(settled(state)) == ({} if late_s else {"a": OLD})


def test_what_is_left_of_a_job_counts_from_the_last_event():
    state = settled(fold(run(limited("a", 600), limited("b", 600)), job(OLD, 700, slots=1)))
    assert places(state) == {"a": OLD}

    done = e.AttemptSucceeded(attempt("a"), state.target.base)
    after = settled(fold(state, e.AttemptStarted(attempt("a"), 1), *[e.Noticed("x")] * 80, done))
    assert places(after) == {} and "too little time left" in (reason(after, TaskId("b")) or "")


def test_a_task_without_a_timeout_needs_what_it_is_expected_to_take():
    state = run(task("a"), task("b"), a=900, b=30)

    assert places(settled(fold(state, job(OLD, 600)))) == {"b": OLD}
    assert places(settled(fold(state, job(OLD, 1200)))) == {"a": OLD, "b": OLD}


def test_a_task_that_is_expected_to_take_longer_than_any_job_begins_in_one_all_the_same():
    state = settled(fold(run(task("a"), a=2 * LASTS_S), job(OLD, 600)))

    assert places(state) == {"a": OLD}


def test_a_timeout_that_no_job_is_long_enough_for_is_named_once_that_is_known():
    state = settled(run(limited("a", LASTS_S - BEGIN_S)))
    assert wanted_slots(state) == {HPC: WantedSlots(1)} and not is_at_rest(state)

    state = settled(fold(state, job(OLD, LASTS_S)))
    why = "no place can run it: hpc/1 lasts 3600 s in all, too short for its timeout of 3570 s"
    assert reason(state, TaskId("a")) == why
    assert wanted_slots(state) == {HPC: WantedSlots(0)} and is_at_rest(state)


def test_where_it_is_not_known_when_a_job_ends_it_takes_everything():
    state = fold(run(limited("a", 10 * LASTS_S)), e.PlaceUp(OLD, HPC, "b1", Resources(1, 1)))

    assert places(settled(state)) == {"a": OLD}


def test_a_task_that_is_to_go_on_in_a_job_that_ends_soon_begins_again_in_another_one():
    again = e.AttemptFailed(attempt("a"), failure()), e.TaskRetried(TaskId("a"), False, keep_worktree=True)
    state = settled(fold(run(limited("a", 600)), job(OLD, 700)))
    assert places(settled(fold(state, *again))) == {"a": OLD}

    late = settled(fold(state, e.AttemptStarted(attempt("a"), 1), *[e.Noticed("x")] * 80, *again))
    assert places(late) == {}
    began = settled(fold(late, job(NEW, LASTS_S)))
    attempts = began.tasks[TaskId("a")].attempts
    assert [(one.place, one.keep_worktree) for one in attempts] == [(OLD, False), (NEW, False)]


def test_a_paused_run_calls_no_job_late():
    state = settled(fold(run(limited("a", 600)), job(OLD, 300)))

    assert wanted_slots(fold(state, e.RunPaused())) == {HPC: WantedSlots(0)}
