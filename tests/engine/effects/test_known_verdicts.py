"""A run reuses the verdicts of earlier runs: what counts is whether the command ran."""

from __future__ import annotations

import os

import pytest

from porch_tui.core.model import events as e
from project import Project

PLAN = (
    "worktree: ../{repo}-{run}-{task}\nbranch: '{run}/{task}'\nvalidate: 'echo >> ../../ran; test ! -e bad'\n"
)
ONE = PLAN + "tasks: {a: {run: 'git log -1 --format=%H > /dev/null'}}\n"
BAD = PLAN + "tasks: {a: {run: 'echo > bad'}}\n"


def ran(project: Project) -> int:
    """Return how often the validation really ran; it writes beside its worktrees' folder."""
    return sum(len(path.read_text().splitlines()) for path in project.root.parent.rglob("ran"))


def test_the_base_is_not_validated_again_by_the_next_run(project: Project):
    project.plan(ONE)
    project.porch("run", "--headless")
    assert 1 == ran(project)
    first = project.rundir.run

    output = project.porch("run", "--headless").stdout

    assert 1 == ran(project)
    assert f"main: validation passed, known from run {first}" in output


def test_fresh_validates_everything_again(project: Project):
    project.plan(ONE)
    project.porch("run", "--headless")

    project.porch("run", "--headless", "--fresh")

    assert 2 == ran(project)


def test_other_conditions_need_a_new_validation(project: Project):
    project.write("settings.log", "one\n")
    project.plan("copy: [settings.log]\n" + ONE)
    project.porch("run", "--headless")

    project.write("settings.log", "another\n")
    project.porch("run", "--headless")

    assert 2 == ran(project)


def test_a_known_failure_counts_as_one_of_two_tries(project: Project):
    project.plan(BAD)
    project.porch("run", "--headless", expect=1)
    assert 3 == ran(project), "the base once, the task twice"

    project.porch("run", "--headless", expect=1)

    assert 4 == ran(project)
    assert [True, False] == [bool(failed.from_run) for failed in project.events(e.ValidationFailed)]


@pytest.mark.slow
def test_validations_that_mostly_wait_run_side_by_side_now_and_in_the_next_run(project: Project):
    project.plan(ONE.replace("test ! -e bad", "sleep 1.2"))
    project.porch("run", "--headless")
    result = [changed.jobs for changed in project.events(e.ValidateJobsChanged)]
    assert result == [4] or (os.cpu_count() or 1) >= 4

    project.porch("run", "--headless")

    assert [4] == [opened.validate_jobs for opened in project.events(e.RunOpened)]
