"""When judges run, who is stopped, and what waits for a hypothesis."""

from __future__ import annotations

from porch_tui.core.judging.scores import Finding
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import HypothesisName, Sha, TaskId, Want
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.rules.settle import settle
from porch_tui.core.scheduling.judging import in_flight
from porch_tui.core.scheduling.progress import concluded, is_hopeless
from porch_tui.core.scheduling.readiness import waits
from porch_tui.core.scheduling.waiting import WaitKind
from tests.builders import (
    BASE,
    asking,
    attempt,
    failure,
    fold,
    hypothesis,
    judged,
    opened,
    settled,
    start,
    statuses,
    succeed,
    task,
    theory,
)

SLOW = HypothesisName("slow")
TWO = asking(theory("a"), theory("b"), hypothesis(repeat=2))
PASSING = asking(
    theory("a", locks=("x",)), theory("b"), theory("c", locks=("x",)), hypothesis(want=Want.PASS)
)


def subjects(state: RunState) -> list[str]:
    """Return what is being judged now."""
    return [one.theory or "base" for _, one in in_flight(state)]


def choose(state: RunState, name: str | None) -> list[e.AnyEvent]:
    return decide(state, c.ChooseTheory("1", SLOW, None if name is None else TaskId(name), "Ada"))


def test_theories_are_measured_in_turns_when_all_of_them_have_ended():
    state = settled(succeed(start(opened(TWO), "a", "b"), "a"))
    assert [] == subjects(state)

    state = settled(succeed(state, "b"))
    order = []
    for value in (5.0, 3.0, 4.0) * 2:
        order += subjects(state)
        state = judged(state, value)

    assert ["base", "a", "b"] * 2 == order
    assert state.hypotheses[SLOW].winner == "a"


def test_the_winner_joins_the_merge_queue_and_the_others_do_not():
    state = judged(succeed(opened(TWO), "a", "b"), 5.0, 3.0, 4.0, 5.0, 3.0, 4.0)

    assert {"a": EntryStatus.QUEUED} == statuses(state)
    assert "a 3, the base 5, b 4" == state.hypotheses[SLOW].why


def test_a_winner_that_is_not_to_land_stays_on_its_branch():
    plan = asking(theory("a"), task("z", after_hypotheses=["slow"]), hypothesis(lands=False, repeat=1))
    state = judged(succeed(opened(plan), "a"), 5.0, 3.0)

    assert {} == statuses(state)
    assert state.tasks[TaskId("z")].status is TaskStatus.STARTING


def test_nothing_starts_and_no_validation_begins_beside_a_measurement():
    plan = asking(theory("a"), "other", "later", hypothesis())
    state = start(opened(plan, slots=3), "other")
    state = settled(succeed(state, "a"))

    assert [] == subjects(state), "an attempt is running"
    assert [WaitKind.MEASUREMENT] == [wait.kind for wait in waits(state, state.specs[TaskId("later")])]
    state = settled(fold(state, e.AttemptFailed(attempt("other"), failure())))
    assert ["base"] == subjects(state)
    assert not state.active

    state = judged(state, 5.0, 3.0)
    assert ("later",) == state.active


def test_what_is_paused_disturbs_no_measurement():
    state = start(opened(asking(theory("a"), "other", hypothesis()), slots=3), "other")
    state = fold(state, e.AttemptPaused(attempt("other")))

    assert ["base"] == subjects(settled(succeed(state, "a")))


def test_a_theory_that_failed_is_not_judged_and_holds_up_no_one():
    state = start(opened(TWO), "a", "b")
    state = fold(state, e.AttemptFailed(attempt("b"), failure()))

    state = judged(succeed(state, "a"), 5.0, 3.0, 5.0, 3.0)

    assert state.hypotheses[SLOW].winner == "a"


def test_the_first_that_passes_ends_the_others():
    state = settled(start(opened(PASSING, slots=2), "a", "b"))
    state = judged(state, "exit 1")  # on the base
    state = judged(succeed(state, "b"), True)

    assert state.hypotheses[SLOW].winner == "b"
    assert state.tasks[TaskId("a")].status is TaskStatus.STOPPING
    assert state.tasks[TaskId("c")].status is TaskStatus.CANCELLED


def test_passing_is_no_win_before_the_base_is_known_to_fail():
    state = opened(PASSING, slots=2, validate_jobs=2)
    state = settled(succeed(settled(start(state, "a", "b")), "a"))
    assert ["base", "a"] == subjects(state)

    number = next(one.number for _, one in in_flight(state) if one.theory == "a")
    state = settled(fold(state, e.JudgementEnded(SLOW, number)))
    assert state.hypotheses[SLOW].decided_at is None

    assert judged(state, "exit 1").hypotheses[SLOW].winner == "a"
    assert judged(state, True).hypotheses[SLOW].decided_at is None


def test_all_theories_start_from_one_commit_whatever_lands_meanwhile():
    state = opened(asking("other", theory("a"), theory("b"), hypothesis()), slots=1)
    state = start(state, "a")
    state = fold(state, e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))
    state = succeed(state, "a")

    starts = [event for event in settle(start(state, "other")) if isinstance(event, e.AttemptScheduled)]
    assert [] == starts
    state = fold(state, e.AttemptScheduled(attempt("b"), BASE, 1))
    assert state.tasks[TaskId("b")].attempts[0].base == BASE


def test_a_task_after_a_hypothesis_starts_when_its_winner_has_landed():
    plan = asking(theory("a"), task("z", after_hypotheses=["slow"]), hypothesis(repeat=1))
    state = judged(succeed(opened(plan), "a"), 5.0, 3.0)
    assert state.tasks[TaskId("z")].status is TaskStatus.PENDING

    head = state.entries[TaskId("a")].head
    state = settled(fold(state, e.Landed(TaskId("a"), head, BASE, Sha("c1"), Sha("t1"))))

    assert state.tasks[TaskId("z")].status is TaskStatus.STARTING
    assert state.tasks[TaskId("z")].attempts[0].base == "c1"


def test_a_run_whose_hypothesis_is_open_has_not_ended_and_one_that_asks_has():
    state = settled(succeed(opened(asking(theory("a"), hypothesis(repeat=1))), "a"))
    assert not has_ended(state)

    state = judged(state, 3.0, 3.0)

    assert state.hypotheses[SLOW].decided_at is None
    assert not has_ended(state), "what was left is still to be kept"
    assert has_ended(fold(state, e.EvidenceKept(SLOW, ())))


def test_a_paused_run_begins_no_judgement_and_has_not_ended():
    state = fold(succeed(opened(asking(theory("a"), hypothesis())), "a"), e.RunPaused())

    assert [] == settle(state)
    assert not has_ended(state)


def test_a_person_may_choose_what_its_judge_could_not_decide():
    state = judged(
        succeed(opened(asking(theory("a"), theory("b"), hypothesis(repeat=1))), "a", "b"), 5.0, 3.0, 3.0
    )
    assert state.hypotheses[SLOW].decided_at is None

    state = settled(fold(state, *choose(state, "b")))

    assert (state.hypotheses[SLOW].winner, state.hypotheses[SLOW].by) == ("b", "Ada")
    assert {"b": EntryStatus.QUEUED} == statuses(state)


def test_a_person_may_choose_before_all_theories_have_ended():
    state = succeed(start(opened(TWO), "a", "b"), "a")

    state = settled(fold(state, *choose(state, "a")))

    assert state.tasks[TaskId("b")].status is TaskStatus.STOPPING


def test_a_person_may_decide_that_no_theory_wins():
    state = succeed(start(opened(TWO), "a", "b"), "a")

    state = settled(fold(state, *choose(state, None)))

    assert state.tasks[TaskId("b")].status is TaskStatus.STOPPING
    assert {} == statuses(state)


def refused(state: RunState, name: str | None) -> str:
    (event,) = choose(state, name)
    assert isinstance(event, e.CommandRefused)
    return event.why


def test_what_cannot_be_chosen_is_refused_with_the_reason():
    state = succeed(start(opened(TWO), "a", "b"), "a")
    assert "b is running, and only what has succeeded can win" == refused(state, "b")
    unknown = decide(state, c.ChooseTheory("1", HypothesisName("fast"), TaskId("a"), "Ada"))
    assert [e.CommandRefused("choose a", "the run has no hypothesis 'fast'")] == unknown

    state = settled(fold(state, *choose(state, "a")))
    assert "a has won already" == refused(state, "a")
    assert "slow is decided: a is in the merge queue" == refused(state, None)


def test_a_winner_in_conflict_gives_way_to_another_theory():
    state = judged(succeed(opened(TWO), "a", "b"), 5.0, 3.0, 4.0, 5.0, 3.0, 4.0)
    head = state.entries[TaskId("a")].head
    state = fold(state, e.CandidateConflicted(TaskId("a"), head, BASE, (), ("x",), (), "both"))

    state = settled(fold(state, *choose(state, "b")))

    assert {"a": EntryStatus.WITHDRAWN, "b": EntryStatus.QUEUED} == statuses(state)


def test_a_theory_is_not_tried_again_while_it_is_judged_or_when_another_has_won():
    state = settled(succeed(opened(asking(theory("a"), theory("b"), hypothesis(repeat=1))), "a", "b"))
    (event,) = decide(state, c.RetryTask("1", TaskId("b")))
    assert isinstance(event, e.CommandRefused) and "is being judged for slow" in event.why

    state = judged(state, 5.0, 3.0, 4.0)
    (event,) = decide(state, c.RetryTask("1", TaskId("b")))
    assert isinstance(event, e.CommandRefused) and "slow is decided: a has won" == event.why


def test_a_theory_that_is_tried_again_is_judged_again_and_the_others_are_not():
    state = judged(
        succeed(opened(asking(theory("a"), theory("b"), hypothesis(repeat=1))), "a", "b"), 5.0, "nan", 6.0
    )
    state = fold(state, *decide(state, c.RetryTask("1", TaskId("a"))))
    state = fold(start(state, "a"), e.AttemptSucceeded(attempt("a", 2), Sha("h2")))

    state = judged(state, 2.0)

    assert state.hypotheses[SLOW].winner == "a"


def test_evidence_is_kept_once_and_again_when_another_is_chosen():
    from porch_tui.core.rules.effects import KeepEvidence, wanted

    state = judged(succeed(opened(TWO), "a", "b"), 5.0, 3.0, 4.0, 5.0, 3.0, 4.0)
    assert KeepEvidence(SLOW) in wanted(state)

    state = fold(state, e.EvidenceKept(SLOW, (e.Evidence(TaskId("a"), "refs/x", 1, 2, 3),)))
    assert KeepEvidence(SLOW) not in wanted(state)


def test_where_no_theory_succeeds_there_is_nothing_to_judge_and_a_person_is_asked():
    plan = asking(theory("a"), task("z", after_hypotheses=["slow"]), hypothesis())
    state = settled(fold(start(opened(plan), "a"), e.AttemptFailed(attempt("a"), failure())))

    assert [] == subjects(state)
    assert has_ended(fold(state, e.EvidenceKept(SLOW, ())))
    assert Finding.NONE_SUCCEEDED is concluded(state, SLOW).finding
    assert is_hopeless(state, TaskId("z"))


def test_a_theory_that_passes_is_judged_although_a_measurement_waits_for_quiet():
    plan = asking(
        theory("m"),
        theory("p", of="other"),
        theory("q", of="other"),
        hypothesis(),
        hypothesis("other", Want.PASS),
    )
    state = start(opened(plan, slots=3), "m", "p", "q")
    state = judged(state, "exit 1")  # the base of the other one
    state = settled(succeed(state, "m", "p"))

    assert ["p"] == subjects(state)
    state = judged(state, True)
    assert state.hypotheses[HypothesisName("other")].winner == "p"
    assert state.tasks[TaskId("q")].status is TaskStatus.STOPPING
    assert [] == subjects(state), "what is being stopped still runs"
