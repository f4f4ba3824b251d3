"""`porch clean`, `unshelve` and `doctor`: what they print. What they decide is tested in housekeeping."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import porch

from porch_tui.cli import main
from project import Project
from tests.at_rest import at_rest

PLAN = """\
pool: 1
tasks:
  landed: {run: 'echo > landed; echo mine > notes.log'}
  dirty: {run: 'echo work > draft; exit 3'}
  apart: {run: 'echo > apart; git add -A; git commit -qm apart; exit 3', isolation: clone}
"""


def run_of_three(project: Project) -> None:
    """Land one task; leave uncommitted work of another, and a clone with a commit of a third."""
    project.commit({".gitignore": "*.log\n"})
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)


@pytest.fixture
def run() -> Project:
    """A run at rest."""
    return at_rest(run_of_three)


def test_a_dry_run_says_what_would_go_what_stays_and_what_to_do_about_it(run: Project):
    printed = porch(run, "clean", "--dry-run")

    assert 0 == printed.code
    lines = printed.out.splitlines()
    assert f"run {run.rundir.run}" == lines[0]
    (removed,) = [line for line in lines if line.startswith("  would remove: worktree ../app-landed (")]
    assert removed in lines
    assert "    ignored files would move to the run's directory: notes.log" in lines
    assert [line for line in lines if line.endswith(": uncommitted: draft")]
    assert [line for line in lines if line.startswith("worktrees to remove: ")]
    assert f"porch: work stays; porch clean --shelve {run.rundir.run} shelves it" in printed.err
    assert "porch: to discard it: rm -rf FOLDER of a clone, git worktree remove" in printed.err
    assert "/RUN deletes them\n" in printed.err
    assert Path(f"{run.root}-landed").is_dir()


def test_what_was_removed_shelved_and_restored_is_printed(run: Project):
    cleaned = porch(run, "clean")
    assert "  removed: worktree ../app-landed" in cleaned.out
    assert "1 worktree kept warm for the next run in " in cleaned.out
    assert "  ignored file moved to " in cleaned.out
    assert "and the files that were moved there" in cleaned.err

    assert "--shelve needs the runs whose work to shelve" in porch(run, "clean", "--shelve").err
    (shelved,) = porch(run, "clean", "--shelve", run.rundir.run, "--json").json["runs"]
    restore = {one["name"].rpartition("/")[2]: one["back"] for one in shelved["leftovers"]}
    assert f"porch unshelve dirty --run {run.rundir.run}" == restore["app-dirty"]
    assert "nothing to clean" in porch(run, "clean").out

    restored = porch(run, "unshelve", "dirty", "--run", run.rundir.run)
    assert "restored dirty in ../app-dirty, on branch feature/dirty\n" == restored.out
    (document,) = porch(run, "unshelve", "apart", "--json").json["unshelved"]
    assert "feature/apart" == document["branch"]
    assert 2 == porch(run, "unshelve", "dirty").code


def test_shelving_is_printed_with_what_restores_it(run: Project):
    would = porch(run, "clean", "--shelve", "--dry-run", run.rundir.run)
    assert "  would shelve: worktree ../app-dirty" in would.out

    printed = porch(run, "clean", "--shelve", run.rundir.run)

    assert "  shelved: worktree ../app-dirty" in printed.out
    assert f"    porch unshelve dirty --run {run.rundir.run}" in printed.out.splitlines()


def test_doctor_lists_what_it_found_with_what_to_do(run: Project):
    healthy = porch(run, "doctor", "--json").json
    assert healthy["can_run"]
    (run.root / ".git" / "left.lock").touch()
    (run.root / ".git" / "porch" / "trash" / "old").mkdir(parents=True)

    printed = porch(run, "doctor")

    assert 0 == printed.code
    assert "trash: 1 worktree removed, not deleted yet\n    porch clean\n" in printed.out
    assert "repository: " in printed.out


def test_doctor_outside_of_a_repository_says_that_porch_cannot_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert 3 == main(["doctor", "-C", str(tmp_path)])
    assert "repository: porch cannot work here\n" in capsys.readouterr().out
