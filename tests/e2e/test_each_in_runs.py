"""`each` in plan files: with tasks in one run, added to a run, and reloaded when there are more items."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project

PLAN = """\
slots: 2
each:
  - {id: "t-{stem}", items: {glob: "data/*"}, kind: check, shared: true, run: "test -e {item}"}
tasks:
  all: {kind: check, run: "true", after: [t]}
"""


def with_data(project: Project, *names: str) -> None:
    project.commit({f"data/{name}.txt": name for name in names})


def test_tasks_and_groups_are_one_graph(project: Project):
    with_data(project, "a", "b")
    project.plan(PLAN)

    project.porch("run", "--headless")

    assert dict.fromkeys(("all", "t-a", "t-b"), "nothing-to-land") == project.outcomes()
    started = [event.attempt.task for event in project.events(e.AttemptScheduled)]
    assert "all" == started[-1], "it comes after the whole group"
    assert "3 of 3 checks passed" in project.porch("report").stdout


def test_changes_made_for_each_item_land(project: Project):
    with_data(project, "a", "b")
    project.plan(
        "each: [{id: 'c-{stem}', items: {glob: 'data/*'}, run: 'echo more >> {item}', paths: ['{item}']}]"
    )

    project.porch("run", "--headless")

    assert {"c-a": "landed", "c-b": "landed"} == project.outcomes()
    assert "a\nmore" == project.git("show", "main:data/a.txt").replace("amore", "a\nmore")


@pytest.mark.slow
def test_reload_takes_over_what_is_new(project: Project):
    with_data(project, "a")
    project.plan(PLAN)
    project.porch("run", "--headless")

    with_data(project, "b")
    reloaded = project.porch("reload")
    assert "reload" in reloaded.stdout + reloaded.stderr
    project.porch("reload")
    project.porch("resume", "--headless")

    assert {"all", "t-a", "t-b"} == project.outcomes().keys(), "the second reload found nothing new"
    assert "nothing-to-land" == project.outcomes()["t-b"]


def test_a_file_with_each_adds_its_tasks_and_may_name_groups_of_the_run(project: Project):
    with_data(project, "a")
    project.plan(PLAN)
    project.porch("run", "--headless")
    more = project.root.parent / "more.yaml"
    more.write_text(
        "each: [{id: 'u-{n}', items: {list: [x, y]}, kind: check, after: [t], run: 'echo {item}'}]\n"
    )

    project.porch("add", str(more))
    project.porch("resume", "--headless")

    assert {"u-1", "u-2"} <= project.outcomes().keys()
    assert "nothing-to-land" == project.outcomes()["u-2"]


def test_check_shows_the_tasks_and_mistakes_have_the_lines_of_the_entry(project: Project):
    with_data(project, "a", "b")
    project.plan(PLAN)
    assert "t-a" in project.porch("check").stdout

    project.plan(PLAN.replace("data/*", "nothing/*").replace("[t]", "[tt]"))
    refused = project.porch("run", "--headless", expect=2)

    assert "porch.yaml:3:" in refused.stderr and "fits no tracked file" in refused.stderr
    assert "porch.yaml:5:" in refused.stderr and "did you mean 't'?" in refused.stderr
    assert 2 == len(refused.stderr.splitlines())
