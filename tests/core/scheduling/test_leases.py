"""What becomes of attempts whose place is out of reach: nothing, until they cannot be running any more."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, PlaceStatus, Resources, Scheme
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.scheduling.leases import GRACE_S, MOST_LOSSES, over_at
from porch_tui.present.amounts import clock
from porch_tui.present.explain import reason
from tests.builders import attempt, fold, opened, settled, task, unvalidated, with_slots

A, ONE, TWO = TaskId("a"), attempt("a"), attempt("a", 2)
BOX, MINI = PlaceName("box"), PlaceName("mini")
LEASE_S = 600.0


def up(name: PlaceName, boot: str = "b1") -> e.PlaceUp:
    """Return that a place of two slots is up."""
    return e.PlaceUp(name, name, boot, Resources(2, 2))


def expiry(state: RunState, name: PlaceName = BOX) -> e.LeaseExpired:
    """Return that the lease of a place is over that is out of reach in this state."""
    return e.LeaseExpired(name, state.places[name].since)


def absorbed(state: RunState, *reports: e.AnyEvent) -> RunState:
    """Return the state after reports, and everything that follows automatically."""
    for report in reports:
        state = settled(fold(state, *admit(state, report)))
    return state


SPECS = tuple(PlaceSpec(name, Scheme.SSH, name, lease_s=LEASE_S) for name in (BOX, MINI))
PLAN = replace(unvalidated("a"), places=SPECS, on=(BOX, MINI))
RUNNING = absorbed(with_slots(opened(PLAN), is_auto=True), up(BOX), e.AttemptStarted(ONE, None))
SILENT = absorbed(RUNNING, e.PlaceSilent(BOX, RUNNING.changed_at))
LOST = absorbed(SILENT, expiry(SILENT))


def test_an_attempt_of_a_silent_place_runs_there_and_nowhere_else():
    both = absorbed(SILENT, up(MINI))

    assert both.tasks[A].status is TaskStatus.RUNNING
    assert [one.place for one in both.tasks[A].attempts] == [BOX]
    heard, over = clock(RUNNING.changed_at), clock(SILENT.places[BOX].since + LEASE_S)
    assert reason(both, A) == f"on box, not heard of since {heard}, ends on its own at {over}"
    assert reason(RUNNING, A) == "on box"


def test_only_when_lease_and_grace_and_a_margin_are_over_is_it_lost():
    over_s = over_at(SILENT.places[BOX]) - SILENT.places[BOX].since

    assert over_s > LEASE_S + GRACE_S
    assert LOST.tasks[A].status is TaskStatus.PENDING
    assert LOST.tasks[A].attempts[0].lost_because == (
        "is lost: box stayed out of reach until its lease was over"
    )


def test_what_is_lost_begins_again_elsewhere():
    again = absorbed(LOST, up(MINI))

    assert [one.place for one in again.tasks[A].attempts] == [BOX, MINI]
    assert again.tasks[A].retries_used == 0


def test_the_end_of_a_lease_is_no_news_once_the_place_is_back():
    back = absorbed(SILENT, up(BOX))
    again = absorbed(back, e.PlaceSilent(BOX, back.changed_at))

    assert admit(back, expiry(SILENT)) == []
    assert admit(again, expiry(SILENT)) == []
    assert admit(again, expiry(again)) != []


def test_the_end_of_a_lease_is_news_once():
    assert admit(LOST, expiry(SILENT)) == []


def test_a_place_that_comes_back_in_time_has_lost_nothing():
    back = absorbed(SILENT, up(BOX), e.AttemptSucceeded(ONE, Sha("h:a")))

    assert back.tasks[A].status is TaskStatus.SUCCEEDED
    assert back.tasks[A].head == "h:a"


def test_a_place_whose_machine_was_started_again_has_lost_what_ran_there():
    back = absorbed(SILENT, up(BOX, boot="b2"))

    first, second = back.tasks[A].attempts
    assert first.lost_because == "is lost: box was started again"
    assert (second.place, second.boot) == (BOX, "b2")


def test_what_is_lost_with_a_place_is_known_before_the_place_is_back():
    """So after a crash in between the rest is found lost as well."""
    events = admit(SILENT, up(BOX, boot="b2"))

    assert [type(event) for event in events] == [e.AttemptLost, e.PlaceUp]


def test_what_another_machine_was_given_under_the_same_name_is_lost_only_when_its_lease_is_over():
    first = absorbed(with_slots(opened(PLAN), is_auto=True), up(BOX, "node1 b1"), e.AttemptStarted(ONE, None))
    silent = absorbed(first, e.PlaceSilent(BOX, first.changed_at))
    other = up(BOX, "node2 b7")

    assert admit(silent, other) == []
    assert [type(one) for one in admit(silent, up(BOX, "node1 b2"))] == [e.AttemptLost, e.PlaceUp]

    moved = absorbed(silent, expiry(silent), other)
    assert [one.boot for one in moved.tasks[A].attempts] == ["node1 b1", "node2 b7"]
    assert f.StopAttempt(ONE) not in f.wanted(moved)


def test_where_nothing_runs_another_machine_may_have_the_name_at_once():
    first = absorbed(with_slots(opened(PLAN), is_auto=True), up(BOX, "node1 b1"), e.AttemptStarted(ONE, None))
    idle = absorbed(first, e.AttemptSucceeded(ONE, Sha("h:a")), e.PlaceSilent(BOX, first.changed_at))

    assert absorbed(idle, up(BOX, "node2 b7")).places[BOX].boot == "node2 b7"


@pytest.mark.parametrize("is_empty", [True, False])
def test_what_ran_on_a_place_that_is_gone_is_lost_at_once_only_if_nothing_can_be_left_there(is_empty: bool):
    gone = absorbed(RUNNING, up(MINI), e.PlaceGone(BOX, "it was taken away", is_empty))

    assert [one.place for one in gone.tasks[A].attempts] == ([BOX, MINI] if is_empty else [BOX])
    if not is_empty:
        assert absorbed(gone, expiry(gone)).tasks[A].attempts[-1].place == MINI


def test_that_a_place_is_gone_is_news_again_if_an_engine_died_before_it_was_written():
    """What is lost by it is written first."""
    gone = e.PlaceGone(BOX, "it was taken away", is_empty=True)
    assert [type(event) for event in admit(RUNNING, gone)] == [e.AttemptLost, e.PlaceGone]
    half = fold(RUNNING, admit(RUNNING, gone)[0], e.EngineTookOver(2, "laptop"))
    assert half.places[BOX].status is PlaceStatus.CONNECTING

    assert absorbed(half, gone).places[BOX].status is PlaceStatus.GONE


def test_a_lease_that_runs_already_does_not_begin_again_when_its_place_is_gone():
    gone = absorbed(SILENT, up(MINI), e.PlaceGone(BOX, "retired"))

    assert gone.places[BOX].since == SILENT.places[BOX].since
    assert gone.tasks[A].status is TaskStatus.RUNNING


def test_a_place_that_was_gone_and_is_back_still_runs_what_it_ran():
    back = absorbed(SILENT, up(MINI), e.PlaceGone(BOX, "retired"), up(BOX))

    assert back.tasks[A].status is TaskStatus.RUNNING
    assert [one.place for one in back.tasks[A].attempts] == [BOX]
    assert admit(back, expiry(SILENT)) == []


@pytest.mark.parametrize("is_gone", [True, False])
def test_an_engine_that_takes_over_gives_a_place_its_whole_lease(is_gone: bool):
    """The one before may have heard of a place again, and not have lived to write it down."""
    before = absorbed(SILENT, e.PlaceGone(BOX, "retired")) if is_gone else SILENT
    later = fold(before, e.EngineTookOver(2, "laptop"))

    assert later.places[BOX].since == later.changed_at
    assert admit(later, expiry(SILENT)) == []


def test_what_was_being_stopped_stays_stopped_when_it_is_lost():
    stopping = fold(SILENT, e.StopRequested(ONE))

    assert absorbed(stopping, expiry(stopping)).tasks[A].status is TaskStatus.CANCELLED


def test_a_task_that_is_lost_again_and_again_waits_for_a_person():
    state = RUNNING
    for number in range(MOST_LOSSES):
        state = absorbed(state, up(BOX, boot=f"again{number}"))

    assert len(state.tasks[A].attempts) == MOST_LOSSES
    assert state.tasks[A].status is TaskStatus.CANCELLED
    assert reason(state, A) == "3 attempts in a row were lost with their places"


# --- what a person says


def test_a_person_may_have_it_run_elsewhere_before_the_lease_is_over():
    state = absorbed(SILENT, up(MINI))

    state = settled(fold(state, *decide(state, c.RunElsewhere("1", A))))

    assert [one.place for one in state.tasks[A].attempts] == [BOX, MINI]
    assert state.tasks[A].attempts[0].lost_because == "was given up: it is to run elsewhere than on box"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (
            RUNNING,
            "a runs on box, which can be reached: porch stop a ends it, and porch retry a runs it again",
        ),
        (LOST, "a is not running"),
        (settled(opened(unvalidated("a"))), "a runs on this machine: porch stop a ends it"),
    ],
)
def test_it_is_refused_where_there_is_another_way(state: RunState, why: str):
    assert decide(state, c.RunElsewhere("1", A)) == [e.CommandRefused("elsewhere a", why)]


def test_it_is_refused_where_no_other_place_may_run_it():
    only = replace(unvalidated(replace(task("a"), place=(BOX,))), places=SPECS, on=(BOX, MINI))
    state = absorbed(opened(only), up(BOX), up(MINI), e.PlaceSilent(BOX, None))

    why = "a may run only on box, and there is no other place for it"
    assert decide(state, c.RunElsewhere("1", A)) == [e.CommandRefused("elsewhere a", why)]


def test_a_stop_that_must_not_wait_does_not_wait_for_a_place_out_of_reach():
    state = fold(SILENT, *decide(SILENT, c.StopTask("1", A, kill_now=True)))

    assert state.tasks[A].status is TaskStatus.CANCELLED
    assert fold(SILENT, *decide(SILENT, c.StopTask("1", A))).tasks[A].status is TaskStatus.STOPPING


# --- what comes later


def test_what_is_lost_is_ended_as_soon_as_its_place_is_back():
    back = absorbed(LOST, up(BOX))

    assert f.StopAttempt(ONE) not in f.wanted(LOST)
    assert f.StopAttempt(ONE) in f.wanted(back)
    assert f.StopAttempt(ONE) not in f.wanted(absorbed(LOST, up(BOX, boot="b2")))


def test_what_is_lost_and_succeeds_all_the_same_is_kept_and_never_merged():
    late = absorbed(LOST, up(MINI), up(BOX), e.AttemptSucceeded(ONE, Sha("h:late")))

    assert late.tasks[A].head is None and late.entries == {}
    assert f.KeepLostWork(ONE, Sha("h:late")) in f.wanted(late)
    assert f.StopAttempt(ONE) not in f.wanted(late)
    kept = absorbed(late, e.LostWorkKept(ONE))
    assert f.KeepLostWork(ONE, Sha("h:late")) not in f.wanted(kept)
    done = absorbed(kept, e.AttemptSucceeded(TWO, Sha("h:a")))
    assert done.entries[A].head == "h:a"


@pytest.mark.parametrize("how", [e.PlaceSilent(BOX, None), e.PlaceGone(BOX, "it was taken away")])
def test_what_is_on_a_place_out_of_reach_cannot_be_collected(how: e.PlaceSilent | e.PlaceGone):
    """The attempt would wait for a place that may never be back."""
    left = e.AttemptFailed(ONE, e.Failure(e.FailureKind.UNCOLLECTABLE, "no room on the disk"))
    failed = fold(RUNNING, left)
    assert decide(failed, c.RequeueEntry("c1", A)) == [e.CollectionRequested(ONE)]

    away = fold(failed, how)

    (refused,) = decide(away, c.RequeueEntry("c1", A))
    assert (
        isinstance(refused, e.CommandRefused)
        and "what a left is on box, which is out of reach" in refused.why
    )


def test_what_is_on_another_machine_by_the_same_name_is_neither_collected_nor_gone_on_with():
    """The machine that answers now knows nothing of it: the task would wait for ever, or begin in nothing."""
    first = absorbed(with_slots(opened(PLAN), is_auto=True), up(BOX, "node1 b1"), e.AttemptStarted(ONE, None))
    left = e.AttemptFailed(ONE, e.Failure(e.FailureKind.UNCOLLECTABLE, "no room on the disk"))
    failed = absorbed(first, left, e.PlaceSilent(BOX, first.changed_at))
    again, moved = absorbed(failed, up(BOX, "node1 b2")), absorbed(failed, up(BOX, "node2 b7"))

    assert decide(again, c.RequeueEntry("c1", A)) == [e.CollectionRequested(ONE)]
    (refused,) = decide(moved, c.RequeueEntry("c1", A))
    assert isinstance(refused, e.CommandRefused) and "another machine than the one" in refused.why

    kept = e.TaskRetried(A, False, keep_worktree=True)
    keeps = [settled(fold(state, kept)).tasks[A].attempts[-1].keep_worktree for state in (again, moved)]
    assert keeps == [True, False]
