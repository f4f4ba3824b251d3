"""What is reported about a task while it runs."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.admit import admit
from porch_tui.core.scheduling.notice import Quiet, noticed
from porch_tui.present.explain import needs, reason
from tests.builders import attempt, fold, opened, plan, start, task

A, MIB = TaskId("a"), 1 << 20
STIRRING, QUIET = Quiet(0.0, is_known=True), Quiet(600.0, is_known=True)
SILENT = "silent: no output and no processor time for 10 min"


def at_work(silence_s: float | None = 600.0, memory_bytes: int | None = None) -> RunState:
    spec = replace(task("a", memory_bytes=memory_bytes), silence_s=silence_s)
    return start(opened(plan(spec)), "a")


def reported(state: RunState, quiet: Quiet = STIRRING, held: int = 0, machine: int = 1000) -> str | None:
    sample = Sample(0.0, 0.0, 0.0, held * MIB, held * MIB, 1)
    event = noticed(state, A, sample, quiet, machine * MIB)
    return None if event is None else event.notice


def test_a_silent_task_is_reported_once_with_what_to_do():
    assert SILENT == reported(at_work(), QUIET)
    assert reported(at_work(), Quiet(599.0, is_known=True)) is None

    state = fold(at_work(), e.AttemptNoticed(attempt("a"), SILENT))

    assert reported(state, QUIET) is None
    assert SILENT == reason(state, A)
    assert [(SILENT, "porch logs a; porch stop a")] == [(need.why, need.next) for need in needs(state)]


def test_without_silence_in_the_plan_nothing_is_reported():
    assert reported(at_work(silence_s=None), QUIET) is None


def test_that_a_task_which_waits_for_a_person_is_silent_is_no_news():
    called = fold(at_work(), e.AttemptWaits(attempt("a"), "may I?"))
    assert reported(called, QUIET) is None

    known = fold(at_work(), e.AttemptNoticed(attempt("a"), SILENT), e.AttemptWaits(attempt("a"), "may I?"))
    assert "" == reported(known, QUIET)


def test_when_it_is_active_again_no_one_is_needed():
    state = fold(at_work(), e.AttemptNoticed(attempt("a"), SILENT))

    assert "" == reported(state, STIRRING)
    assert () == needs(fold(state, e.AttemptNoticed(attempt("a"), "")))


def test_an_engine_that_has_just_begun_does_not_take_back_what_another_reported():
    state = fold(at_work(), e.AttemptNoticed(attempt("a"), SILENT))

    assert reported(state, Quiet(0.0, is_known=False)) is None


@pytest.mark.parametrize(
    ("held", "notice"), [(109, None), (111, "swells: it holds 111 MiB, and declared 100 MiB")]
)
def test_a_task_that_takes_more_memory_than_it_declared_is_reported(held, notice):
    assert notice == reported(at_work(memory_bytes=100 * MIB), held=held)


@pytest.mark.parametrize(
    ("held", "notice"), [(499, None), (501, "swells: it holds 501 MiB of the machine's 1000 MiB")]
)
def test_a_task_that_declared_none_is_reported_when_it_takes_half_of_the_machine(held, notice):
    assert notice == reported(at_work(), held=held)


def test_it_swells_until_it_needs_clearly_less():
    state = fold(
        at_work(), e.AttemptNoticed(attempt("a"), "swells: it holds 501 MiB of the machine's 1000 MiB")
    )

    assert reported(state, held=900) is None
    assert reported(state, held=450) is None
    assert "" == reported(state, held=399)


def test_where_the_machine_does_not_tell_its_memory_nothing_swells():
    assert reported(at_work(), held=10**6, machine=0) is None


def test_what_is_paused_or_over_is_not_reported():
    paused = fold(at_work(), e.AttemptPaused(attempt("a")))

    assert reported(paused, QUIET) is None
    assert [] == admit(paused, e.AttemptNoticed(attempt("a"), SILENT))
    assert [] == admit(at_work(), e.AttemptNoticed(attempt("a", 2), SILENT))


def test_what_is_being_stopped_says_what_it_waits_for():
    notice = e.AttemptNoticed(attempt("a"), "waits for process 7 (x) of root", "sudo kill -9 7")
    stopping = fold(at_work(), e.StopRequested(attempt("a")))

    assert [notice] == admit(stopping, notice)
    (need,) = needs(fold(stopping, notice))
    assert (need.why, need.next) == ("waits for process 7 (x) of root", "sudo kill -9 7")
    assert reported(fold(at_work(), notice), QUIET) is None
