"""`porch run`, `resume`, `demo` and `engine`: in the foreground, as records, detached, interrupted."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from porch_tui.git.worktree.base_checkout import WORTH_FILES
from project import Project, kill, until

TWO = "validate: test ! -e bad\ntasks:\n  a: {run: 'echo a > a'}\n  fails: {run: 'exit 3'}\n"
ENDLESS = "tasks:\n  a: {run: 'sleep 600'}\n"
DEAF = "tasks:\n  a: {run: \"trap '' TERM; while :; do sleep 0.1; done\"}\n"


def test_a_run_in_the_foreground_prints_what_happens_then_the_status_and_leaves_a_report(project: Project):
    project.plan(TWO)

    printed = porch(project, "run", "--headless")

    assert 1 == printed.code
    changes, _, status = printed.out.partition("\n\n")
    assert "a        landed as " in changes and "fails    failed: exit 3" in changes
    assert "1 of 2 tasks landed, no engine, at rest" in status
    assert printed.err.startswith(f"run {project.rundir.run}: parallel, ")
    assert "1 of 2 tasks landed" in project.rundir.report.read_text()


@pytest.fixture
def many(project: Project) -> Project:
    """A project with so many files that the base is checked out to be copied."""
    for number in range(WORTH_FILES):
        project.write(f"many/{number}", f"{number}\n")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "many")
    return project


def test_many_files_are_checked_out_once_and_copied_for_the_tasks(many: Project):
    project = many
    tasks = "".join(f"  {name}: {{run: 'ls many | wc -l > {name}'}}\n" for name in "abc")
    project.plan(f"validate: test -e many/1\ntasks:\n{tasks}")

    assert 0 == porch(project, "run", "--headless").code
    assert {"a", "b", "c"} == set(project.landed())
    assert {str(WORTH_FILES)} == {(project.root / name).read_text().strip() for name in "abc"}
    assert [] == [*(project.root / ".git/porch").glob("base-checkout-*")]


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        pytest.param("tasks:\n" + "  a: {run: x}\n" * 3, "porch.yaml:3:3: tasks.a:", id="a wrong plan"),
        pytest.param(
            "worktree: '../app'\ntasks:\n" + "".join(f"  {name}: {{run: x}}\n" for name in "abc"),
            "worktree:",
            id="a plan that does not fit",
        ),
    ],
)
def test_what_was_begun_for_a_plan_that_is_refused_is_gone(many: Project, plan: str, why: str):
    many.plan(plan)

    refused = porch(many, "run", "--headless")

    assert 2 == refused.code and why in refused.err
    assert [] == [*(many.root / ".git/porch").glob("*")]
    assert "" == many.git("status", "--porcelain", "--ignored", "--", ".", ":!porch.yaml")


@pytest.mark.parametrize(
    ("head", "is_newest"), [("base: HEAD~2\n", False), ("target: other\n", False), ("", True)]
)
def test_tasks_have_the_files_of_their_base_wherever_the_plan_says_that_it_is(
    many: Project, head: str, is_newest: bool
):
    many.git("branch", "other")
    many.write("newest", "1\n")
    many.git("add", "newest")
    many.git("commit", "-q", "-m", "newest")
    many.plan(head + "tasks:\n" + "".join(f"  {name}: {{run: 'ls > list-{name}'}}\n" for name in "abc"))

    assert 0 == porch(many, "run", "--headless").code
    listed = many.git("show", "feature/a:list-a").splitlines()
    assert ("newest" in listed, "many" in listed) == (is_newest, True)


def test_for_a_program_each_record_is_a_line_and_the_status_is_the_last(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > a'}\n")

    printed = porch(project, "run", "--json", "--serial", "--fresh")

    *records, status = map(json.loads, printed.out.splitlines())
    assert 0 == printed.code
    assert [one.seq for one in project.records()[1:]] == [one["seq"] for one in records]
    assert {"a": "landed"} == {task["id"]: task["outcome"] for task in status["tasks"]}


def test_a_run_is_resumed_unless_it_is_closed(project: Project):
    project.plan(TWO)
    porch(project, "run", "--headless")
    porch(project, "pause")

    assert 1 == porch(project, "resume", "--headless").code
    porch(project, "close")
    refused = porch(project, "resume", "--headless")

    assert 4 == refused.code
    assert "is closed and cannot be resumed; porch run starts another" in refused.err


def test_a_target_that_fails_its_validation_keeps_nothing_from_landing_once_that_is_allowed(project: Project):
    project.plan("validate: test -e never\ntasks:\n  a: {run: 'echo a > a'}\n")

    assert 1 == porch(project, "run", "--headless").code
    assert [] == project.landed()
    porch(project, "resume", "--headless", "--allow-red-base")

    assert ["a"] == project.landed()


def test_a_second_run_of_a_plan_is_refused_while_an_engine_works_on_the_first(
    project: Project, engine: Callable[[Project, str], None]
):
    engine(project, ENDLESS)

    refused = porch(project, "run", "--headless")

    assert 4 == refused.code
    assert f"porch.yaml is already running as {project.rundir.run}" in refused.err
    assert 2 == porch(project, "run", "--headless", "--beside", "--on", "the-moon").code


def test_a_task_cannot_start_a_run_of_its_own_repository_by_mistake(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project.plan("tasks:\n  a: {run: 'true'}\n")
    project.porch("run", "--headless")
    monkeypatch.setenv("PORCH_RUN", project.rundir.run)
    monkeypatch.setenv("PORCH_TASK", "a")

    refused = porch(project, "run", "--headless")

    assert 4 == refused.code
    assert "was called by the task a" in refused.err
    other = tmp_path / "other"
    other.mkdir()
    assert 2 == porch(Project(other), "run").code, "it has no plan, but nothing against the caller"


@pytest.mark.slow
def test_a_detached_engine_works_on_after_the_command_has_printed_the_run(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > a'}\n")

    printed = porch(project, "run", "--detach")

    assert (0, f"{project.rundir.run}\n") == (printed.code, printed.out)
    until(lambda: ["a"] == project.landed(), "the landing")
    until(lambda: porch(project, "status", "--json").json["engine"] == "gone", "the end of the engine")
    assert 0 == porch(project, "resume", "--detach").code, "there is nothing left to do"


def test_the_engine_that_a_screen_starts_prints_lines_and_concludes(project: Project):
    project.plan(TWO)
    porch(project, "run", "--headless")
    porch(project, "retry", "fails")
    project.rundir.report.unlink()
    before = signal.getsignal(signal.SIGHUP)
    try:
        printed = porch(project, "engine", project.rundir.run)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert 1 == printed.code
    assert "fails    failed: exit 3" in printed.out
    assert project.rundir.report.exists()


@pytest.mark.parametrize(("plan", "times"), [(ENDLESS, 1), (DEAF, 2)])
def test_an_interrupted_run_stops_its_tasks_and_kills_them_the_second_time(
    project: Project, plan: str, times: int
):
    project.plan(plan)

    def interrupt() -> None:
        until(lambda: project.events(e.AttemptStarted), "the task")
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            until(lambda: project.events(e.StopRequested), "the request")

    thread = threading.Thread(target=interrupt)
    thread.start()
    printed = porch(project, "run", "--headless")
    thread.join()

    assert 130 == printed.code
    assert "porch: stopping all tasks; interrupt again to kill them" in printed.err
    assert ("porch: killing all tasks" in printed.err) == (times == 2)
    assert "cancelled" == porch(project, "status", "--json").json["tasks"][0]["status"]


def test_tasks_that_have_outlived_their_engine_are_stopped_without_one(project: Project):
    project.plan(ENDLESS)
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task")
    kill(process)

    printed = porch(project, "stop", "--all")

    assert 0 == printed.code
    assert "stop a: " in printed.out
    assert project.events(e.AttemptStopped)


def test_the_tour_makes_its_repository_and_starts(tmp_path: Path, project: Project):
    folder = tmp_path / "tour"
    folder.mkdir()

    printed = porch(project, "demo", "--detach", str(folder))

    assert 0 == printed.code
    (root,) = [path.parent for path in folder.glob("**/porch.yaml") if (path.parent / ".git").is_dir()]
    tour = Project.at(root)
    assert f"{tour.rundir.run}\n" == printed.out
    assert 0 == porch(tour, "stop", "--all", "--now").code
