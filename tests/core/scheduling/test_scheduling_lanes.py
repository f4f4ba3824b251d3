"""Which shared checks are scheduled one behind the other, and how many."""

from __future__ import annotations

from typing import Any

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, LaneName, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.effects import RunAttempt, RunLane, StopAttempt, wanted
from porch_tui.core.rules.evolve import evolve_all
from porch_tui.core.scheduling.lanes import LANE_S, MOST
from porch_tui.core.scheduling.readiness import taken
from tests.builders import BASE, attempt, fold, opened, plan, record, settled, task


def group(count: int, setup: tuple[tuple[str, ...], ...] = (), slots: int = 1, **keys: Any) -> RunState:
    """Return a run of shared checks `t0`, `t1` and so on, of which none has begun."""
    specs = [task(f"t{n}", kind=Kind.CHECK, **keys) for n in range(count)]
    shared = [replace(one, is_shared=True, group="t") for one in specs]
    return opened(replace(plan(*shared, validate=()), setup=setup), slots=slots)


def ended(state: RunState, name: str, took_s: float) -> RunState:
    """Return the state after a check has passed that took so long."""
    return settled(fold(state, e.AttemptSucceeded(attempt(name), BASE, e.Used(wall_s=took_s))))


def lanes(state: RunState) -> list[int]:
    """Return how many live attempts each lane or slot has."""
    counts: dict[str, int] = {}
    for one in state.active_attempts.values():
        key = one.lane or str(one.id)
        counts[key] = counts.get(key, 0) + 1
    return list(counts.values())


def test_the_first_of_a_group_are_alone_as_nobody_knows_how_long_they_take():
    assert lanes(settled(group(100, slots=2))) == [1, 1]


@pytest.mark.parametrize(
    ("took_s", "size"),
    [(0.0001, MOST), (0.01, round(LANE_S / 0.01)), (LANE_S / 2, 2), (LANE_S, 1), (60.0, 1)],
)
def test_what_is_put_into_a_lane_takes_a_moment_together(took_s: float, size: int):
    assert lanes(ended(settled(group(1000)), "t0", took_s)) == [size]


def test_a_slow_one_makes_those_after_it_alone_until_many_were_fast_again():
    state = ended(settled(group(1000)), "t0", 0.001)
    *most, last = state.active
    for name in most:
        state = ended(state, name, 0.001)

    state = ended(state, last, 1.0)
    assert lanes(state) == [1]
    for _ in range(60):
        state = ended(state, state.active[0], 0.001)
    assert lanes(state) > [1]


def test_what_is_left_is_shared_by_all_slots():
    state = settled(group(100, slots=5))

    assert lanes(ended(state, "t0", 0.001)) == [1, 1, 1, 1, 10]


def test_a_lane_takes_one_slot_and_ends_one_attempt_at_a_time():
    state = ended(settled(group(100, slots=2)), "t0", 0.05)

    assert lanes(state) == [1, 4]
    assert taken(state).slots == 2
    assert [attempt("t2"), attempt("t3")] == [one.id for one in list(state.active_attempts.values())[1:3]]
    assert {RunAttempt(attempt("t1"), BASE, 1), RunLane(LaneName("t2.1"), BASE, 0)} == wanted(state)
    assert lanes(ended(state, "t2", 0.05)) == [1, 3]


@pytest.mark.parametrize(
    "needs", [{"locks": ("db",)}, {"cpus": 1.0}, {"memory_bytes": 1 << 20}], ids=["lock", "cores", "memory"]
)
def test_what_needs_more_than_a_slot_is_alone(needs: dict[str, Any]):
    assert lanes(ended(settled(group(100, **needs)), "t0", 0.001)) == [1]


def test_checks_with_a_worktree_of_their_own_are_alone():
    specs = [replace(task(f"t{n}", kind=Kind.CHECK), group="t") for n in range(100)]

    assert lanes(ended(settled(opened(plan(*specs, validate=()), slots=1)), "t0", 0.001)) == [1]


def test_nothing_waits_behind_the_setup_of_the_worktree():
    state = settled(group(100, setup=(("make",),)))
    assert lanes(state) == [1]

    assert lanes(ended(state, "t0", 0.001)) > [1]


def test_one_that_is_retried_is_alone():
    state = ended(settled(group(3)), "t0", 0.001)
    state = ended(state, "t1", 0.001)

    state = settled(fold(ended(state, "t2", 0.001), e.TaskRetried(TaskId("t1"), is_automatic=False)))

    assert lanes(state) == [1]


def test_what_was_returned_is_scheduled_again_as_if_it_never_had_been():
    state = ended(settled(group(100, slots=2)), "t0", 0.05)
    returned = e.AttemptReturned(attempt("t3"), LaneName("t2.1"))

    after = fold(state, *admit(state, returned))

    assert after.tasks["t3"].status is TaskStatus.PENDING and not after.tasks["t3"].attempts
    assert attempt("t3") in [one.id for one in settled(ended(after, "t1", 0.05)).active_attempts.values()]


def test_a_late_return_from_an_earlier_lane_is_dropped():
    state = ended(settled(group(100, slots=2)), "t0", 0.05)

    assert [] == admit(state, e.AttemptReturned(attempt("t3"), LaneName("t1.1")))


def test_one_of_a_lane_is_stopped_alone_and_stays_so_if_it_is_returned():
    state = ended(settled(group(100, slots=2)), "t0", 0.05)
    state = fold(state, e.StopRequested(attempt("t3")))
    assert StopAttempt(attempt("t3")) in wanted(state)

    returned = fold(state, *admit(state, e.AttemptReturned(attempt("t3"), LaneName("t2.1"))))

    assert returned.tasks["t3"].status is TaskStatus.CANCELLED
    assert taken(returned).slots == 2


def test_many_records_at_once_give_the_pace_that_one_after_the_other_does():
    first = settled(group(10))
    events = [e.AttemptSucceeded(attempt("t0"), BASE, e.Used(wall_s=0.5))]
    events += [
        one
        for n in range(1, 6)
        for one in (
            e.AttemptScheduled(attempt(f"t{n}"), BASE, 0),
            e.AttemptSucceeded(attempt(f"t{n}"), BASE, e.Used(wall_s=0.01 * n)),
        )
    ]
    known = [record(one, seq) for seq, one in enumerate(events, start=2)]

    assert evolve_all(replace(first), known).paces == fold(first, *events).paces
