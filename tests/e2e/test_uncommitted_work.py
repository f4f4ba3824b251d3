"""Uncommitted work of an attempt survives its worktree, however the attempt ended."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process import liveness
from project import Project, until

WRITE = "echo precious > made; echo changed >> README.md"
PLAN = f"""\
tasks:
  fails: {{run: '{WRITE}; exit 3'}}
  lingers: {{run: '{WRITE}; sleep 600', timeout: 2s}}
  stopped: {{run: '{WRITE}; touch "$PORCH_WORKTREE.ready"; sleep 600'}}
  killed: {{run: '{WRITE}; touch "$PORCH_WORKTREE.ready"; sleep 600'}}
  looks: {{kind: check, run: 'false'}}
  lands: {{run: 'echo x > landed'}}
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run whose attempts ended in every way."""
    project = Project(tmp_path_factory.mktemp("left"))
    project.plan(PLAN)
    running = project.begin("run", "--headless", "--parallel", "--slots", "6")
    for task in ("stopped", "killed"):
        until(Path(f"{project.root}-{task}.ready").exists, f"{task} to have written")
    project.porch("stop", "stopped")
    found = liveness.find(project.rundir.attempt("killed.1"))
    assert isinstance(found, liveness.Running)
    os.kill(found.shim_pid, signal.SIGKILL)
    running.communicate(timeout=60)
    return project


@pytest.mark.parametrize("task", ["fails", "lingers", "stopped", "killed"])
def test_uncommitted_work_survives_its_worktree(ended: Project, task: str):
    found = {event.attempt.task: event.leftover_ref for event in ended.events(e.AttemptFailed)}
    found |= {event.attempt.task: event.leftover_ref for event in ended.events(e.AttemptStopped)}
    shutil.rmtree(f"{ended.root}-{task}")

    assert f"refs/porch/{ended.rundir.run}/left/{task}/1" == found[task]
    assert "precious" == ended.git("show", f"{found[task]}:made")
    assert "An app.\nchanged" == ended.git("show", f"{found[task]}:README.md")
    assert f"{task}.1: leftover work is kept" in ended.porch("report", expect=None).stdout


@pytest.mark.parametrize("task", ["looks", "lands"])
def test_where_nothing_was_left_nothing_is_kept(ended: Project, task: str):
    assert "" == ended.git("for-each-ref", f"refs/porch/{ended.rundir.run}/left/{task}")
