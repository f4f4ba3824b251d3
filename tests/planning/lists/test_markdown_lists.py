"""Lists in Markdown: which lines are tasks, what belongs to each, and what they say they come after."""

from __future__ import annotations

import pytest

from porch_tui.planfile.text.mistakes import PlanMistakes
from porch_tui.planning.lists.reading import read_list
from porch_tui.planning.lists.task_list import ListedTask


def tasks_in(text: str) -> dict[str, ListedTask]:
    """Return the tasks of a list by their titles."""
    return {task.title: task for task in read_list(text.encode(), "list.md").tasks}


def orders_in(text: str) -> dict[str, list[str]]:
    """Return what each task comes after, both by their titles."""
    tasks = tasks_in(text)
    titles = {task.key: task.title for task in tasks.values()}
    return {title: [titles[key] for key in task.after] for title, task in tasks.items()}


def test_open_checkboxes_are_tasks_and_ticked_ones_are_left_out():
    read = read_list(b"# Plan\n- [ ] one\n- [x] two\n* [ ] three\n- no task\n", "list.md")

    assert [task.title for task in read.tasks] == ["one", "three"]
    assert [task.line for task in read.tasks] == [2, 4]
    assert "1 of 3" in read.notes[0]


def test_what_is_indented_below_a_task_belongs_to_it_and_nothing_else_does():
    text = "1. one\n   goes on\n   - a step\n\n   more\n\nNot part of it.\n\n2. two\n"

    assert [*tasks_in(text)] == ["one", "two"]
    assert tasks_in(text)["one"].details == "goes on\n- a step\n\nmore"


def test_a_line_that_is_wrapped_is_read_as_one_and_a_long_one_gets_a_short_title():
    line = "- [ ] Wire the load path (sectors, the walker, control and the"
    text = f"{line}\n      proxy) into the shell; it is there.\n"

    (task,) = tasks_in(text).values()

    assert task.title == "Wire the load path"
    assert task.details.startswith("Wire the load path (sectors, the walker, control and the proxy) into")


def test_marks_around_words_are_left_out_and_those_in_names_stay():
    text = "- **Bold**, _slanted_ and *starred* in app/_layout.tsx, __init__.py and src/*.py\n"

    assert [*tasks_in(text)] == ["Bold, slanted and starred in app/_layout.tsx, __init__.py and src/*.py"]


def test_program_text_is_no_list():
    text = "- one\n  ```\n  - [ ] not a task\n  # no heading\n  ```\n- two\n"

    assert [*tasks_in(text)] == ["one", "two"]
    assert "- [ ] not a task" in tasks_in(text)["one"].details


def test_bullets_under_headings_that_are_about_the_list_are_no_tasks():
    text = "# All\n- one\n## Notes\n- remember this\n## Backend\n- two\n"

    assert [*tasks_in(text)] == ["one", "two"]
    assert "Backend" in tasks_in(text)["two"].why


def test_headings_with_a_number_are_tasks_with_all_that_is_below_them():
    first = "## Task 1: Parser\n- [ ] write a test\n### Why\nIt is slow.\n"
    text = f"# Plan\n{first}## Task 2: Docs\nDepends on Task 1.\n"

    assert orders_in(text) == {"Parser": [], "Docs": ["Parser"]}
    assert tasks_in(text)["Parser"].details == "- [ ] write a test\n### Why\nIt is slow."


def test_without_any_list_the_deepest_headings_are_tasks():
    assert [*tasks_in("# Goal\n## Parser\nSplit it.\n## Docs\nWrite them.\n")] == ["Parser", "Docs"]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("Docs (depends on 1)", ["Split the parser"]),
        ("Docs, after task 1", ["Split the parser"]),
        ("Docs, after the parser is split", ["Split the parser"]),
        ("Docs\n   - blocked by #1", ["Split the parser"]),
        ("Docs\n   Depends on: 1", ["Split the parser"]),
        ("Docs, after parsers", ["Split the parser"]),
        ("Docs, after splitting all parsers", []),
        ("Docs, 2 days after 1 May", []),
        ("Docs: day-after-parser is a name", []),
        ("Docs for what happens after the user logs in", []),
        ("Docs which need 1 page", []),
    ],
)
def test_phrases_that_name_another_task_are_dependencies(second: str, expected: list[str]):
    orders = orders_in(f"1. Split the parser\n2. {second}\n")

    assert [*orders.values()][1] == expected


def test_labels_name_tasks_and_ranges_of_them():
    text = "- [ ] **A-1** one\n- [ ] A-2: two\n- [ ] A-3 three\n- [ ] A-4 four (after A-1 - A-3)\n"

    assert orders_in(text)["four"] == ["one", "two", "three"]


def test_dependencies_on_what_is_done_are_dropped():
    assert orders_in("- [x] A-1 one\n- [ ] A-2 two, depends on A-1\n") == {"two, depends on A-1": []}


def test_a_label_that_no_task_has_is_a_mistake_in_its_line():
    with pytest.raises(PlanMistakes, match=r"list.md:2:1: task A-2 depends on A-9") as caught:
        read_list(
            b"- [ ] A-1 one\n- [ ] A-2 two (depends on A-9)\n- [ ] A-3 three (depends on A-8)\n", "list.md"
        )

    assert "list.md:3:1" in str(caught.value), "all mistakes at once"


@pytest.mark.parametrize(
    "text", ["", "   \n", "Only prose.\n", "# One heading\n", "- [x] done\n", '{"a": 1}', "{", "[]"]
)
def test_what_has_no_open_task_is_refused_with_its_place(text: str):
    with pytest.raises(PlanMistakes, match=r"^list.md:1:\d+: found "):
        read_list(text.encode(), "list.md")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(PlanMistakes, match="UTF-8"):
        read_list(b"- \xff\n", "list.md")
