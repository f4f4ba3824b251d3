"""What is wrong with a draft is said so that its author can mend it."""

from __future__ import annotations

import pytest

from porch_tui.planning.criticism import Criticism, criticism
from porch_tui.planning.draft import Draft, DraftAgent, DraftTask
from porch_tui.planning.tracked import TrackedFiles

FILES = TrackedFiles.of(["src/app.py", "src/web.py"])


def task(id: str, *after: str, paths: tuple[str, ...] = ("src/app.py",)) -> DraftTask:
    return DraftTask(id, id, "Do it.", paths=paths, after=after)


def of(*tasks: DraftTask, most_tasks: int | None = None) -> Criticism:
    draft = Draft("draft", tasks, "a test", agent=DraftAgent("codex"))
    return criticism(draft, FILES, most_tasks)


def test_a_good_draft_has_nothing_wrong():
    assert of(task("one"), task("two", paths=("src/web.py", "tests/test_new.py"))) == Criticism()


def test_what_keeps_it_from_being_a_plan_is_a_mistake_with_its_key():
    found = of(task("one", "three"), task("Two"))

    assert any(
        "three" in mistake and mistake.startswith("tasks.one.after[0]: ") for mistake in found.mistakes
    )
    assert any("Two" in mistake for mistake in found.mistakes)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([task("one"), task("two")], "tasks one and two: both say they write src/app.py"),
        ([task("one", paths=())], "no paths for one"),
        ([task("one", paths=("nowhere/x.py",))], "there is no folder nowhere/"),
        ([task("one"), task("two", "one"), task("three", "two")], "all 3 tasks wait for each other"),
    ],
)
def test_what_is_not_cut_well_is_an_objection(tasks: list[DraftTask], expected: str):
    found = of(*tasks)

    assert not found.mistakes
    assert any(expected in one for one in found.objections), found.objections


def test_an_order_settles_who_writes_a_file_first():
    assert of(task("one"), task("two", "one")) == Criticism()


def test_more_tasks_than_wanted_are_an_objection():
    assert of(task("one"), most_tasks=1) == Criticism()
    assert of(task("one"), task("two", "one"), most_tasks=1).objections == ("2 tasks; expected at most 1",)
