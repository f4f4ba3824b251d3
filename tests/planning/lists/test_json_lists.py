"""Lists in JSON: task-master's tasks.json, and issues."""

from __future__ import annotations

import json
from typing import Any

import pytest

from porch_tui.planfile.text.mistakes import PlanMistakes
from porch_tui.planning.lists.reading import read_list
from porch_tui.planning.lists.task_list import TaskList

STEPS = [{"id": 1, "title": "Tokens"}, {"id": 2, "title": "Tree", "details": "Small.", "dependencies": [1]}]
TASKS = [
    {"id": 1, "title": "Schema", "status": "done", "dependencies": []},
    {
        "id": 2,
        "title": "Parser",
        "description": "Read it.",
        "details": "By hand.",
        "status": "pending",
        "dependencies": [1],
        "testStrategy": "Unit tests.",
        "subtasks": STEPS,
    },
    {"id": 3, "title": "Printer", "dependencies": [2]},
]


def read(document: Any) -> TaskList:
    return read_list(json.dumps(document).encode(), "tasks.json")


@pytest.mark.parametrize("document", [{"tasks": TASKS}, {"master": {"tasks": TASKS, "metadata": {}}}])
def test_task_master_has_dependencies_steps_and_tests(document: Any):
    parser, printer = read(document).tasks

    assert parser.details == "Read it.\n\nBy hand.\n\nSteps:\n- Tokens\n- Tree\n  Small."
    assert parser.test == "Unit tests."
    assert (parser.after, printer.after) == ((), ("2",))


def test_a_dependency_on_a_step_of_another_task_is_one_on_that_task():
    tasks = [
        {"id": 1, "title": "One"},
        {"id": 2, "title": "Two", "subtasks": [{"title": "x", "dependencies": ["1.2"]}]},
    ]

    assert read({"tasks": tasks}).tasks[1].after == ("1",)


def test_issues_are_tasks_with_their_bodies_and_what_they_are_blocked_by():
    issues = [
        {"number": 12, "title": "Slow start", "body": "Measure it.", "labels": [{"name": "bug"}]},
        {"number": 14, "title": "Faster start", "body": "Blocked by #12, and after #99.", "labels": []},
        {"number": 15, "title": "Old", "body": "", "state": "CLOSED"},
    ]

    slow, faster = read(issues).tasks

    assert (slow.key, slow.details, slow.why) == ("12", "Measure it.", "issue #12 (bug)")
    assert faster.after == ("12",)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"tasks": [{"id": 1}]}, r"tasks\[0\]: found no task"),
        ({"tasks": [{"id": 1, "title": "a", "dependencies": [7]}]}, "depends on 7"),
        ({"tasks": [{"id": 1, "title": "a", "status": "done"}]}, "all done"),
        ({"tasks": [{"id": 1, "title": "a"}, {"id": 1, "title": "b"}]}, "second task 1"),
        ({"name": "x"}, "no list of tasks"),
        ([1, 2], "no list of tasks"),
    ],
)
def test_what_is_no_list_is_refused(document: Any, message: str):
    with pytest.raises(PlanMistakes, match=message):
        read(document)
