"""Changes of the shared configuration are reported with the tasks that ran and the command to undo them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.engine.effects.configuration_guard import ConfigurationGuard
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from project import Project
from tests.builders import failure, fold, opened, plan, start

A = e.AttemptId(TaskId("a"), 1)


class Guarded:
    """A project with a worktree of a task, and a guard that looks on demand."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.there = project.root.parent / "app-a"
        project.git("worktree", "add", "-q", "--detach", str(self.there))
        self.repository = discover(project.root)
        self.rundir = rundir.create(self.repository.common_dir, RunId("run-1"))
        self.offered: list[e.AnyEvent] = []
        self.state: RunState = start(opened(plan("a", "b")), "a")
        self.guard = self.another()
        self.guard.look()

    def another(self) -> ConfigurationGuard:
        """The guard of the next engine."""
        return ConfigurationGuard(
            self.repository, self.rundir, lambda *events: self.offered.extend(events), lambda: self.state
        )

    def set(self, *words: str) -> None:
        """Change the configuration as a task does, from its worktree."""
        self.project.git("config", *words, cwd=self.there)

    def noticed(self) -> list[e.Noticed]:
        found = [event for event in self.offered if isinstance(event, e.Noticed)]
        self.offered.clear()
        return found

    def configured(self) -> list[str]:
        file = self.project.root / ".git" / "config"
        return self.project.git("config", "--file", str(file), "--list").splitlines()

    def configured_in_any_order(self) -> list[str]:
        return sorted(self.configured())


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    return Guarded(Project(tmp_path))


GRAVE = [("core.bare", "true"), ("core.worktree", "../.."), ("extensions.unheardOf", "1")]
REPORTED = [
    ("core.hooksPath", "elsewhere"),
    ("user.name", "Bot"),
    ("user.email", "bot@example.org"),
    ("user.signingKey", "abc"),
    ("extensions.worktreeConfig", "true"),
    ("include.path", "/elsewhere/config"),
    ("includeIf.gitdir:~/work/.path", "/elsewhere/config"),
]


@pytest.mark.parametrize("key, value", [*GRAVE, *REPORTED])
def test_a_change_is_reported_once_with_the_running_tasks_and_the_command_to_undo_it(guarded, key, value):
    before = guarded.configured()
    guarded.set(key, value)

    guarded.guard.look()
    guarded.guard.look()

    [notice] = guarded.noticed()
    assert TaskId("a") == notice.task
    assert key.lower() in notice.text and f"'{value}'" in notice.text and "while a ran" in notice.text
    subprocess.run(notice.text.rpartition("To put it back: ")[2], shell=True, cwd="/", check=True)
    assert before == guarded.configured()
    guarded.guard.look()
    assert "as it was when the run began" in guarded.noticed()[0].text


@pytest.mark.parametrize("key, value", GRAVE)
def test_nothing_may_land_until_a_dangerous_change_is_undone(guarded, key, value):
    assert "" == guarded.guard.unsafe()
    guarded.set(key, value)

    why = guarded.guard.unsafe()

    assert why.startswith("since a ran, ") and key.lower() in why
    subprocess.run(why[why.index("git config") :], shell=True, cwd="/", check=True)
    assert "" == guarded.guard.unsafe()


def test_work_from_a_worktree_whose_git_acts_elsewhere_does_not_land(guarded):
    """Relative to the git directory: right for the main worktree, and another folder for every linked one."""
    guarded.set("extensions.worktreeConfig", "true")
    guarded.set("core.worktree", "..")

    assert "" == guarded.guard.unsafe()
    why = guarded.guard.unsafe([guarded.repository.at(guarded.there)])

    assert why.startswith("since a ran, core.worktree is ..") and str(guarded.there) in why


@pytest.mark.parametrize("key, value", REPORTED)
def test_other_changes_do_not_block_landings(guarded, key, value):
    guarded.set(key, value)

    assert "" == guarded.guard.unsafe()


def test_settings_that_are_not_watched_are_not_reported(guarded):
    guarded.set("branch.feature/a.remote", "origin")
    guarded.set("alias.x", "status")

    guarded.guard.look()

    assert [] == guarded.noticed()


@pytest.mark.parametrize("place", [".gitconfig", ".config/git/config"])
def test_a_change_of_the_persons_own_configuration_is_reported_as_well(tmp_path, monkeypatch, place):
    """`git config --global` in one task changes the author of commits in every repository."""
    home = tmp_path / "home"
    (home / place).parent.mkdir(parents=True)
    (home / place).write_text("[user]\n\tname = Ann\n")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(home))
    guarded = Guarded(Project(tmp_path))

    guarded.set("--global", "user.name", "Bot")
    guarded.set("--global", "alias.x", "status")
    guarded.guard.look()

    [notice] = guarded.noticed()
    assert "user.name was changed from 'Ann' to 'Bot'" in notice.text and "while a ran" in notice.text
    assert "all your repositories" in notice.text
    assert "" == guarded.guard.unsafe()
    subprocess.run(notice.text.rpartition("To put it back: ")[2], shell=True, cwd="/", check=True)
    guarded.guard.look()
    assert "as it was when the run began" in guarded.noticed()[0].text


def test_several_values_of_a_key_are_restored_in_order(guarded):
    guarded.set("--add", "user.name", "Eve")
    guarded.guard.look()
    before = guarded.configured_in_any_order()
    guarded.noticed()
    guarded.set("--replace-all", "user.name", "Bot")

    guarded.guard.look()

    [notice] = guarded.noticed()
    subprocess.run(notice.text.rpartition("To put it back: ")[2], shell=True, cwd="/", check=True)
    assert before == guarded.configured_in_any_order()


def test_a_change_is_reported_before_the_end_of_the_task_that_made_it(guarded):
    guarded.set("core.bare", "true")

    guarded.guard.offer(e.AttemptStopped(A))

    assert [e.Noticed, e.AttemptStopped] == [type(event) for event in guarded.offered]


def test_a_change_while_no_task_runs_is_attributed_to_none(guarded):
    guarded.state = fold(guarded.state, e.AttemptFailed(A, failure()))
    guarded.guard.look()
    guarded.set("core.bare", "true")
    guarded.guard.look()

    [notice] = guarded.noticed()
    assert None is notice.task and "while no task of this run was running" in notice.text
    assert guarded.guard.unsafe().startswith("core.bare is true")


def test_an_engine_that_takes_over_reports_what_changed_meanwhile(guarded):
    guarded.set("core.bare", "true")

    another = guarded.another()
    another.look()

    [notice] = guarded.noticed()
    assert "core.bare was changed from 'false' to 'true'" in notice.text
    guarded.set("core.bare", "false")
    another.look()
    assert "as it was when the run began" in guarded.noticed()[0].text


def test_a_damaged_record_counts_as_missing(guarded):
    guarded.rundir.configuration.write_text("{}")
    guarded.set("core.bare", "true")

    guarded.another().look()

    assert [] == guarded.noticed()
    assert "core.bare" in guarded.another().unsafe()
