"""A validation keeps its worktree as long as it needs it, whichever engine started it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import RunId, Sha
from porch_tui.core.model.state import RunState
from porch_tui.engine.effects import validation_worktrees
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validation_worktrees import ValidationWorktrees
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from porch_tui.process import control, liveness, spawn
from porch_tui.process.assignment import Assignment, Step
from project import Project, until
from tests.builders import fold, opened

TREE, OTHER = Sha("t" * 40), Sha("u" * 40)


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    repository = discover(Project(tmp_path).root)
    run = rundir.create(repository.common_dir, RunId("run-1"))
    made = Tools.of_run(repository, run, lambda *events: None, lambda: fold(opened()))
    yield made
    for directory in made.rundir.validations.iterdir():
        control.stop(directory, 0.0)
        liveness.wait(directory, 10.0)


def validating(*trees: Sha) -> RunState:
    """Return a run that is validating these trees."""
    return fold(opened(), *(e.ValidationScheduled(tree, 1, Sha(f"c{tree}"), ()) for tree in trees))


def begun_by_another_engine(tools: Tools, tree: Sha, command: str) -> Path:
    """Start a validation in the first worktree as an earlier engine; return its directory."""
    directory = tools.rundir.validation(tree, 1)
    place = ValidationWorktrees(tools).folder() / "validate-1"
    place.mkdir(parents=True, exist_ok=True)
    step = Step("validate", ("/bin/sh", "-c", command))
    spawn.start(Assignment(directory, (step,), place, {"PATH": "/usr/bin:/bin"}, None, 0.0))
    return directory


def taken(tools: Tools, pool: ValidationWorktrees, tree: Sha, state: RunState) -> str:
    """Return the name of the worktree a validation gets."""
    directory = tools.rundir.validation(tree, 1)
    return pool.acquire(liveness.find(directory), directory, state).name


def test_a_released_worktree_is_reused(tools: Tools):
    pool, state = ValidationWorktrees(tools), validating(TREE, OTHER)

    assert ["validate-1", "validate-2"] == [taken(tools, pool, tree, state) for tree in (TREE, OTHER)]
    pool.release(pool.folder() / "validate-1")
    assert "validate-1" == taken(tools, pool, OTHER, state)


def test_a_worktree_about_to_be_released_is_waited_for(tools: Tools, monkeypatch):
    monkeypatch.setattr(validation_worktrees, "ENDING_S", 30.0)
    pool, both, only_other = ValidationWorktrees(tools), validating(TREE, OTHER), validating(OTHER)
    first = pool.folder() / taken(tools, pool, TREE, both)
    first.mkdir(parents=True)
    leaving = threading.Timer(0.02, pool.release, [first])

    leaving.start()
    assert "validate-1" == taken(tools, pool, OTHER, only_other)
    leaving.join()


def test_a_worktree_that_is_not_released_is_not_waited_for_long(tools: Tools):
    pool, both, only_other = ValidationWorktrees(tools), validating(TREE, OTHER), validating(OTHER)
    taken(tools, pool, TREE, both)

    assert "validate-2" == taken(tools, pool, OTHER, only_other)


@pytest.mark.parametrize("command", ["sleep 600", "true"], ids=["that runs", "that has ended"])
def test_a_validation_of_an_earlier_engine_keeps_its_worktree_until_it_is_collected(
    tools: Tools, command: str
):
    directory = begun_by_another_engine(tools, TREE, command)
    until(lambda: command != "true" or isinstance(liveness.find(directory), liveness.Ended), "its end")
    pool, state = ValidationWorktrees(tools), validating(TREE, OTHER)

    assert "validate-2" == taken(tools, pool, OTHER, state)
    assert "validate-1" == taken(tools, pool, TREE, state)


def test_an_unwanted_validation_is_stopped_and_keeps_its_worktree_until_it_is_gone(tools: Tools):
    directory = begun_by_another_engine(tools, TREE, "trap 'sleep 0.3; exit' TERM; sleep 600 & wait")
    pool, state = ValidationWorktrees(tools), validating(OTHER)

    assert "validate-2" == taken(tools, pool, OTHER, state)
    assert isinstance(liveness.wait(directory, 30.0), liveness.Ended)
    assert "validate-1" == taken(tools, pool, TREE, state)


def test_an_unwanted_validation_is_stopped_even_if_no_other_starts(tools: Tools):
    """Its engine was killed after it had noted that the validation is stopped, and before it was."""
    directory = begun_by_another_engine(tools, TREE, "sleep 600")
    control.set_paused(directory, True)

    ValidationWorktrees(tools).adopt(validating(OTHER))

    until(lambda: isinstance(liveness.find(directory), liveness.Ended), "its end")
