"""Hypotheses and their theories as a plan has them."""

from __future__ import annotations

import pytest
from planfile.plan_reading import plan, theory, warnings_of

from porch_tui.core.model.plan import Kind, Want, from_shell


def asked(keys: str) -> str:
    """Return a plan whose hypothesis has these keys as well, and two theories."""
    entry = f"q: {{judge: ./j, question: Why?, {keys}}}"
    return theory(entry) + "  t2: {run: x, kind: hypothesis, of: q}\n"


def test_a_hypothesis_has_its_defaults():
    (one,) = plan(asked("want: min")).hypotheses

    assert (one.name, one.question, one.judge) == ("q", "Why?", from_shell("./j"))
    assert (one.want, one.lands, one.repeat, one.timeout_s, one.margin) == (Want.MIN, True, 3, 600.0, 0.0)
    assert 2 == one.line
    assert 1 == plan(asked("want: pass")).hypotheses[0].repeat


@pytest.mark.parametrize(("margin", "found"), [("5%", (0.0, 0.05)), ("0.5", (0.5, 0.0)), ("2", (2.0, 0.0))])
def test_a_margin_is_a_number_or_a_share(margin: str, found: tuple[float, float]):
    (one,) = plan(asked(f"want: max, margin: {margin}")).hypotheses

    assert (one.margin, one.margin_share) == found


def test_a_task_may_come_after_a_hypothesis():
    found = plan(theory("q: {judge: x, question: y}", after="[q]"))

    assert [(), ("q",)] == [spec.after_hypotheses for spec in found.tasks]
    assert [(), ()] == [spec.after for spec in found.tasks]


def test_tries_are_theories_of_one_text_whose_agents_take_turns():
    text = "hypotheses: {q: {judge: x, question: y}}\ntasks:\n"
    text += "  fix: {kind: hypothesis, of: q, tries: 3, agents: [codex, pi], prompt: 'Way {n}.'}\n"
    text += "  own: {kind: hypothesis, of: q, tries: 2, run: './try {n}', title: 'Try {n}'}\n"

    tasks = plan(text).tasks

    assert ["fix-1", "fix-2", "fix-3", "own-1", "own-2"] == [spec.id for spec in tasks]
    assert ["codex", "pi", "codex", None, None] == [spec.agent for spec in tasks]
    assert ["Way 1.", "Way 2.", "Way 3.", "", ""] == [spec.prompt for spec in tasks]
    assert [from_shell("./try 1"), from_shell("./try 2")] == [spec.command for spec in tasks[3:]]
    assert "Try 2" == tasks[4].title
    assert {(Kind.HYPOTHESIS, "q", "")} == {(spec.kind, spec.of, spec.group) for spec in tasks}
    assert [3, 3, 3, 4, 4] == [spec.line for spec in tasks]


def test_agents_alone_make_one_try_each():
    text = "hypotheses: {q: {judge: x, question: y}}\n"
    text += "tasks: {a: {kind: hypothesis, of: q, agents: [codex, pi], prompt: x}}\n"

    assert ["codex", "pi"] == [spec.agent for spec in plan(text).tasks]


WARNINGS = [
    (theory("q: {judge: x, question: y}"), "'q' has one theory, 't': it competes with the base only"),
    (asked("want: min, repeat: 1"), "'q' is measured once, so chance may decide"),
    (asked("margin: 5%"), "'margin' has no effect with want: pass"),
]


@pytest.mark.parametrize(("text", "start"), WARNINGS)
def test_what_is_probably_not_intended_is_warned_of(text: str, start: str):
    ((line, found),) = warnings_of(text)

    assert (line, True) == (2, found.startswith(start)), found
