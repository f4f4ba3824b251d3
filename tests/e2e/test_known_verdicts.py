"""What one run has validated, the next one knows; what counts is whether the command ran."""

from __future__ import annotations

import os

from porch_tui.core.model import events as e
from project import Project

PLAN = (
    "worktree: ../{repo}-{run}-{task}\nbranch: '{run}/{task}'\nvalidate: 'echo >> ../../ran; test ! -e bad'\n"
)
ONE = PLAN + "tasks: {a: {run: 'git log -1 --format=%H > /dev/null'}}\n"
BAD = PLAN + "tasks: {a: {run: 'echo > bad'}}\n"


def ran(project: Project) -> int:
    """Return how often the validation has really run; it writes beside its worktrees' folder."""
    return sum(len(path.read_text().splitlines()) for path in project.root.parent.rglob("ran"))


def test_the_base_is_not_validated_again_by_the_next_run(project: Project):
    project.plan(ONE)
    project.porch("run", "--headless")
    assert 1 == ran(project)
    first = project.rundir.run

    told = project.porch("run", "--headless").stdout

    assert 1 == ran(project)
    assert f"main itself: validation passed, known from run {first}" in told


def test_fresh_means_that_nothing_is_believed(project: Project):
    project.plan(ONE)
    project.porch("run", "--headless")

    project.porch("run", "--headless", "--fresh")

    assert 2 == ran(project)


def test_other_conditions_are_another_question(project: Project):
    project.write("settings.log", "one\n")
    project.plan("copy: [settings.log]\n" + ONE)
    project.porch("run", "--headless")

    project.write("settings.log", "another\n")
    project.porch("run", "--headless")

    assert 2 == ran(project)


def test_a_known_failure_is_one_try_of_two(project: Project):
    project.plan(BAD)
    project.porch("run", "--headless", expect=1)
    assert 3 == ran(project), "the base once, the task twice"

    project.porch("run", "--headless", expect=1)

    assert 4 == ran(project)
    assert [True, False] == [bool(failed.from_run) for failed in project.events(e.ValidationFailed)]


def test_a_validation_that_mostly_waits_gets_company_now_and_in_the_next_run(project: Project):
    project.plan(ONE.replace("test ! -e bad", "sleep 1.2"))
    project.porch("run", "--headless")
    told = [changed.jobs for changed in project.events(e.ValidateJobsChanged)]
    assert told == [4] or (os.cpu_count() or 1) >= 4

    project.porch("run", "--headless")

    assert [4] == [opened.validate_jobs for opened in project.events(e.RunOpened)]
