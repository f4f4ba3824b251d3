"""The standards of a good cut: what is said of a plan that does not keep them, and of which nothing is."""

from __future__ import annotations

import pytest

from builders import plan, task
from porch_tui.core.advice.advice import advise
from porch_tui.core.advice.standards import remarks
from porch_tui.core.files.facts import Facts
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Plan, from_shell
from porch_tui.core.relations.pairs import relations

TRACKED = ("tests/test_auth.py", "tests/test_log.py", "src/auth.py", "src/log.py")


def said_of(a_plan: Plan, tracked: tuple[str, ...] = TRACKED) -> list[tuple[str, str, str]]:
    related = relations(a_plan, Facts(dict.fromkeys(tracked, 1)))
    found = remarks(a_plan, related, tracked, advise(a_plan, related, tracked))
    return [(one.task, one.key, one.text) for one in found]


def test_tasks_that_cannot_be_tested_alone_are_named_with_tests_that_would_fit():
    ((task_id, key, text),) = said_of(
        plan(task("a", paths=("src/auth.py",)), task("b", paths=("src/log.py",)))
    )

    assert ("a", "checks") == (task_id, key)
    assert text.startswith("a and b have no checks")
    assert "pytest -q tests/test_auth.py" in text and "porch check --fix" in text


def test_schema_changes_side_by_side_are_named():
    both = plan(*(task(name, paths=(f"app/migrations/{name}.sql",)) for name in ("a", "b")))

    ((task_id, key, text),) = said_of(both)

    assert ("b", "after") == (task_id, key)
    assert text.startswith("a and b add to app/migrations side by side")


def test_a_file_that_many_tasks_need_is_named_with_them():
    four = plan(*(task(name, paths=("src/app.py", f"{name}.txt")) for name in "abcd"))

    ((task_id, key, text),) = said_of(four)

    assert ("a", "paths") == (task_id, key)
    assert text.startswith("4 tasks say they write src/app.py (a, b, c and 1 more)")


CROWD = ("src/app.py",)


@pytest.mark.parametrize(
    "good",
    [
        plan(task("a", paths=CROWD), task("b", paths=CROWD)),
        plan(*(task(name, paths=CROWD, locks=("app",)) for name in "abc")),
        plan(
            task("a", paths=CROWD), task("b", paths=CROWD, after=["a"]), task("c", paths=CROWD, after=["b"])
        ),
        plan(*(task(name, paths=CROWD, kind=Kind.CHECK) for name in "abc")),
        replace(plan(*(task(name, paths=CROWD) for name in "abc")), predict_ignore=CROWD),
        plan(*(task(name, kind=Kind.CHECK) for name in "abcdef")),
        plan(task("a", paths=("m/migrations/a",)), task("b", paths=("m/migrations/b",), after=["a"])),
        plan(replace(task("a", paths=("src/auth.py",)), checks=(from_shell("true"),))),
        plan("a", "b", "c"),
    ],
    ids=["two", "a lock", "in order", "checks", "ignored", "test plan", "a sequence", "tested", "no paths"],
)
def test_of_a_plan_that_keeps_the_standards_nothing_is_said(good: Plan):
    assert [] == said_of(good)
