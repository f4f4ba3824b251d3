"""Overrides: where a person decided otherwise than porch or the plan."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.plan import TaskId
from porch_tui.present.overrides import overrides
from porch_tui.report.forms.text import as_text
from tests.report.pages import document, page, section
from tests.report.tale import Tale, a_plan, five_tasks, oid, spec


def overridden(tale: Tale) -> list[tuple[str | None, str]]:
    return [(one.task, one.text) for one in tale.summary.overrides]


def running() -> Tale:
    return Tale(a_plan(spec("log"), spec("mul"))).start(1, "log", "mul")


def test_a_run_that_went_as_planned_has_none():
    assert overridden(five_tasks()) == []
    assert "Overrides" not in as_text(page(five_tasks()))


def test_slots_that_a_person_sets_are_one_and_those_of_the_machine_are_not():
    tale = running().at(2, e.SlotsChanged(3, reason="the machine is busy")).at(3, e.SlotsChanged(5))

    assert overridden(tale) == [(None, "set 5 slots")]


def test_a_red_base_that_is_allowed_is_one():
    assert overridden(running().at(2, e.RedBaseAllowed())) == [
        (None, "allowed landings although the base fails its validation")
    ]


def test_a_budget_that_is_raised_is_one():
    assert overridden(running().at(2, e.BudgetRaised(TaskId("log"), Budget(usd=5.0)))) == [
        ("log", "raised its budget by $5.00")
    ]


def test_to_resume_what_porch_has_paused_is_one_and_what_the_person_paused_is_not():
    tale = running()
    log, mul = tale.attempt("log"), tale.attempt("mul")

    tale.at(2, e.AttemptPaused(log, reason="memory is short"), e.AttemptPaused(mul))
    tale.at(3, e.AttemptResumed(log), e.AttemptResumed(mul))

    assert overridden(tale) == [("log", "resumed it although it was paused automatically")]


def test_what_a_person_takes_out_or_back_is_one():
    tale = Tale(a_plan(spec("log"), spec("mul"), is_validated=False)).start(1, "log", "mul").succeed(2, "log")
    tale.build(2).land(3, "log").succeed(4, "mul").at(5, e.EntryWithdrawn(TaskId("mul")))
    tale.at(6, e.LandingUndone(TaskId("log"), tale.state.target.tip, oid("base"), oid("basetree")))

    assert overridden(tale) == [
        ("mul", "took it out of the merge queue"),
        ("log", "took its landing back"),
    ]


def test_work_that_was_rejected_and_is_put_back_is_one_and_what_was_blocked_is_not():
    tale = Tale(a_plan(spec("log"), spec("mul"))).start(1, "log", "mul").validated(1, "")
    tale.succeed(2, "log").build(2).at(3, e.LandingBlocked(TaskId("log"), (".env",), "in the way", True))
    tale.at(4, e.EntryRequeued(TaskId("log"), takes_branch=True)).build(4).validated(4, "log").land(5, "log")
    tale.succeed(6, "mul").build(6).validated(6, "mul", text="exit 1").validated(7, "mul", text="exit 1")

    tale.at(8, e.EntryRequeued(TaskId("mul"), takes_branch=True))

    assert overridden(tale) == [("mul", "put it back into the merge queue although it was rejected")]


def test_a_theory_that_a_person_chooses_instead_of_the_winner_is_one_and_where_there_is_none_not():
    def decided(hypothesis: str, winner: str, by: str = "") -> e.Record:
        event = e.HypothesisDecided(hypothesis, TaskId(winner), "it is better", by)
        return e.Record(2, opened.at + 1, "cmd-1" if by else "settle", event)

    opened = running().records[0]

    by_judge, by_ann = decided("speed", "log"), decided("speed", "mul", "Ann")
    found = overrides([opened, by_judge, by_ann, decided("size", "mul", "Ann")])

    assert [(one.task, one.text) for one in found] == [("mul", "chose mul instead of log for speed")]


def test_an_attempt_that_is_stopped_or_given_up_is_one():
    tale = running()
    log, mul = tale.attempt("log"), tale.attempt("mul")

    tale.at(2, e.StopRequested(log), e.AttemptLost(mul, "was given up: it is to run elsewhere than on big"))

    assert overridden(tale) == [
        ("log", "stopped it"),
        ("mul", "gave its attempt up: it is to run elsewhere than on big"),
    ]


def test_what_porch_takes_out_itself_is_none():
    tale = Tale(a_plan(spec("log"), spec("mul", after=["log"]), spec("div", after=["log"])))

    tale.at(1, e.TaskCancelled(TaskId("mul")), cause="settle").at(2, e.TaskCancelled(TaskId("div")))

    assert overridden(tale) == [("div", "took it out before it began")]


def test_what_was_done_to_many_tasks_at_once_is_one_row():
    names = [f"t{number}" for number in range(30)]
    tale = Tale(a_plan(*(spec(name) for name in names)), slots=30).start(1, *names)
    tale.at(2, *(e.StopRequested(tale.attempt(name)) for name in names)).at(3, e.SlotsChanged(2))

    rows = section(as_text(page(tale)), "Overrides").splitlines()

    assert [row.split() for row in rows[1:]] == [
        ["2.0s", "t0,", "t1,", "t2", "and", "27", "more", "stopped", "it"],
        ["3.0s", "set", "2", "slots"],
    ]
    assert len(document(tale)["overrides"]) == 31  # type: ignore[arg-type]


def test_they_are_in_the_text_and_in_the_json():
    tale = running().at(2.5, e.RedBaseAllowed())

    text = "allowed landings although the base fails its validation"
    assert text in section(as_text(page(tale)), "Overrides")
    assert document(tale)["overrides"] == [{"task": None, "at_s": 2.5, "text": text}]
