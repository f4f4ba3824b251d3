"""What an attempt left that counts as lost is kept under a ref of its own."""

from __future__ import annotations

import queue
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import RunId, Sha
from porch_tui.core.rules import effects as f
from porch_tui.engine.effect_runner import LocalEffectRunner, failure_events
from porch_tui.engine.effects.tools import Tools
from porch_tui.executors.local import LocalExecutor
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from project import Project
from tests.builders import attempt, opened

ONE = attempt("parser")


def test_its_commit_is_kept_and_then_reported_as_kept(tmp_path: Path):
    project = Project(tmp_path)
    repository, reports = discover(project.root), queue.Queue[e.AnyEvent]()
    run = rundir.create(repository.common_dir, RunId("run-1"))
    tools = Tools.of_run(repository, run, reports.put, opened)
    head = Sha(project.git("rev-parse", "HEAD").strip())

    LocalEffectRunner(tools, LocalExecutor(reports.put)).start(
        f.KeepLostWork(ONE, head), opened(), lambda: None
    )

    assert reports.get(timeout=60) == e.LostWorkKept(ONE)
    assert project.git("rev-parse", "refs/porch/run-1/lost/parser/1").strip() == head


def test_where_that_cannot_be_done_a_person_is_notified_and_the_run_goes_on():
    noticed, kept = failure_events(f.KeepLostWork(ONE, Sha("h")), opened(), "the disk is full")

    assert isinstance(noticed, e.Noticed) and noticed.text.endswith("under a ref: the disk is full")
    assert kept == e.LostWorkKept(ONE)
