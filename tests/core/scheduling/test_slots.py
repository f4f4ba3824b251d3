"""How many attempts run at once, by how busy the machine is."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.scheduling.slots import Reading, Why, adapted, first_slots, most_slots, room, to_be_had
from porch_tui.present.explain import reason
from tests.builders import attempt, fold, opened, plan, scheduled, settled, start, succeed, task, with_slots

GIB = 1 << 30
NAMES = tuple(f"t{number:02}" for number in range(60))
LATER = Reading(at=2e6, idle=0.0, memory_bytes=100 * GIB, available_bytes=50 * GIB, cpu_pressure=90.0)


def at_work(slots: int, *, memory_bytes: int | None = None) -> RunState:
    """Return an adapting run of 60 tasks on 4 cores, in which every slot is taken."""
    specs = [task(name, memory_bytes=memory_bytes) for name in NAMES]
    state = opened(plan(*specs), slots=slots, memory_bytes=1000 * GIB)
    return with_slots(start(state, *NAMES[:slots]), is_auto=True)


def due(state: RunState, **how: object) -> tuple[int, str] | None:
    event = adapted(state, replace(LATER, **how), {})  # type: ignore[arg-type]
    return None if event is None else (event.slots, event.reason)


@pytest.mark.parametrize(("idle", "slots"), [(0.16, 5), (0.3, 5), (0.5, 6), (1.0, 6)])
def test_idle_cores_make_room_for_what_would_keep_them_busy_but_not_all_at_once(idle, slots):
    assert (slots, Why.IDLE) == due(at_work(4), idle=idle)


def test_when_others_keep_the_cores_busy_tasks_that_wait_still_get_company():
    assert (6, Why.IDLE) == due(at_work(4), idle=0.0, demand=0.4)
    assert due(at_work(4), idle=0.0, demand=3.9) is None
    assert due(at_work(8), idle=0.0, demand=0.9) is not None


def test_busy_cores_leave_the_number_as_it_is():
    assert due(at_work(4), idle=0.14) is None
    assert due(at_work(4), idle=0.0) is None


def test_more_slots_than_cores_are_taken_back_one_by_one_when_what_runs_waits_for_cores():
    assert (7, Why.BUSY) == due(at_work(8), idle=0.0)
    assert due(at_work(8), idle=0.0, cpu_pressure=80.0) is None


def test_where_pressure_is_not_reported_only_twice_the_cores_are_too_many():
    assert due(at_work(8), idle=0.0, cpu_pressure=None) is None
    assert (8, Why.BUSY) == due(at_work(9), idle=0.0, cpu_pressure=None)


def test_it_does_not_grow_beyond_the_ceiling():
    state = at_work(32)

    assert 32 == most_slots(state)
    assert due(state, idle=0.9) is None


def test_it_does_not_grow_while_no_task_waits_for_a_slot():
    one_is_free = start(opened(plan(*NAMES), slots=4), *NAMES[:3])
    all_run = start(opened(plan(*NAMES[:4]), slots=4), *NAMES[:4])

    for state in (one_is_free, all_run):
        assert due(with_slots(state, is_auto=True), idle=1.0) is None
    assert due(replace(at_work(4), is_paused=True), idle=1.0) is None


def test_it_waits_until_what_has_been_given_a_slot_runs():
    state = succeed(at_work(4), "t00")
    state = fold(state, scheduled("t04", slot=0))

    assert due(state, idle=1.0) is None
    assert due(fold(state, e.AttemptStarted(attempt("t04"), pid=1)), idle=1.0) is not None


def test_having_shrunk_it_stays_so_for_a_while():
    state = fold(at_work(8), e.SlotsChanged(7, is_auto=True, reason=Why.BUSY))
    state = with_slots(succeed(state, "t00"), changed_at=LATER.at - 10)

    assert due(state, idle=0.9) is None
    assert due(state, idle=0.9, at=LATER.at + 111) is not None


def test_a_persons_number_is_left_alone():
    assert due(with_slots(at_work(4), is_auto=False), idle=1.0) is None


@pytest.mark.parametrize("how", [{"available_bytes": 9 * GIB}, {"memory_pressure": 11.0}])
def test_short_of_memory_nothing_starts_while_anything_runs(how):
    state = at_work(4)

    event = adapted(state, replace(LATER, idle=1.0, **how), {})

    assert e.SlotsChanged(4, is_auto=True, starts_blocked=True, reason="memory is short") == event
    held = succeed(fold(state, event), "t00")
    assert held.active == settled(held).active
    assert "nothing starts while anything runs: memory is short" == reason(held, TaskId("t10"))


def test_with_nothing_running_one_task_starts_however_short_memory_is():
    state = with_slots(opened(plan("a", "b"), slots=2), is_auto=True, starts_blocked=True)

    begun = settled(state)

    assert ("a",) == begun.active


def test_what_running_tasks_have_declared_and_not_taken_yet_counts_as_taken():
    state = at_work(4, memory_bytes=11 * GIB)

    assert adapted(state, replace(LATER, idle=1.0), dict.fromkeys(state.active, 11 * GIB)).reason == Why.IDLE
    assert adapted(state, replace(LATER, idle=1.0), {}).reason == Why.MEMORY


def test_it_continues_when_there_is_clearly_memory_again():
    held = fold(at_work(4), e.SlotsChanged(4, is_auto=True, starts_blocked=True, reason=Why.MEMORY))

    assert due(held, available_bytes=11 * GIB) is None
    assert due(held, memory_pressure=6.0) is None
    assert (4, Why.RELIEF) == due(held, available_bytes=16 * GIB)


def test_memory_that_is_not_known_holds_nothing():
    assert (6, Why.IDLE) == due(at_work(4), idle=0.5, memory_bytes=0, available_bytes=0)


def test_a_reserve_of_memory_is_left_alone():
    assert 90 * GIB == to_be_had(100 * GIB, 100 * GIB)
    assert 7 * GIB == to_be_had(8 * GIB, 8 * GIB)
    assert 0.8 * GIB == pytest.approx(to_be_had(GIB, GIB), abs=2)
    assert 0 == to_be_had(0, 0)


def two_of_10_gib() -> RunState:
    """Return a run of two tasks, of which one runs, where 15 GiB are thought to be free."""
    specs = [task(name, memory_bytes=10 * GIB) for name in "ab"]
    return start(opened(plan(*specs), memory_bytes=15 * GIB), "a")


def test_a_task_starts_when_the_memory_it_declares_is_really_free():
    state = two_of_10_gib()
    assert "10240 MiB of the 15360 MiB to be had" in reason(state, TaskId("b"))

    event = room(state, replace(LATER, available_bytes=28 * GIB), {TaskId("a"): 2 * GIB})

    assert e.MemoryMeasured(20 * GIB) == event
    assert ("a", "b") == settled(fold(state, event)).active


def test_memory_that_changes_nothing_for_anybody_is_no_fact():
    state = two_of_10_gib()

    assert room(state, replace(LATER, available_bytes=20 * GIB), {}) is None
    assert room(opened(plan("a", "b")), LATER, {}) is None


def test_a_run_begins_with_four_a_core_and_no_more_than_it_has_tasks():
    assert (8, 3, 1) == (first_slots(9, 2), first_slots(3, 8), first_slots(0, 2))


def test_a_person_pins_the_number_and_sets_it_free_again():
    state = at_work(4)

    pinned = fold(state, *decide(state, c.SetSlots("1", 7)))
    free = fold(pinned, *decide(pinned, c.SetSlots("2", None)))

    assert (7, False, "") == (pinned.slots.count, pinned.slots.is_auto, pinned.slots.reason)
    assert (7, True) == (free.slots.count, free.slots.is_auto)
    assert [e.CommandRefused("slots auto", "it adapts to the machine already; 7 now")] == decide(
        free, c.SetSlots("3", None)
    )


def test_a_number_offered_after_a_person_pinned_one_comes_too_late():
    offered = e.SlotsChanged(9, is_auto=True, reason=Why.IDLE)

    assert [offered] == admit(at_work(4), offered)
    assert [] == admit(with_slots(at_work(4), is_auto=False), offered)
    assert [] == admit(with_slots(at_work(4), count=9), offered)


@pytest.mark.parametrize("is_auto", [True, False])
def test_a_limit_of_the_system_makes_the_number_smaller_and_takes_no_choice_from_a_person(is_auto: bool):
    state = with_slots(at_work(4), is_auto=is_auto)
    limit = e.SlotsChanged(2, is_auto=True, reason=Why.LIMIT.value)

    fewer = fold(state, *admit(state, limit))

    assert (fewer.slots.count, fewer.slots.is_auto) == (2, is_auto)
    assert [] == admit(fewer, limit)
    assert [] == admit(fewer, e.SlotsChanged(3, is_auto=True, reason=Why.LIMIT.value))
