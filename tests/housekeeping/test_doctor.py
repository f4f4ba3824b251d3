"""`porch doctor` finds what is wrong, says what to do about it, and changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from in_process import CommandResult, porch

from porch_tui.core.model import events as e
from porch_tui.git.discovery import discover
from porch_tui.git.landing.transaction import Intent, write_intent
from porch_tui.process import control, liveness
from project import Project, kill, until


def findings(report: CommandResult) -> list[dict[str, Any]]:
    """Return what needs attention."""
    return [one for one in report.json["findings"] if one["weight"] != "fine"]


def test_all_is_fine_in_a_healthy_repository(ended: Project):
    report = porch(ended, "doctor", "--json")

    assert 0 == report.code
    assert report.json["can_run"]
    assert {"git", "python", "repository", "file system", "disk", "worktrees"} <= {
        one["what"] for one in report.json["findings"]
    }
    assert not [one for one in findings(report) if one["what"] not in ("open files", "logout", "disk")]


def test_outside_a_repository_it_still_checks_the_machine(tmp_path: Path, ended: Project):
    done = ended.porch("doctor", "-C", str(tmp_path), expect=3)

    assert "git: " in done.stdout
    assert "is not in one" in done.stdout


def test_without_an_identity_porch_cannot_run(project: Project, monkeypatch: pytest.MonkeyPatch):
    project.git("config", "--unset", "user.name")
    project.git("config", "--unset", "user.email")
    project.git("config", "user.useConfigOnly", "true")

    report = porch(project, "doctor", "--json")

    assert (3, False) == (report.code, report.json["can_run"])
    [finding] = [one for one in findings(report) if one["weight"] == "problem"]
    assert "user.name" in finding["do"]


@pytest.mark.slow
def test_tasks_that_a_dead_engine_left_running_or_lost_are_reported(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 600'}\n")
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    kill(process)
    attempt = project.rundir.attempt("a.1")

    [running] = [one for one in findings(porch(project, "doctor", "--json")) if one["what"].startswith("run")]
    assert "running without an engine: a" == running["text"]
    assert f"porch resume {project.rundir.run}" == running["do"]

    control.stop(attempt, grace_s=0)
    until(lambda: isinstance(liveness.find(attempt), liveness.Ended), "the task to end")
    (attempt / "exit.json").unlink()
    [lost] = [one for one in findings(porch(project, "doctor", "--json")) if one["what"].startswith("run")]
    assert lost["text"].startswith("lost when the machine or their shim died: a")


def test_stale_artifacts_are_found(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b'}\n")
    project.porch("run", "--headless")
    repository = discover(project.root)
    tip = project.git("rev-parse", "main")
    write_intent(repository, Intent("main", tip, tip, str(project.root), {}, None, "porch: land a"))
    admin = Path(project.git("rev-parse", "--absolute-git-dir", cwd=project.root.parent / "app-a"))
    (admin / "index.lock").touch()
    (project.root / ".git/porch/trash/x").mkdir(parents=True)

    found = {one["what"]: one for one in findings(porch(project, "doctor", "--json"))}

    assert "porch resume" in found["landing"]["do"]
    assert f"rm {admin}/index.lock" in found["lock"]["do"]
    assert "porch clean" == found["trash"]["do"]


def test_worktrees_of_a_deleted_run_and_a_damaged_run_are_reported(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b'}\n")
    project.porch("run", "--headless")
    shutil.copytree(project.rundir.path, project.rundir.path.with_name("20200101-000000-old"))
    shutil.rmtree(project.rundir.path)
    project.rundir.journal.write_text("nonsense\n")

    report = porch(project, "doctor", "--json")

    assert 0 == report.code
    texts = [one["text"] for one in findings(report)]
    assert 2 <= sum("belongs to a run that no longer exists" in text for text in texts)
    assert any("cannot read this record" in text for text in texts)
