"""What a forecast costs, and what it knows from earlier runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from porch_tui.core.model.events import StepUsed
from porch_tui.journal import durations
from porch_tui.journal.durations import Took, digest
from project import Project

PLAN = "tasks:\n  a: {run: echo a > a.txt}\n  b: {run: echo b > b.txt}\n"


def forecast(project: Project, *words: str) -> dict[str, Any]:
    """Return what `porch check` says."""
    document: dict[str, Any] = json.loads(project.porch("check", "--json", *words).stdout)
    return document


def remember(project: Project, task: str, command: str, *took: tuple[float, float], run: str = "run") -> None:
    """Record what runs took, by the processor and waiting seconds of a task's command."""
    (project.root / ".git/porch").mkdir(exist_ok=True)
    for number, (cpu_s, wait_s) in enumerate(took):
        steps = (StepUsed("run", cpu_s, wait_s),)
        of_run = f"{run}-{number}"
        note = Took(of_run, "porch", task, digest(("/bin/sh", "-c", command)), steps)
        durations.remember(project.root / ".git", of_run, [note])


def test_neither_check_nor_run_creates_a_worktree_only_to_measure_it(project: Project):
    project.plan(PLAN)
    beside = {path.name for path in project.root.parent.iterdir()}

    project.porch("check")
    asked = {path.name for path in project.root.parent.iterdir()}
    project.porch("run", "--headless")

    assert beside == asked
    made = {path.name for path in project.root.parent.iterdir()} - beside
    assert {"app-a", "app-b"} == made - {f"{project.root.name}.porch"}


def test_the_next_forecast_knows_how_long_worktrees_and_tasks_of_a_run_took(project: Project):
    project.plan(PLAN)
    project.porch("run", "--headless")

    took_s = json.loads((project.root / ".git/porch/overhead.json").read_bytes())["worktree_s"]
    tasks = forecast(project)["tasks"]

    assert 0 < took_s < 60
    assert [one["estimate_from"] for one in tasks] == ["history", "history"]


def test_history_is_the_median_of_runs_in_processor_and_waiting_time(project: Project):
    project.plan(PLAN)
    remember(project, "a", "echo a > a.txt", (3.0, 1.0), (90.0, 80.0), (2.0, 1.0))

    assert forecast(project)["tasks"][0]["estimate_s"] == 4.0


def test_another_plan_with_the_same_command_knows_what_it_took_and_another_command_does_not(
    project: Project,
):
    project.plan("name: other\ntasks:\n  x: {run: echo a > a.txt}\n  a: {run: echo other > a.txt}\n")
    remember(project, "a", "echo a > a.txt", (3.0, 1.0))

    same, other = forecast(project)["tasks"]

    assert (same["estimate_from"], same["estimate_s"]) == ("history", 4.0)
    assert other["estimate_from"] == "default"


def test_the_same_task_counts_more_than_another_one_with_its_command(project: Project):
    project.plan(PLAN)
    remember(project, "a", "echo a > a.txt", (1.0, 0.0))
    remember(project, "z", "echo a > a.txt", (50.0, 0.0), run="later")

    assert forecast(project)["tasks"][0]["estimate_s"] == 1.0


def test_a_task_that_changed_nothing_is_expected_to_change_nothing_again(project: Project):
    project.plan("validate: 'true'\ntasks: {a: {run: 'true'}, b: {run: 'true'}}\n")
    project.porch("run", "--headless")

    assert forecast(project)["times"]["validations"] == 0


@pytest.mark.slow
def test_three_quick_tasks_stay_serial_once_history_exists(project: Project):
    project.plan("tasks:\n" + "".join(f"  {name}: {{run: sleep 0.2, estimate: 0.2s}}\n" for name in "abc"))
    cold = forecast(project)
    project.porch("run", "--headless")

    assert cold["verdict"]["choice"] == forecast(project)["verdict"]["choice"] == "serial"


def test_what_copying_takes_is_known_after_the_first_run_and_named_before(project: Project):
    project.write(".gitignore", "cache\n")
    project.write("cache", "x" * 1000)
    project.plan(f"copy: [cache]\n{PLAN}")
    cold = forecast(project)["times"]
    project.porch("run", "--headless")
    known = json.loads((project.root / ".git/porch/overhead.json").read_bytes())

    assert "copied files, which no earlier run has timed" in cold["not_counted"]
    assert known["copied"] == ["cache"]
    assert known["copy_s"] > 0
    assert forecast(project)["times"]["not_counted"] == []


@pytest.mark.slow
def test_what_judging_takes_is_known_after_the_first_run_and_guessed_before(project: Project):
    project.commit({"n": "5\n"})
    judge = "judge: 'sleep 0.3; cat n', want: min, repeat: 1, estimate: 9s"
    theories = (
        "a: {kind: hypothesis, of: slow, run: echo 1 > n}, b: {kind: hypothesis, of: slow, run: 'true'}"
    )
    project.plan(f"hypotheses: {{slow: {{question: Why?, {judge}}}}}\ntasks: {{{theories}}}\n")
    cold = forecast(project)["times"]
    project.porch("run", "--headless")
    known = forecast(project)["times"]

    assert cold["judging_s"] > 3 * 9
    assert 3 * 0.3 < known["judging_s"] < 3 * 9


def test_a_judge_of_which_nothing_is_known_is_guessed_within_its_time_limit(project: Project):
    project.plan(
        "hypotheses: {slow: {question: Why?, judge: ./judge, want: min, timeout: 2s}}\n"
        "tasks: {a: {kind: hypothesis, of: slow, run: 'true', estimate: 5s}}\n"
    )
    times = forecast(project)["times"]

    assert "the judge of slow" in times["guessed"]
    assert times["judging_s"] < 2 * 3 * 2.5
