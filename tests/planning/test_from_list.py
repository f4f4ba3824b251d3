"""A list becomes a draft that can always be read as a plan, whatever is in the list."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.planfile.read import plan_from
from porch_tui.planfile.text.mistakes import PlanMistakes
from porch_tui.planning.draft import DraftAgent, plan_text
from porch_tui.planning.from_list import draft_of, ids_of, slug
from porch_tui.planning.lists.reading import read_list
from porch_tui.planning.lists.task_list import ListedTask
from porch_tui.planning.tracked import TrackedFiles

FILES = TrackedFiles.of(["src/app.py", "tests/test_app.py", "db/migrations/1.sql"])
MARKS = ["- [ ] ", "- [x] ", "1. ", "2) ", "* ", "  - ", "# ", "## Task 1: ", "## Task 2: ", "### ", "   "]
LABELS = [
    "T001 ",
    "T002 ",
    "[P] ",
    "[US1] ",
    "A-1 ",
    "User Story 1 ",
    "Phase 2: ",
    "(depends on T001, T002) ",
]
WORDS = [
    "parser ",
    "**bold**: ",
    "after A-1 ",
    "after the parser ",
    "blocked by #1 ",
    "Split src/app.py ",
    "é ",
]
ODD = [
    "`db/migrations/2.sql` ",
    "{prompt} ",
    "'",
    "\n",
    "\n",
    "\n\n",
    "```\n",
    "<!-- ",
    "--> ",
    "---\n",
    "\t",
]
PIECES = MARKS + LABELS + WORDS + ODD


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join))
def test_any_list_is_refused_with_its_place_or_becomes_a_plan(text: str):
    try:
        read = read_list(text.encode("utf-8", "surrogatepass"), "list.md")
    except PlanMistakes as error:
        assert all(one.place.line >= 1 for one in error.mistakes)
        return
    draft = draft_of(read, "list.md", FILES, DraftAgent("codex"))

    plan = plan_from(plan_text(draft).encode(), "plan", "plan").plan

    assert len(plan.tasks) == len(read.tasks)
    assert all(spec.prompt.strip() and spec.checks for spec in plan.tasks)


def test_ids_are_made_of_a_label_and_words_and_are_there_once():
    titles = {
        "T001": "Create the User model in src/models/user.py",
        "item 2": "Write the docs of",
        "item 3": "Write the docs",
        "item 4": "日本語",
        "item 5": "Type src/flask/templating.py strictly",
    }

    ids = ids_of([ListedTask(key, title, 1) for key, title in titles.items()])

    assert [*ids.values()] == [
        "t001-create-the-user-model",
        "write-the-docs",
        "write-the-docs-2",
        "task",
        "type-templating-strictly",
    ]


def test_a_long_title_is_cut_between_words():
    assert (
        slug("one two three four five six seven eight nine ten") == "one-two-three-four-five-six-seven-eight"
    )


def test_a_task_of_a_list_in_the_repository_says_where_it_is_from():
    read = read_list(b"# All\n- [ ] A-1 Split it\n", "docs/tasks.md")
    tracked = TrackedFiles.of(["docs/tasks.md"])

    (task,) = draft_of(read, "docs/tasks.md", tracked, DraftAgent("codex")).tasks

    assert task.prompt.endswith("This is A-1 of the list in docs/tasks.md; others do the rest of it.")
    assert task.reason == "docs/tasks.md:2"
