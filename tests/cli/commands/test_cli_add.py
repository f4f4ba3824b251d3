"""`porch add`: new tasks for a run, with an engine and without one, checked as a plan is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from in_process import CommandResult, porch

from porch_tui.core.model import events as e
from project import Project, until
from tests.at_rest import at_rest

PLAN = """\
target: main
validate: "true"
agents: {fast: [sh, -c, 'echo "$1" > note', sh, "{prompt}"]}
defaults: {timeout: 10m, checks: test -d .}
tasks:
  a: {run: 'echo a > a'}
"""
MORE = """\
tasks:
  docs: {run: 'echo d > docs', after: [a]}
  site: {agent: fast, prompt: build it, after: [docs]}
"""


def ended_run(project: Project) -> None:
    project.plan(PLAN)
    project.porch("run", "--headless")


@pytest.fixture
def resting() -> Project:
    """A run without an engine, in which `a` has landed."""
    return at_rest(ended_run)


@pytest.fixture
def alive(project: Project, engine: Callable[[Project, str], None]) -> Project:
    """A run with an engine and a free slot, in which `a` runs."""
    engine(project, PLAN.replace("echo a > a", "sleep 600").replace("target: main", "slots: 2"))
    return project


@pytest.mark.slow
def test_a_task_that_is_added_to_a_living_run_starts_and_lands(alive: Project):
    added = porch(alive, "add", "docs", "--run", "echo d > docs", "--paths", "docs")

    assert (0, "add docs: added; starts when there is a slot\n") == (added.code, added.out)
    until(alive.landed, "the landing")
    (event,) = alive.events(e.TasksAdded)
    assert ("docs",) == event.specs[0].paths
    assert (600.0, 1) == (event.specs[0].timeout_s, len(event.specs[0].checks)), "as the plan's defaults say"
    task = alive.status()["tasks"][1]
    assert ("docs", "landed") == (task["id"], task["outcome"])
    assert task["added_at"] is not None


@pytest.mark.slow
def test_tasks_that_are_added_to_a_resting_run_wait_for_the_next_engine(resting: Project):
    added = porch(resting, "add", "docs", "--run", "echo d > docs")
    (waiting,) = resting.status()["waiting_commands"]
    again = porch(resting, "add", "docs", "--run", "true")
    behind = porch(resting, "add", "site", "--agent", "fast", "--prompt", "build it", "--after", "docs")
    resting.porch("resume", "--headless")

    assert (0, "add docs") == (added.code, waiting)
    assert "nothing is running; start it with: porch resume" in added.err
    assert (2, "porch: ID: the run has a task 'docs' already; expected another id\n") == (
        again.code,
        again.err,
    )
    assert 0 == behind.code
    assert ["site", "docs", "a"] == resting.landed()
    assert "build it" == resting.git("show", "main:note")
    assert "Added later, and in no forecast: docs +" in porch(resting, "report").out


def test_the_tasks_of_a_plan_file_are_added_together(resting: Project):
    resting.write("more.yaml", MORE + "target: main\nname: other\n")

    added = porch(resting, "add", str(resting.root / "more.yaml"), "--json")
    resting.porch("resume", "--headless")

    assert "add docs, site" == added.json["commands"][0]["command"]
    assert 1 == len(resting.events(e.TasksAdded))
    assert ["site", "docs", "a"] == resting.landed()


def refused(resting: Project, *words: str) -> CommandResult:
    """Return the result of a command that must be refused as a wrong plan is, and change nothing."""
    before = (resting.rundir.journal.read_bytes(), list(resting.rundir.inbox.glob("*.json")))
    result = porch(resting, "add", *words)
    assert (2, "") == (result.code, result.out)
    assert before == (resting.rundir.journal.read_bytes(), list(resting.rundir.inbox.glob("*.json")))
    return result


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a", "--run", "true"), "ID: the run has a task 'a' already"),
        (("A b", "--run", "true"), "ID: found 'A b'; expected an id"),
        (("b", "--run", "true", "--after", "aa"), "--after: found 'aa'; expected the id of a task"),
        (("b", "--run", "true", "--after", "b"), "--after: found 'b' itself"),
        (("b", "--agent", "fst", "--prompt", "x"), "--agent: found 'fst'; expected an entry of 'agents'"),
        (("b", "--agent", "fast"), "ID: found 'agent'; expected either 'run', or 'agent' with 'prompt'"),
        (("b", "--run", "true", "--paths", "../x"), "--paths: found '../x'"),
        (("b", "--run", "true", "--set", "retries=x"), "--set retries: found 'x'; expected a whole number"),
        (("b", "--run", "true", "--set", "trials=1"), "--set trials: unknown key 'trials'"),
        (("b", "--run", "true", "--set", "retries"), "--set retries: expected KEY=VALUE"),
        (("b", "--run", "true", "--set", "after=[a"), "--set after: found something that is not YAML"),
        (("b", "--run", "true", "--set", "run=x"), "--set run=x: run is given twice"),
        (("b",), "b: there is no such plan file, and a new task of that id has to say what it does"),
        (("b.yaml",), "b.yaml: cannot read the plan: there is no such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_task_of_the_run_is_refused_with_its_option(
    resting: Project, words: tuple[str, ...], message: str
):
    assert message in refused(resting, *words).err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tasks:\n  a: {run: x}\n", "2:3: tasks.a: the run has a task 'a' already"),
        ("tasks:\n  b: {run: x, after: [c]}\n", "2:23: tasks.b.after[0]: found 'c'"),
        (
            "tasks:\n  b: {run: x, after: [c]}\n  c: {run: x, after: [b]}\n",
            "found a cycle: b -> c -> b",
        ),
        ("target: dev\ntasks: {b: {run: x}}\n", "1:1: target: the run has another value"),
        ("setup: make\ntasks: {b: {run: x}}\n", "1:1: setup: the run has another value"),
        (
            "agents: {mine: {preset: codx}}\ntasks: {b: {agent: mine, prompt: x}}\n",
            "agents.mine.preset: found 'codx'",
        ),
        ("tasks: [b]\n", "1:8: tasks: found a list"),
        ("- b\n", "1:1: found a list"),
        ("tasks: {b: {run: x}\n", "found something that is not YAML"),
    ],
)
def test_a_plan_file_that_does_not_fit_the_run_is_refused_with_its_lines(
    resting: Project, text: str, message: str
):
    file = resting.write("more.yaml", text)

    assert f"{file}:" in (error := refused(resting, str(file)).err)
    assert message in error


def test_a_preset_without_its_program_is_refused_with_its_place(resting: Project, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    file = resting.write("more.yaml", "tasks:\n  b: {agent: codex, prompt: x}\n")

    assert (
        "--agent: found no program codex on PATH"
        in refused(resting, "b", "--agent", "codex", "--prompt", "x").err
    )
    assert "more.yaml:2:14: tasks.b.agent: found no program codex" in refused(resting, str(file)).err


def test_another_agent_of_the_same_name_is_refused(resting: Project):
    porch(resting, "add", "b", "--agent", "fast", "--prompt", "x")
    file = resting.write(
        "more.yaml", 'agents: {fast: [other, "{prompt}"]}\ntasks: {c: {agent: fast, prompt: x}}\n'
    )

    assert "1:10: agents.fast: the run has another agent 'fast'" in refused(resting, str(file)).err


def test_a_worktree_in_the_way_is_refused_before_anything_is_added(resting: Project):
    (resting.root.parent / "app-b").mkdir()
    (resting.root.parent / "app-b" / "mine").touch()

    result = porch(resting, "add", "b", "--run", "true")

    assert 3 == result.code
    assert "app-b" in result.err
    assert [] == resting.status()["waiting_commands"]


def test_nothing_is_added_to_a_closed_run(resting: Project):
    porch(resting, "close")

    result = porch(resting, "add", "b", "--run", "true")

    assert (4, "porch: Can't add b: the run is closed\n") == (result.code, result.err)


def test_a_run_of_an_earlier_porch_takes_tasks_without_defaults(resting: Project):
    resting.rundir.plan.unlink()

    assert 0 == porch(resting, "add", "b", "--run", "echo b > b").code
    resting.porch("resume", "--headless")

    assert ["b", "a"] == resting.landed()
    (event,) = resting.events(e.TasksAdded)
    assert () == event.specs[0].checks


def test_a_program_reads_which_task_was_added(resting: Project):
    added = porch(resting, "add", "docs", "--run", "echo d > docs", "--json")

    assert ["docs"] == [command["task"] for command in json.loads(added.out)["commands"]]
