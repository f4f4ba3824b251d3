"""What happens outside the worktrees while a task runs; the test is the task, and the person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers import outside_changes
from porch_tui.engine.watchers.outside_changes import OutsideChangesWatch
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from porch_tui.process import control, liveness, spawn
from porch_tui.process.assignment import Assignment, Step
from project import Project, until
from tests.builders import attempt, opened, plan, start, with_target


class Watched:
    """A run in which `a` runs, and a watch that looks on demand."""

    def __init__(self, project: Project) -> None:
        tip = Sha(project.git("rev-parse", "HEAD"))
        state = replace(with_target(opened(plan("a")), base=tip, tip=tip), root=str(project.root))
        state = start(state, "a")
        repository = discover(project.root)
        run = rundir.create(repository.common_dir, state.run)
        self.offered: list[e.AnyEvent] = []
        self.tools = Tools.of_run(repository, run, lambda *events: self.offered.extend(events), lambda: state)
        self.directory = run.attempt("a.1")
        self.watch = OutsideChangesWatch(self.tools, lambda: state)

    def look(self) -> list[e.AnyEvent]:
        """Look once more, and return what is offered."""
        self.offered.clear()
        self.watch.look()
        return [*self.offered]


@pytest.fixture
def watched(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(outside_changes, "FILES_PERIOD_S", 0.0)
    monkeypatch.setattr(outside_changes, "PAUSE_FACTOR", 0)
    watched = Watched(project)
    assert [] == watched.look()
    yield watched
    if control.stop(watched.directory, 0.0):
        liveness.wait(watched.directory, 10.0)


def test_a_change_of_the_persons_checkout_is_reported_once_without_blame(project: Project, watched: Watched):
    project.write("notes", "mine\n")

    text = "your own checkout changed: notes, while a ran; this may have been a task or you"
    assert [e.Noticed(text)] == watched.look()
    assert [] == watched.look()


def test_a_task_with_a_process_in_the_changed_folder_is_named(project: Project, watched: Watched):
    step = Step("run", ("/bin/sh", "-c", "echo > notes; exec sleep 600"))
    env = {"PATH": "/usr/bin:/bin"}
    spawn.start(Assignment(watched.directory, (step,), project.root, env, None, 0.0))
    until((project.root / "notes").exists, "the task to write")

    noticed, escaped = watched.look()

    text = "your own checkout changed: notes; a had processes in that folder"
    assert e.Noticed(text, attempt("a").task) == noticed
    assert isinstance(escaped, e.AttemptEscaped) and attempt("a") == escaped.attempt


def test_a_stash_is_kept_although_another_task_may_pop_it(project: Project, watched: Watched):
    project.write("README.md", "of a\n")
    project.git("stash", "-q")

    [noticed] = watched.look()

    assert isinstance(noticed, e.Noticed) and "a stash was made" in noticed.text
    kept = Path(noticed.text.rpartition(" ")[2])
    assert "of a" == project.git("show", f"{kept}:README.md")
