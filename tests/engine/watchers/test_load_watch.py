"""What the machine's readings lead to while tasks run; the machine of the tests has no say in it."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.slots import Reading
from porch_tui.engine.watchers.load_watch import LoadWatch
from tests.builders import OPENED_AT, attempt, fold, opened, plan, start

SHORT = Reading(OPENED_AT + 1000, idle=0.0, memory_bytes=1000, available_bytes=10)


def offered(state: RunState, reading: Reading) -> list[e.AnyEvent]:
    """Return what is offered after a look, without anything that was sampled."""
    offered: list[e.AnyEvent] = []
    watch = LoadWatch(lambda *events: offered.extend(events), lambda: state, lambda: {}, lambda: reading)
    watch.look()
    return offered


def test_a_shortage_of_memory_is_noticed_even_if_no_task_waits():
    state = start(opened(plan("a", "b"), slots=2), "a", "b")

    [paused] = offered(state, SHORT)

    assert isinstance(paused, e.AttemptPaused) and paused.attempt == attempt("b") and paused.reason


def test_an_engine_that_takes_over_resumes_what_the_last_one_paused():
    running = start(opened(plan("a", "b"), slots=2), "a", "b")
    state = fold(running, e.AttemptPaused(attempt("b"), "memory is short"))

    [resumed] = offered(state, Reading(OPENED_AT + 1000, idle=0.0, memory_bytes=1000, available_bytes=60))

    assert isinstance(resumed, e.AttemptResumed) and resumed.attempt == attempt("b") and resumed.reason
