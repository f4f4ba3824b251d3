"""Overrides: where a person decided otherwise than porch or the plan."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.plan import TaskId
from porch_tui.report.forms.text import as_text
from tests.report.pages import document, page, section
from tests.report.tale import Tale, a_plan, five_tasks, spec


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


def test_they_are_in_the_text_and_in_the_json():
    tale = running().at(2.5, e.RedBaseAllowed())

    text = "allowed landings although the base fails its validation"
    assert text in section(as_text(page(tale)), "Overrides")
    assert document(tale)["overrides"] == [{"task": None, "at_s": 2.5, "text": text}]
