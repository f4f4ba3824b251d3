"""Checks that share a worktree, with real processes: one worktree, one setup, each check once."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

PLAN = """\
slots: 3
setup: 'test ! -e set-up; sleep 0.2; echo > set-up; echo >> {setups}'
copy: [.env]
each:
  - id: "t-{{n}}"
    items: {{lines: seq 12}}
    kind: check
    shared: true
    run: 'test -e set-up; test -e .env; echo {{item}} >> {ran}; test {{item}} != 5'
"""


@pytest.fixture
def places(project: Project) -> tuple[Path, Path]:
    """Files outside that say which checks ran, and how often the setup did."""
    folder = project.root.parent
    (project.root / ".env").write_text("SECRET=1\n")
    project.commit({".gitignore": ".env\nset-up\n"})
    ran, setups = folder / "ran", folder / "setups"
    project.plan(PLAN.format(ran=ran, setups=setups))
    return ran, setups


def each_once(ran: Path) -> bool:
    return sorted(map(int, ran.read_text().split())) == list(range(1, 13))


def test_all_checks_of_a_group_cost_one_worktree_and_one_setup(project: Project, places: tuple[Path, Path]):
    ran, setups = places

    project.porch("run", "--headless", expect=1)

    (only,) = (project.root.parent / "app.porch" / project.rundir.run).iterdir()
    assert each_once(ran)
    assert only.name.startswith("shared-t@")
    assert {f"../app.porch/{project.rundir.run}/{only.name}"} == {
        task["worktree"] for task in project.status()["tasks"]
    }
    assert 1 == len(setups.read_text().splitlines())
    outcomes = project.outcomes()
    assert ("failed", 11) == (outcomes.pop("t-5"), list(outcomes.values()).count("nothing-to-land"))
    assert [] == [one.text for one in project.events(e.Noticed)], "nothing changed there"
    assert {None} == {task["branch"] for task in project.status()["tasks"]}


@pytest.mark.slow
@pytest.mark.parametrize("moment", [e.AttemptScheduled, e.AttemptSucceeded], ids=lambda kind: kind.__name__)
def test_an_engine_that_is_killed_runs_no_check_twice_and_makes_no_second_worktree(
    project: Project, places: tuple[Path, Path], moment: type[e.AnyEvent]
):
    ran, setups = places
    process = project.begin("run", "--headless")
    until(lambda: project.events(moment), f"the first {moment.__name__}")

    kill(process)
    project.porch("resume", "--headless", expect=1)

    assert each_once(ran)
    assert 1 == len(setups.read_text().splitlines())
    assert 1 == len(list((project.root.parent / "app.porch" / project.rundir.run).iterdir()))
    assert 1 == len(project.events(e.SharedInspected))


@pytest.mark.slow
def test_what_checks_change_there_is_reported_with_whom_and_kept_by_clean(project: Project):
    project.plan(
        "slots: 1\n"
        "each:\n"
        "  - {id: 'r-{n}', items: {lines: seq 3}, kind: check, shared: true, run: test -e README.md}\n"
        "tasks:\n"
        "  w: {kind: check, shared: true, run: 'sleep 0.1; echo > made.txt; rm README.md; sleep 0.1'}\n"
    )

    project.porch("run", "--headless")

    (noticed,) = project.events(e.Noticed)
    assert "README.md, while w ran" in noticed.text
    assert "made.txt, while w ran" in noticed.text
    cleaned = project.porch("clean", "--dry-run", expect=None)
    assert "made.txt" in cleaned.stdout, cleaned.stdout
    worktrees = project.root.parent / "app.porch" / project.rundir.run
    project.porch("clean", expect=None)
    assert ["made.txt"] == [one.name for one in worktrees.glob("*/made.txt")], "what is only there stays"
    assert 1 == len(list(worktrees.iterdir())), "the one that is as it was goes"


@pytest.mark.slow
def test_a_shared_check_may_be_retried_in_the_worktree_there_is(project: Project):
    project.plan("tasks: {a: {kind: check, shared: true, run: test -e ../../../go}}\n")
    project.porch("run", "--headless", expect=1)

    (project.root.parent / "go").write_text("")
    project.porch("retry", "a")
    project.porch("resume", "--headless")

    assert {"a": "nothing-to-land"} == project.outcomes()


def test_after_max_fail_failures_the_rest_is_cancelled_with_the_reason(project: Project):
    project.plan(
        "slots: 1\n"
        "each: [{id: 't-{n}', items: {lines: seq 9}, kind: check, shared: true, max_fail: 2, run: exit 1}]\n"
    )

    project.porch("run", "--headless", expect=1)

    tasks = project.status()["tasks"]
    assert 2 == [task["outcome"] for task in tasks].count("failed")
    assert {"2 of t failed, and max_fail is 2"} == {
        task["reason"] for task in tasks if task["outcome"] == "stopped"
    }
