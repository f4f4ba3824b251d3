"""A task's branch moves after the task is done: nothing unvalidated lands, and the run does not get stuck."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow


@pytest.fixture
def moved(project: Project) -> Project:
    """A run at rest: its landing waited for a file of the person, who then committed to the branch."""
    project.commit({"shared": "old\n"})
    project.plan("validate: test -e shared\ntasks:\n  a: {run: 'echo new > shared'}\n")
    project.write("shared", "mine\n")
    project.porch("run", "--headless", expect=1)
    worktree = project.root.parent / "app-a"
    (worktree / "more").write_text("more\n")
    project.git("add", "-A", cwd=worktree)
    project.git("commit", "-q", "-m", "more", cwd=worktree)
    project.write("shared", "old\n")
    return project


def test_a_moved_branch_does_not_land_and_needs_the_person(moved: Project):
    frozen = moved.events(e.EntryQueued)[0].head

    moved.porch("resume", "--headless", expect=1)

    need = moved.status()["needs_you"][0]
    at = moved.git("rev-parse", "feature/a")
    assert f"its branch feature/a is at {at[:10]} by now, but {frozen[:10]} was merged" in need["why"]
    assert ("porch requeue a", []) == (need["next"], moved.landed())


def test_a_requeued_branch_is_merged_validated_and_landed_at_its_new_tip(moved: Project):
    moved.porch("resume", "--headless", expect=1)

    moved.porch("requeue", "a")
    moved.porch("resume", "--headless")

    assert (["a"], "more") == (moved.landed(), moved.git("show", "main:more"))
    assert moved.git("rev-parse", "feature/a") == moved.git("rev-parse", "main^2")
    validated = moved.git("log", "-1", "--format=%(trailers:key=Porch-Validated,valueonly)", "main")
    assert moved.git("rev-parse", "main^{tree}") == validated.strip()


def test_a_branch_that_was_reset_lands_as_it_was(moved: Project):
    moved.porch("resume", "--headless", expect=1)
    frozen = moved.events(e.EntryQueued)[0].head
    moved.git("reset", "-q", "--hard", frozen, cwd=moved.root.parent / "app-a")

    moved.porch("requeue", "a")
    moved.porch("resume", "--headless")

    assert frozen == moved.git("rev-parse", "main^2")


def test_a_replaced_head_survives_gc(moved: Project):
    frozen = moved.events(e.EntryQueued)[0].head
    worktree = moved.root.parent / "app-a"
    moved.git("reset", "-q", "--hard", "main", cwd=worktree)
    (worktree / "other").write_text("other\n")
    moved.git("add", "-A", cwd=worktree)
    moved.git("commit", "-q", "-m", "instead", cwd=worktree)
    moved.porch("resume", "--headless", expect=1)
    moved.porch("requeue", "a")
    moved.porch("resume", "--headless")

    moved.git("reflog", "expire", "--expire=now", "--all")
    moved.git("gc", "-q", "--prune=now")

    assert "new" == moved.git("show", f"{frozen}:shared")
    assert ("old", "other") == (moved.git("show", "main:shared"), moved.git("show", "main:other"))


def test_a_deleted_branch_is_reported_with_the_command_that_restores_it(moved: Project):
    frozen = moved.events(e.EntryQueued)[0].head
    moved.git("checkout", "-q", "--detach", cwd=moved.root.parent / "app-a")
    moved.git("branch", "-q", "-D", "feature/a")
    moved.porch("resume", "--headless", expect=1)
    assert f"git branch feature/a {frozen[:10]}" in moved.status()["needs_you"][0]["why"]

    moved.porch("requeue", "a")
    moved.porch("resume", "--headless", expect=1)
    assert "rejected" == moved.outcomes()["a"]
    moved.git("branch", "feature/a", frozen)
    moved.porch("requeue", "a")
    moved.porch("resume", "--headless")

    assert ["a"] == moved.landed()
