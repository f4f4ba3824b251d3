"""What is known of places after what has happened to them, and of attempts that count as lost."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, PlaceStatus, Resources, Scheme
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.rules.admit import admit
from tests.builders import attempt, fold, opened, plan, scheduled

BOX, CLUSTER, WORKER = PlaceName("box"), PlaceName("tls://c:8786"), PlaceName("tls://c:8786/w1")
ROOM = Resources(slots=4, cores=8, memory_bytes=16 << 30)
UP = e.PlaceUp(BOX, BOX, "b1", ROOM)
A, ONE = TaskId("a"), attempt("a")
LOST = e.AttemptLost(ONE, "was not heard of for 1h")


def run_on(*specs: PlaceSpec) -> RunState:
    """Return a run with the task `a` that may use these places."""
    return opened(replace(plan("a"), places=specs, on=tuple(spec.name for spec in specs)))


BOXED = run_on(PlaceSpec(BOX, Scheme.SSH, "box"))
RUNNING = fold(BOXED, UP, replace(scheduled("a"), place=BOX), e.AttemptStarted(ONE, None))


def test_a_run_without_places_knows_none():
    assert opened(plan("a")).places == {}
    assert fold(opened(plan("a")), scheduled("a")).tasks[A].attempts[0].place == HERE


def test_a_place_of_the_plan_is_connecting_until_it_is_up():
    assert BOXED.places[BOX].status is PlaceStatus.CONNECTING

    up = fold(BOXED, UP).places[BOX]

    assert (up.status, up.boot, up.resources) == (PlaceStatus.UP, "b1", ROOM)


def test_the_members_of_a_cluster_are_places_once_they_are_up():
    state = run_on(PlaceSpec(CLUSTER, Scheme.DASK, "tls://c:8786"))
    assert state.places == {}

    state = fold(state, e.PlaceUp(WORKER, CLUSTER, "b1", ROOM))

    assert (state.places[WORKER].member_of, state.places[WORKER].lease_s) == (CLUSTER, 120.0)


def test_an_attempt_of_a_silent_place_still_runs_there():
    state = fold(RUNNING, e.PlaceSilent(BOX, 990.0, "connection reset"))

    assert state.places[BOX].status is PlaceStatus.SILENT
    assert state.tasks[A].status is TaskStatus.RUNNING
    assert (state.tasks[A].attempts[0].place, state.tasks[A].attempts[0].boot) == (BOX, "b1")


def test_leases_count_from_when_another_engine_took_over():
    state = fold(RUNNING, e.EngineTookOver(1, "laptop"))

    assert state.places[BOX].status is PlaceStatus.CONNECTING
    assert state.places[BOX].since == state.changed_at


def test_what_is_lost_begins_again_without_using_a_retry():
    state = fold(RUNNING, LOST)

    assert (state.tasks[A].status, state.tasks[A].retries_used) == (TaskStatus.PENDING, 0)
    assert state.tasks[A].attempts[0].lost_because == "was not heard of for 1h"


def test_what_is_lost_while_it_is_being_stopped_stays_stopped():
    assert fold(RUNNING, e.StopRequested(ONE), LOST).tasks[A].status is TaskStatus.CANCELLED


def test_the_end_of_a_lost_attempt_is_known_as_that_and_changes_no_task():
    late = admit(fold(RUNNING, LOST), e.AttemptSucceeded(ONE, Sha("h:a")))

    assert late == [e.LostAttemptEnded(ONE, "succeeded", Sha("h:a"))]
    state = fold(RUNNING, LOST, *late)
    assert (state.tasks[A].status, state.tasks[A].head) == (TaskStatus.PENDING, None)
    assert state.tasks[A].attempts[0].lost_head == "h:a"
    assert admit(state, e.AttemptSucceeded(ONE, Sha("h:a"))) == []


def test_what_it_left_is_kept_once():
    state = fold(RUNNING, LOST, e.LostAttemptEnded(ONE, "succeeded", Sha("h:a")), e.LostWorkKept(ONE))

    assert state.tasks[A].attempts[0].lost_head is None
    assert admit(state, e.LostWorkKept(ONE)) == []


@pytest.mark.parametrize("event", [e.LostAttemptEnded(ONE, "succeeded"), e.LostWorkKept(ONE)])
def test_only_what_counts_as_lost_can_end_late(event: e.LostAttemptEvent):
    assert admit(RUNNING, event) == []
    with pytest.raises(IllegalTransition, match="does not count as lost"):
        fold(RUNNING, event)


@pytest.mark.parametrize(
    "event",
    [
        UP,
        e.PlaceSilent(PlaceName("mini"), 0.0),
        e.PlaceGone(PlaceName("mini"), "retired"),
        e.PlaceUp(PlaceName("mini"), PlaceName("mini"), "b1", ROOM),
        e.DiskMeasured("full", PlaceName("mini")),
    ],
)
def test_what_is_known_of_a_place_or_is_about_none_of_the_run_is_no_news(event: e.AnyEvent):
    assert admit(RUNNING, event) == []


def test_what_is_measured_of_a_place_is_no_word_about_another():
    state = fold(RUNNING, e.DiskMeasured("9 MiB are free", BOX))

    assert (state.places[BOX].disk_short, state.machine.disk_short) == ("9 MiB are free", "")


def test_nothing_is_scheduled_on_a_place_that_was_never_up():
    with pytest.raises(IllegalTransition, match="was never up"):
        fold(opened(plan("a")), replace(scheduled("a"), place=BOX))
