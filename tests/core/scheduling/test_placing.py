"""Which place a task starts on, and what is said while there is none."""

from __future__ import annotations

from typing import Any

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import Kind, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.scheduling.auto_pause import auto_pause
from porch_tui.core.scheduling.disk import Space, measured
from porch_tui.core.scheduling.placing import all_slots
from porch_tui.core.scheduling.slots import Reading, adapted
from porch_tui.present.explain import reason
from tests.builders import (
    asking,
    attempt,
    failure,
    fold,
    hypothesis,
    opened,
    settled,
    task,
    theory,
    unvalidated,
    with_slots,
)

BOX, MINI, CLUSTER = PlaceName("box"), PlaceName("mini"), PlaceName("tls://c:8786")
LAPTOP = PlaceSpec(HERE, Scheme.HERE)


def ssh(name: PlaceName, **settings: Any) -> PlaceSpec:
    """Return a place that is reached by ssh."""
    return PlaceSpec(name, Scheme.SSH, name, **settings)


def run_on(
    *tasks: str | TaskSpec, places: tuple[PlaceSpec, ...] = (ssh(BOX), ssh(MINI)), **settings: Any
) -> RunState:
    """Return a run of these tasks on these places, with no number of slots for all of them."""
    a_plan = replace(unvalidated(*tasks), places=places, on=tuple(spec.name for spec in places))
    state = opened(a_plan, **{"slots": 2, **settings})
    return with_slots(state, is_auto="slots" not in settings)


def up(name: PlaceName, slots: int = 2, member_of: PlaceName | None = None, **has: Any) -> e.PlaceUp:
    """Return that a place is up."""
    return e.PlaceUp(name, member_of or name, "b1", Resources(slots, has.pop("cores", slots), **has))


def places(state: RunState) -> dict[str, str]:
    """Return where the live attempts run, by task."""
    return {task: one.place for task, one in state.active_attempts.items()}


def needing(name: str, *tools: str) -> TaskSpec:
    """Return a task that needs tools."""
    return replace(task(name), needs=tools)


def bound(name: str, *to: PlaceName, **settings: Any) -> TaskSpec:
    """Return a task that may only run on some places."""
    return replace(task(name, **settings), place=to)


def test_each_task_goes_where_most_slots_are_free():
    state = settled(fold(run_on("a", "b", "c", "d"), up(BOX, 3), up(MINI, 2)))

    assert places(state) == {"a": BOX, "b": BOX, "c": MINI, "d": BOX}
    assert all_slots(state) == 5


def test_slot_numbers_are_those_of_a_place():
    state = settled(fold(run_on("a", "b", "c"), up(BOX, 2), up(MINI, 1)))

    assert [(one.place, one.slot) for one in state.active_attempts.values()] == [
        (BOX, 0),
        (BOX, 1),
        (MINI, 0),
    ]


def test_the_engines_machine_is_one_of_several_places_only_if_it_is_named():
    both = settled(fold(run_on("a", "b", "c", places=(ssh(BOX), LAPTOP), slots=9, cores=1), up(BOX, 1)))
    only_box = settled(fold(run_on("a", "b", places=(ssh(BOX),)), up(BOX, 1)))

    assert places(both) == {"a": HERE, "b": BOX}
    assert places(only_box) == {"a": BOX}
    assert reason(both, TaskId("c")) == "all slots of box, threads are taken"


def test_a_number_of_slots_for_the_run_caps_the_sum():
    state = settled(fold(run_on("a", "b", "c", slots=2), up(BOX, 2), up(MINI, 2)))

    assert len(state.active) == 2
    assert reason(state, TaskId("c")) == "all 2 slots are taken"
    assert all_slots(state) == 2


def test_slots_of_a_place_in_the_plan_are_fewer_than_its_cores():
    state = settled(fold(run_on("a", "b", places=(ssh(BOX, slots=1),)), up(BOX, 8)))

    assert list(places(state)) == ["a"]
    assert reason(state, TaskId("b")) == "all slots of box are taken"


def test_nothing_starts_on_a_place_that_was_not_reached_yet():
    state = settled(run_on("a", places=(ssh(BOX),)))

    assert state.active == ()
    assert reason(state, TaskId("a")) == "waits for box, which is being connected"
    assert not is_at_rest(state)


def test_nothing_starts_on_a_place_that_is_out_of_reach():
    state = fold(run_on("a", places=(ssh(BOX),)), up(BOX), e.PlaceSilent(BOX, 1.0, "connection reset"))

    assert settled(state).active == ()
    assert reason(state, TaskId("a")) == "waits for box, which is out of reach: connection reset"
    assert places(settled(fold(state, up(BOX)))) == {"a": BOX}


def test_a_task_goes_where_its_tools_are():
    state = fold(run_on(needing("a", "docker"), "b"), up(BOX, 9), up(MINI, 1, tools=("docker", "git")))

    assert places(settled(state)) == {"a": MINI, "b": BOX}


def test_a_tool_that_the_plan_gives_to_a_place_need_not_be_found():
    state = fold(
        run_on(needing("a", "gpu"), places=(ssh(BOX, has=("gpu",)), ssh(MINI))), up(BOX), up(MINI, 9)
    )

    assert places(settled(state)) == {"a": BOX}


def test_a_task_that_no_place_can_run_says_so_in_one_line():
    state = settled(fold(run_on(needing("a", "docker")), up(BOX), up(MINI)))

    assert reason(state, TaskId("a")) == "no place can run it: there is no docker on box and mini"
    assert is_at_rest(state)


def test_where_it_is_not_known_yet_what_a_place_has_a_task_waits_for_it():
    state = settled(fold(run_on(needing("a", "docker")), up(BOX)))

    assert reason(state, TaskId("a")) == "waits for mini, which is being connected"
    assert not is_at_rest(state)


def test_without_places_a_task_needs_its_tools_here():
    state = settled(opened(unvalidated(needing("a", "docker"))))

    assert reason(state, TaskId("a")) == "it needs docker, which is not found on this machine"
    assert is_at_rest(state)


def test_what_only_workers_can_run_waits_for_one():
    cluster = PlaceSpec(CLUSTER, Scheme.DASK, CLUSTER)
    state = settled(run_on("a", places=(cluster,)))
    assert reason(state, TaskId("a")) == f"waits for a worker of {CLUSTER}"

    worker = PlaceName(f"{CLUSTER}/w1")
    state = settled(fold(state, up(worker, member_of=CLUSTER)))

    assert places(state) == {"a": worker}


def test_what_only_workers_can_run_waits_for_another_when_the_last_one_is_gone():
    """As long as that takes: it is no end of the run, whatever other places there are."""
    cluster = PlaceSpec(CLUSTER, Scheme.DASK, CLUSTER)
    first, second = PlaceName(f"{CLUSTER}/w1"), PlaceName(f"{CLUSTER}/w2")
    state = settled(fold(run_on(bound("a", CLUSTER), places=(cluster, ssh(BOX))), up(first, 1, CLUSTER)))
    assert places(state) == {"a": first}

    gone = e.PlaceGone(first, "it was taken away", is_empty=True)
    state = settled(fold(state, up(BOX, 9), *admit(state, gone)))

    assert places(state) == {}
    assert reason(state, TaskId("a")) == f"waits for a worker of {CLUSTER}"
    assert not is_at_rest(state)
    assert places(settled(fold(state, up(second, 1, CLUSTER)))) == {"a": second}


def test_a_task_that_is_bound_to_a_place_runs_there_only():
    tasks = bound("a", MINI), "b"
    state = settled(fold(run_on(*tasks), up(BOX, 9)))
    assert places(state) == {"b": BOX}

    assert places(settled(fold(state, up(MINI, 1)))) == {"a": MINI, "b": BOX}


def test_a_task_may_be_bound_to_the_engines_machine_in_a_run_that_uses_others():
    state = settled(fold(run_on(bound("a", HERE), "b", places=(ssh(BOX),)), up(BOX, 9)))

    assert places(state) == {"a": HERE, "b": BOX}


def test_a_retry_that_keeps_its_worktree_goes_to_the_place_that_has_it():
    ended = fold(settled(fold(run_on("a"), up(BOX, 1))), e.AttemptFailed(attempt("a"), failure()))
    again = fold(ended, up(MINI, 9), e.TaskRetried(TaskId("a"), False, keep_worktree=True))

    assert places(settled(again)) == {"a": BOX}
    assert settled(again).tasks[TaskId("a")].attempts[1].keep_worktree
    afresh = fold(ended, up(MINI, 9), e.TaskRetried(TaskId("a"), False))
    assert places(settled(afresh)) == {"a": MINI}


def test_a_retry_whose_worktree_is_gone_begins_again_elsewhere():
    state = fold(settled(fold(run_on("a"), up(BOX, 1))), e.AttemptFailed(attempt("a"), failure()), up(MINI))
    state = fold(state, e.TaskRetried(TaskId("a"), False, keep_worktree=True), e.PlaceGone(BOX, "retired"))

    assert places(settled(state)) == {"a": MINI}
    assert not settled(state).tasks[TaskId("a")].attempts[1].keep_worktree


def test_a_task_that_would_meet_a_theory_still_starts_where_there_is_room():
    """Theories run here, where no slot is free; the task may go elsewhere, although it could wait."""
    a_plan = asking(hypothesis(), theory("a"), theory("b"), task("c", estimate_s=60.0))
    state = opened(replace(a_plan, places=(ssh(BOX), LAPTOP), on=(BOX,)), slots=1, cores=1)
    begun = settled(with_slots(state, is_auto=True))
    assert places(begun) == {"a": HERE}

    met = fold(begun, e.ConflictsPredicted(((TaskId("a"), TaskId("c")),)), up(BOX))

    assert places(settled(met)) == {"a": HERE, "c": BOX}


def test_a_retry_that_waits_for_its_worktree_keeps_no_other_from_starting():
    """Both were at the box, but another machine has its name now: only what that one was given is there."""
    state = fold(run_on("here", "elsewhere", "busy"), e.PlaceUp(BOX, BOX, "m1 b", Resources(1, 1)))
    state = settled(fold(state, e.TaskCancelled(TaskId("here"), "wait")))
    assert places(state) == {"elsewhere": BOX}
    state = fold(state, e.AttemptFailed(attempt("elsewhere"), failure()))
    state = fold(state, e.PlaceUp(BOX, BOX, "m2 b", Resources(1, 1)), e.TaskRetried(TaskId("here"), False))
    state = settled(state)
    assert places(state) == {"here": BOX}
    state = settled(fold(state, e.AttemptFailed(attempt("here"), failure())))
    assert places(state) == {"busy": BOX}

    both = (e.TaskRetried(TaskId(one), False, keep_worktree=True) for one in ("here", "elsewhere"))
    again = settled(fold(state, *both, up(MINI)))

    assert places(again) == {"busy": BOX, "elsewhere": MINI}


def test_checks_that_share_a_worktree_run_on_one_place():
    checks = [replace(task(name, kind=Kind.CHECK), is_shared=True, group="g") for name in "abc"]
    state = settled(fold(run_on(*checks), up(BOX, 2), up(MINI, 2)))

    assert places(state) == {"a": BOX, "b": BOX}
    assert reason(state, TaskId("c")) == "all slots of box are taken"


def test_locks_are_those_of_the_run_wherever_tasks_run():
    state = settled(fold(run_on(task("a", locks=("db",)), task("b", locks=("db",))), up(BOX), up(MINI)))

    assert list(places(state)) == ["a"]
    assert reason(state, TaskId("b")) == "waits for a, which holds the lock db"


def test_cores_and_memory_are_counted_by_place():
    tasks = [task("a", cpus=3), task("b", cpus=3), task("c", cpus=3), task("d", memory_bytes=9, cpus=1)]
    state = settled(fold(run_on(*tasks), up(BOX, 4, memory_bytes=8), up(MINI, 4)))

    assert places(state) == {"a": BOX, "b": MINI, "d": BOX}
    assert reason(state, TaskId("c")).startswith("waits for room: 3 of 4 cores; 4 are taken, on box")


def test_a_full_disk_of_one_place_sends_tasks_to_the_other():
    state = fold(run_on("a"), up(BOX, 9), up(MINI, 1))
    full = [Space("/", 1 << 40, 0, start_bytes=1)]
    short = measured(state, full, BOX)
    assert short is not None and short.place == BOX

    assert places(settled(fold(state, short))) == {"a": MINI}
    only = fold(run_on("a", places=(ssh(BOX),)), up(BOX), short)
    assert reason(only, TaskId("a")).startswith("waits for disk on box: 0 MiB are free in /")
    assert not is_at_rest(only)


def test_memory_that_is_short_at_one_place_pauses_nothing_at_another():
    state = settled(fold(run_on("a", "b", "c", "d"), up(BOX), up(MINI)))
    for one in state.active_attempts.values():
        state = fold(state, e.AttemptStarted(one.id, None))
    reading = Reading(state.changed_at + 60, 0.5, 100, 1)

    step = auto_pause(state, reading, BOX)

    assert isinstance(step, e.AttemptPaused) and places(state)[step.attempt.task] == BOX
    assert auto_pause(state, reading) is None


def test_a_place_whose_memory_is_short_gets_no_more_tasks():
    state = settled(fold(run_on("a", "b", "c"), up(BOX, 3)))
    ended = fold(state, e.AttemptPaused(attempt("a"), "memory is short"))
    ended = fold(ended, e.AttemptFailed(attempt("b"), failure()), e.TaskRetried(TaskId("b"), False))

    assert settled(ended).active == ("a", "c")
    assert reason(ended, TaskId("b")) == "memory is short; first to go on: a, on box"
    assert places(settled(fold(ended, up(MINI))))["b"] == MINI


def test_how_busy_the_engines_machine_is_changes_nothing_elsewhere():
    state = settled(fold(run_on("a", "b", places=(ssh(BOX),)), up(BOX, 1)))

    assert adapted(state, Reading(state.changed_at + 60, 1.0, 0, 0), {}) is None


@pytest.mark.parametrize("is_auto", [True, False])
def test_a_run_without_places_is_as_it_was(is_auto: bool):
    state = settled(with_slots(opened(unvalidated("a", "b", "c"), slots=2), is_auto=is_auto))

    assert places(state) == {"a": HERE, "b": HERE}
    assert [one.slot for one in state.active_attempts.values()] == [0, 1]
