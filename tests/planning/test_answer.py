"""A plan is found in whatever an agent says around it, and all that is wrong with it is named at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.planning.answer import KEYS, answer_of
from porch_tui.planning.criticism import criticism
from porch_tui.planning.draft import Draft, DraftAgent
from porch_tui.planning.tracked import TrackedFiles

TASKS = [
    {"id": "one", "prompt": "Do it.", "paths": ["a.py"]},
    {"id": "two", "prompt": "Do more.", "after": ["one"]},
]
JSON = json.dumps({"tasks": TASKS, "notes": "Mind it."})
YAML = """\
tasks:
  - id: one
    prompt: Do it.
    paths: [a.py]
  - {id: two, prompt: Do more., after: [one]}
"""
BY_ID = "tasks:\n  one: {prompt: Do it., paths: [a.py]}\n  two: {prompt: Do more., after: [one]}\n"


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"Sure! Here it is: {JSON} Anything else?",
        f"Look {{here}}:\n\n```json\n{JSON}\n```\nDone.",
        f"Bullets first:\n- a\n- b\n\n```yaml\n{YAML}```\n",
        f"  ~~~\n{BY_ID}  ~~~",
        f"First try:\n```\ntasks: [\n```\nNo, this:\n```yaml\n{BY_ID}```",
        f"The plan:\n\n{YAML}",
        f"```json\n{json.dumps(TASKS)}\n```",
        YAML,
    ],
)
def test_a_plan_is_found_between_prose(text: str):
    answer = answer_of([text])

    assert [(task.id, task.prompt, task.paths, task.after) for task in answer.tasks] == [
        ("one", "Do it.", ("a.py",), ()),
        ("two", "Do more.", (), ("one",)),
    ]
    assert not answer.mistakes


def test_a_document_by_a_schema_is_taken_as_it_is_and_messages_are_looked_through_in_order():
    assert answer_of([{"tasks": TASKS}, "prose"]).is_plan
    assert answer_of(["All done.", JSON]).notes == "Mind it."


def test_all_mistakes_are_named_at_once():
    tasks = [
        {"id": "one", "colour": "red", "paths": 7},
        {"prompt": "x", "estimate": "soon"},
        {"id": "one", "prompt": "y"},
        5,
    ]

    mistakes = answer_of([{"tasks": tasks, "extra": 1}]).mistakes

    assert [mistake.partition(";")[0] for mistake in mistakes] == [
        "unknown key 'extra' beside tasks",
        "task one: unknown key 'colour'",
        "task one: no prompt",
        "task one: paths: expected a list of texts",
        "task task-2: no id",
        "task task-2: estimate: found soon",
        "task 4: found 5",
        "task one: the id is there twice",
    ]


@pytest.mark.parametrize(
    "text", ["", "I cannot do that.", "- a\n- b\n", "```python\nprint(1)\n```", "{}", "[]", "null"]
)
def test_what_has_no_plan_in_it_says_what_is_expected(text: str):
    answer = answer_of([text])

    assert not answer.is_plan
    assert "expected" in answer.mistakes[0]


def test_yaml_that_cannot_be_read_is_named_with_its_line():
    (mistake, *_) = answer_of(["```yaml\ntasks:\n  one: {prompt: [}\n```"]).mistakes

    assert mistake.startswith("line 2: found something that is not YAML")


ESTIMATES = {"10m": "10m", "1h30m": "1h30m", "5-10 minutes": "7m30s", "~2 hours": "2h", 15: "15m", "": ""}


@pytest.mark.parametrize(("written", "expected"), ESTIMATES.items())
def test_estimates_are_read_as_people_write_them(written: object, expected: str):
    (task,) = answer_of([{"tasks": [{"id": "a", "prompt": "b", "estimate": written}]}]).tasks

    assert task.estimate == expected


simple = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just("one")
names = st.sampled_from(KEYS) | st.text(max_size=3)
values = st.recursive(
    simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner), max_leaves=8
)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["tasks", "notes", "x"]), values))
def test_any_document_is_a_plan_that_can_be_judged_or_has_a_mistake(document: dict[str, Any]):
    for candidate in (document, json.dumps(document)):
        answer = answer_of([candidate])

        assert answer.is_plan or answer.mistakes
        draft = Draft("draft", answer.tasks, "a test", agent=DraftAgent("codex"))
        assert not answer.is_plan or criticism(draft, TrackedFiles.of([]), 3)


HOSTILE = ('{"tasks": ' * 20_000, "tasks:\n" + " - " * 5000, "&a " * 2000 + "tasks: [*a]", "\udce9 tasks: {")


@pytest.mark.parametrize(
    "text",
    [pytest.param(HOSTILE[0], marks=pytest.mark.slow), *HOSTILE[1:]],
    ids=["nested JSON", "nested lists", "anchors", "not UTF-8"],
)
def test_whatever_an_agent_says_is_read_without_an_error(text: str):
    assert not answer_of([text]).is_plan
