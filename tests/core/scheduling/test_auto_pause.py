"""Memory that is really short: who stands still, who never does, and when it continues."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.scheduling.auto_pause import auto_pause
from porch_tui.core.scheduling.slots import Reading
from porch_tui.present.explain import reason
from tests.builders import OPENED_AT, attempt, fold, opened, plan, settled, start, with_machine, with_slots

LATER = OPENED_AT + 1000.0
FINE = Reading(LATER, idle=0.5, memory_bytes=1000, available_bytes=500, memory_stall=0.0)
SHORT = replace(FINE, available_bytes=29)
STALLED = replace(FINE, memory_stall=10.1)


def running(*names: str, slots: int = 3) -> RunState:
    return start(opened(plan(*names), slots=slots), *names)


def after(state: RunState, *readings: Reading) -> RunState:
    """Return the state after what the machine does about these readings, as it is written down."""
    for reading in readings:
        step = auto_pause(state, reading)
        state = fold(state, *(admit(state, step) if step else ()))
    return state


def paused(state: RunState) -> list[str]:
    return [name for name, task in state.tasks.items() if task.status is TaskStatus.PAUSED]


@pytest.mark.parametrize("reading", [SHORT, STALLED], ids=["little is free", "everything waits"])
@pytest.mark.parametrize("is_auto", [True, False])
def test_the_youngest_is_frozen_and_no_task_is_ended(reading: Reading, is_auto: bool):
    state = with_slots(running("a", "b", "c"), is_auto=is_auto)

    step = auto_pause(state, reading)

    assert isinstance(step, e.AttemptPaused) and step.attempt == attempt("c")
    assert step.reason.startswith("memory is short: ")


ENOUGH = (
    replace(SHORT, available_bytes=30),
    replace(STALLED, memory_stall=10.0),
    replace(SHORT, memory_bytes=0),
)


@pytest.mark.parametrize("reading", ENOUGH)
def test_no_task_is_frozen_for_less_or_where_it_is_not_known(reading: Reading):
    assert auto_pause(running("a", "b"), reading) is None


def test_the_last_that_runs_continues():
    assert auto_pause(running("a"), SHORT) is None
    assert ["b"] == paused(after(running("a", "b"), SHORT, replace(SHORT, at=LATER + 1000)))


def test_the_next_one_only_when_the_first_was_not_enough():
    state = after(running("a", "b", "c"), SHORT)

    assert auto_pause(with_machine(state, auto_paused_at=LATER), replace(SHORT, at=LATER + 4.9)) is None
    assert ["b", "c"] == paused(
        after(with_machine(state, auto_paused_at=LATER), replace(SHORT, at=LATER + 5))
    )


@pytest.mark.parametrize(
    ("available_bytes", "stall", "is_enough"), [(60, 5.0, True), (59, 0.0, False), (500, 5.1, False)]
)
def test_it_continues_when_there_is_twice_the_room(available_bytes: int, stall: float, is_enough: bool):
    state = after(running("a", "b"), SHORT)
    reading = replace(FINE, available_bytes=available_bytes, memory_stall=stall)

    assert ([] if is_enough else ["b"]) == paused(after(state, reading))


def test_the_oldest_continues_first():
    state = after(running("a", "b", "c"), SHORT)
    state = after(with_machine(state, auto_paused_at=0.0), SHORT)

    assert ["c"] == paused(after(with_machine(state, auto_paused_at=0.0), FINE))


def test_when_nothing_else_runs_it_continues_though_memory_is_short():
    state = fold(after(running("a", "b"), SHORT), e.AttemptSucceeded(attempt("a"), "h:a"))

    assert [] == paused(after(state, SHORT))


def test_what_a_person_paused_does_not_continue_automatically():
    state = fold(running("a", "b"), e.AttemptPaused(attempt("b")))

    assert auto_pause(state, FINE) is None
    assert [] == admit(state, e.AttemptResumed(attempt("b"), "there is memory again"))


def test_a_person_may_keep_paused_what_was_paused_automatically():
    state = after(running("a", "b"), SHORT)

    kept = fold(state, *decide(state, c.PauseTask("1", TaskId("b"))))

    assert auto_pause(kept, FINE) is None
    assert ["b"] == paused(kept)


def test_what_a_person_lets_continue_is_exempt_from_then_on():
    state = after(running("a", "b", "c"), SHORT)

    spared = fold(state, *decide(state, c.ResumeTask("1", TaskId("c"))))

    assert ["b"] == paused(after(with_machine(spared, auto_paused_at=0.0), SHORT))


def test_nothing_starts_while_someone_waits_for_memory_however_many_slots():
    state = after(start(opened(plan("a", "b", "c"), slots=3), "a", "b"), SHORT)

    relieved = settled(after(with_machine(state, auto_paused_at=0.0), FINE))

    assert TaskStatus.PENDING is settled(state).tasks[TaskId("c")].status
    assert "memory is short; first to go on: b" == reason(state, TaskId("c"))
    assert "memory is short: 3% of it is free; it continues on its own" == reason(state, TaskId("b"))
    assert TaskStatus.STARTING is relieved.tasks[TaskId("c")].status
