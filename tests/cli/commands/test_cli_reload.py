"""`porch reload`: what has changed in the plan file, as far as it has not begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, until

PLAN = """\
slots: 1
validate: "true"
defaults: {timeout: 10m}
tasks:
  first: {run: 'sleep 600'}
  second: {run: 'echo old > second'}
  third: {run: 'echo third > third'}
"""


@pytest.fixture
def alive(project: Project, engine: Callable[[Project, str], None]) -> Project:
    """A run with an engine, in which `first` runs and the others have not begun."""
    engine(project, PLAN)
    return project


def test_changed_and_new_tasks_are_taken_over_and_the_rest_is_listed(alive: Project):
    changed = PLAN.replace("sleep 600", "true").replace("old", "new").replace("slots: 1", "slots: 2")
    third, _, _ = changed.partition("  third:")
    alive.write("porch.yaml", third + "  fourth: {run: 'echo 4 > 4', after: [second]}\n")

    done = porch(alive, "reload")
    porch(alive, "stop", "first")
    until(lambda: "fourth" in alive.landed(), "the last landing")

    assert (0, "reload: took over second; added fourth\n") == (done.code, done.out)
    assert [
        "porch: not taken over: slots: porch slots changes it",
        "porch: not taken over: first: has begun, and keeps what it began with",
        "porch: not taken over: third: no longer in the plan file, and stays; porch stop third takes it out",
    ] == done.err.splitlines()
    assert "new" == alive.git("show", "main:second")
    assert 1 == len(alive.events(e.PlanReloaded))


def test_a_file_without_news_changes_nothing(alive: Project):
    done = porch(alive, "reload")

    assert (0, "") == (done.code, done.out)
    assert "nothing to take over" in done.err
    assert [] == alive.events(e.PlanReloaded)


def test_a_wrong_file_is_refused_with_its_lines_and_nothing_changes(alive: Project):
    alive.write("porch.yaml", PLAN.replace("third: {run", "third: {rnu"))

    done = porch(alive, "reload")

    assert 2 == done.code
    assert "porch.yaml:7:11: tasks.third.rnu: unknown key 'rnu'" in done.err
    assert [] == alive.events(e.PlanReloaded)


def test_a_file_may_name_tasks_that_were_added_to_the_run(alive: Project):
    porch(alive, "add", "extra", "--run", "true", "--set", "kind=check")
    alive.write("porch.yaml", PLAN.replace("run: 'echo third > third'", "run: 'echo 3 > 3', after: [extra]"))

    done = porch(alive, "reload", "--json").json

    assert (["third"], [], []) == (done["changed"], done["added"], done["left"])


def test_tasks_that_are_added_later_take_over_the_defaults_of_the_reloaded_file(alive: Project):
    alive.write("porch.yaml", PLAN.replace("timeout: 10m", "timeout: 20m"))
    porch(alive, "reload")

    porch(alive, "add", "extra", "--run", "true")

    (event,) = alive.events(e.TasksAdded)
    assert 1200.0 == event.specs[0].timeout_s
