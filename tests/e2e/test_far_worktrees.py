"""Worktrees on another machine: what can be seen of them from here, and the way there."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from porch_tui.cli.lookup import repository_at
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.journal.finding import find
from project import Project, kill, until

A, D = TaskId("a"), TaskId("d")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A repository with a plan for a box: one task waits for a file, one leaves work and fails."""
    project, home = Project(tmp_path), tmp_path / "box"
    project.commit({"README.md": "x\n"})
    project.plan(
        f"places: {{box: {{run: {boxes.way_in(home)}, slots: 2}}}}\nplace: box\ntasks:\n"
        f"  a: {{run: 'echo new > a; until test -e {tmp_path}/go; do sleep 0.05; done'}}\n"
        "  d: {run: 'echo lost > d; exit 3'}\n"
    )
    yield project
    boxes.end_host(home)


@pytest.mark.slow
def test_what_is_in_a_worktree_elsewhere_is_shown_or_said_how_to_see(project: Project, tmp_path: Path):
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted) and project.events(e.AttemptFailed), "a to run, d to fail")
    until(lambda: any(event.attempt.task == "a" for event in project.events(e.AttemptStarted)), "a to run")

    rows = {row["id"]: row for row in json.loads(project.porch("status", "--json").stdout)["tasks"]}
    worktree = Path(rows["a"]["worktree"])
    assert worktree.is_relative_to(tmp_path / "box")
    until((worktree / "a").exists, "a to write there")

    shown = project.porch("diff", "d")
    assert "+lost" in shown.stdout
    assert "this is what it left on box" in shown.stderr

    refused = project.porch("diff", "a", expect=4).stderr
    assert "a is running on box: what it changes comes here when it ends" in refused
    command = shlex.split(refused.partition("to look there now: ")[2])
    there = subprocess.run(command, input="pwd; cat a\n", capture_output=True, text=True, check=True)
    assert there.stdout.split() == [str(worktree), "new"]

    repository = repository_at(str(project.root))
    screen = OutsideActions(repository, find(repository.common_dir, None))
    with pytest.raises(RefusedError, match="the worktree of a is on box; a shell in it: env HOME="):
        screen.changed_files(A)
    with pytest.raises(RefusedError, match="what a changes is on box until it ends"):
        screen.diffstat(A)
    assert "d | 1 +" in screen.diffstat(D)
    assert "box    up" in project.porch("places").stdout or "box  up" in project.porch("places").stdout

    (tmp_path / "go").touch()
    kill(engine)
