"""`porch clean` removes what has landed or is empty, says why it keeps the rest, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import CommandResult, porch

from porch_tui.core.model import events as e
from porch_tui.git.worktree.removal import _PREFIX
from project import Project
from tests.at_rest import at_rest

PLAN = """\
validate: test -e README.md
copy: [kept.env, changed.env]
tasks:
  landed: {run: 'echo > landed'}
  idle: {run: 'true'}
  failed: {run: 'exit 3'}
  dirty: {run: 'echo work > draft; exit 3'}
  clash1: {run: 'echo 1 > same'}
  clash2: {run: 'until git -C ../app show main:same >/dev/null 2>&1; do sleep 0.1; done; echo 2 > same'}
  ignored:
    run: |
      mkdir __pycache__ build; echo > __pycache__/a.pyc; echo made > build/out; echo mine > notes.log
      echo edited > changed.env
"""


@pytest.fixture
def run() -> Project:
    """A run at rest with a worktree of each kind."""
    return at_rest(run_of_each_kind)


def run_of_each_kind(project: Project) -> None:
    """Leave a worktree of each kind."""
    project.commit({".gitignore": "*.env\n*.log\n__pycache__/\nbuild/\n"})
    project.write("kept.env", "secret\n")
    project.write("changed.env", "secret\n")
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)


def worktrees(project: Project) -> set[str]:
    """Return the folders of the tasks' worktrees."""
    return {path.name.removeprefix("app-") for path in project.root.parent.glob("app-*")}


def branches(project: Project) -> set[str]:
    """Return the tasks' branches."""
    listed = project.git("for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/feature")
    return set(listed.split())


def candidates(cleaned: CommandResult) -> dict[str, Any]:
    """Return what became of each cleanup candidate, by kind and the end of its name."""
    found = [one for run in cleaned.json["runs"] for one in run["leftovers"]]
    return {f"{one['kind']} {one['name'].rpartition('/')[2]}": one for one in found}


def test_what_holds_no_work_is_removed_and_what_holds_work_stays(run: Project):
    cleaned = porch(run, "clean", "--json")

    assert 0 == cleaned.code
    assert {"dirty", "clash2"} == worktrees(run)
    assert {"dirty", "clash2"} == branches(run)
    whys = {name: one["why"] for name, one in candidates(cleaned).items() if not one["removed"]}
    assert {
        "worktree app-dirty": "uncommitted: draft",
        "worktree app-clash2": "1 commit not in main",
        "branch dirty": "its worktree stays",
        "branch clash2": "its worktree stays",
    } == whys
    assert not [one for one in candidates(porch(run, "clean", "--json")).values() if one["removed"]]


def test_nothing_a_person_wrote_is_lost(run: Project):
    clash = run.git("rev-parse", "feature/clash2")

    cleaned = porch(run, "clean", "--json")

    aside = run.rundir.path / "ignored" / "ignored"
    moved = {str(path.relative_to(aside)): path.read_text() for path in aside.rglob("*") if path.is_file()}
    assert {"notes.log": "mine\n", "changed.env": "edited\n", "build/out": "made\n"} == moved
    assert 3 == len(cleaned.json["runs"][0]["moved"])
    assert "work\n" == (run.root.parent / "app-dirty" / "draft").read_text()
    assert clash == run.git("rev-parse", "feature/clash2")
    assert "secret\n" == (run.root / "kept.env").read_text()


def test_a_dry_run_says_the_same_and_changes_nothing(run: Project):
    def picture() -> object:
        return run.git("for-each-ref"), run.git("worktree", "list"), sorted(run.root.parent.rglob("*"))

    before = picture()
    dry = candidates(porch(run, "clean", "--dry-run", "--json"))
    cleaned = porch(run, "clean", "--dry-run")

    assert before == picture()
    assert "would remove: worktree ../app-landed" in cleaned.out
    wet = candidates(porch(run, "clean", "--json"))
    assert {name: one["removed"] for name, one in dry.items()} == {
        name: one["removed"] for name, one in wet.items()
    }


def test_validation_worktrees_merge_candidates_and_trash_are_removed_but_not_the_run(run: Project):
    cleaned = porch(run, "clean")

    assert 0 == cleaned.code
    assert not list(run.root.parent.glob("*app*porch*"))
    assert not list(run.root.parent.glob(".porch*"))
    assert not list(run.root.parent.glob(f"{_PREFIX}*"))
    assert "/cand/" not in run.git("for-each-ref")
    assert run.rundir.report.exists()
    assert "landed" == run.outcomes()["landed"]
    assert 0 == porch(run, "report").code
    run.git("fsck", "--connectivity-only", "--no-dangling")


@pytest.mark.slow
def test_a_cleaned_run_can_be_resumed(run: Project):
    porch(run, "clean")

    assert 0 == porch(run, "retry", "failed", "clash2").code
    run.porch("resume", "--headless", expect=1)

    assert "landed" == run.outcomes()["clash2"]


def test_a_branch_that_someone_else_created_stays(run: Project):
    porch(run, "clean")
    run.git("branch", "feature/landed", "main")
    run.git("branch", "feature/idle", "main")

    cleaned = porch(run, "clean")

    assert {"landed", "idle"} <= branches(run)
    assert "feature/landed" not in cleaned.out


def test_a_branch_checked_out_elsewhere_stays(run: Project):
    run.git("worktree", "add", "-f", "-q", "../mine", "feature/landed")

    cleaned = candidates(porch(run, "clean", "--json"))

    assert "it is checked out in" in cleaned["branch landed"]["why"]
    assert (run.root.parent / "mine").exists()


def test_a_merge_in_progress_keeps_a_worktree(run: Project):
    admin = run.git("rev-parse", "--absolute-git-dir", cwd=run.root.parent / "app-landed")
    (Path(admin) / "MERGE_HEAD").write_text(run.git("rev-parse", "main") + "\n")

    cleaned = candidates(porch(run, "clean", "--json"))

    assert cleaned["worktree app-landed"]["why"].startswith("a merge is under way")


def test_commits_made_after_the_task_landed_keep_its_worktree(run: Project):
    worktree = run.root.parent / "app-landed"
    run.git("checkout", "-q", "--detach", cwd=worktree)
    run.git("commit", "-q", "--allow-empty", "-m", "mine", cwd=worktree)

    cleaned = candidates(porch(run, "clean", "--json"))

    assert "1 commit not in main" == cleaned["worktree app-landed"]["why"]
    assert "git -C" in cleaned["worktree app-landed"]["look"]


@pytest.mark.slow
def test_a_running_run_is_left_alone(project: Project, engine: Callable[[Project, str], None]):
    engine(project, "tasks:\n  a: {run: 'sleep 600'}\n")

    cleaned = porch(project, "clean")
    named = porch(project, "clean", project.rundir.run)

    assert (0, 4) == (cleaned.code, named.code)
    assert "an engine is running it" in cleaned.out
    assert {"a"} == worktrees(project)
    assert not project.events(e.AttemptFailed)


def test_a_damaged_run_is_left_alone_and_reported(run: Project):
    run.rundir.journal.write_text("nonsense\n")

    cleaned = porch(run, "clean")

    assert 0 == cleaned.code
    assert "stays: " in cleaned.out
    assert 7 == len(worktrees(run))


def test_without_a_run_there_is_nothing_to_clean(project: Project):
    assert "nothing to clean" in porch(project, "clean").out
