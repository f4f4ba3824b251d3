"""A draft written as a plan file says what the draft says, whatever is in its texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.planfile.read import plan_from
from porch_tui.planfile.text.composer import printable
from porch_tui.planning.draft import Draft, DraftAgent, DraftTask, plan_text

AGENT = DraftAgent("mine", ("mine", "{prompt}"))
texts = st.text(min_size=1, max_size=300).filter(lambda text: printable(text).strip())


def read(task: DraftTask, **more: object):
    draft = Draft("draft", (task,), "a test", agent=AGENT, **more)  # type: ignore[arg-type]
    return plan_from(plan_text(draft).encode(), "draft", "draft").plan


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_any_text_survives(prompt: str, reason: str):
    plan = read(DraftTask("one", "Title", prompt, reason=reason), goal=prompt, notes=(reason,))

    expected = re.sub(r"(?m)^[ \t]+$", "", printable(prompt).strip("\n").rstrip())
    assert plan.tasks[0].prompt.strip() == expected.strip()
    assert plan.goal.split() == printable(prompt).split()


ODD = [
    "true",
    "null",
    "12",
    "1e3",
    "1:30",
    "2024-01-01",
    "a: b",
    "a #b",
    "- a",
    "[x]",
    "{x}",
    "'q'",
    '"',
    "*",
]
ODD += ["&a", "!t", "%", "@x", "`x`", "é", "a\\b", "# no comment"]


@pytest.mark.parametrize("text", ODD)
def test_texts_that_mean_something_in_yaml_stay_texts(text: str):
    plan = read(DraftTask("one", text, text, checks=(text, "true"), locks=(text,)), validate=text)

    spec = plan.tasks[0]
    assert (spec.title, spec.prompt, spec.locks) == (text, text, (text,))
    assert [command[2] for command in (*spec.checks, *plan.validate)] == [text, "true", text]


def test_reasons_are_comments_before_their_tasks():
    text = plan_text(
        Draft("draft", (DraftTask("one", "One", run="true", reason="it stands alone"),), "a test")
    )

    assert "  # it stands alone\n  one:\n" in text


def test_a_long_line_is_wrapped_and_read_as_one():
    prompt = "word " * 60 + "end"

    assert (
        max(map(len, plan_text(Draft("d", (DraftTask("one", "One", prompt),), "x", agent=AGENT)).split("\n")))
        < 120
    )
    assert read(DraftTask("one", "One", prompt)).tasks[0].prompt == prompt
