"""A run that an earlier porch made is read, reported, resumed and cleaned as if nothing had changed.

`old_run/` is such a run: its journal and a command that waits, a bundle of the repository, and what that
porch said of it, but for words that were changed on purpose. `ROOT` stands for where the repository was.
`events.jsonl` and `commands.jsonl` hold one line of every kind that porch could write.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.model.plan import RunId
from porch_tui.journal.codec import (
    command_from_bytes,
    command_to_bytes,
    record_from_bytes,
    record_to_bytes,
)
from porch_tui.journal.rundir import create
from tests.project import Project

OLD = Path(__file__).parent / "old_run"
RUN = RunId("20261129-054253-old")
CANDIDATES = f"refs/porch/{RUN}/cand"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The repository and the run, in another place."""
    root = tmp_path / "app"
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    project = Project.at(root)
    project.git("config", "user.name", "Ann")
    project.git("config", "user.email", "ann@example.org")
    project.git("fetch", "-q", "--update-head-ok", str(OLD / "repository.bundle"), "refs/*:refs/*")
    project.git("reset", "-q", "--hard")
    rundir = create(root / ".git", RUN)
    rundir.journal.write_text((OLD / "journal.jsonl").read_text().replace("ROOT", str(root)))
    return project


def said(project: Project, name: str) -> Any:
    return json.loads((OLD / name).read_text().replace("ROOT", str(project.root)))


def without_new(now: Any, then: Any) -> Any:
    """Return what porch says now without the keys that it did not have then."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: without_new(value, then[key]) for key, value in now.items() if key in then}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [without_new(*pair) for pair in zip(now, then, strict=True)]
    return now


def test_its_status_is_what_the_earlier_porch_said(project: Project) -> None:
    then = said(project, "status.json")
    assert then == without_new(project.status(), then)


def test_its_report_is_what_the_earlier_porch_said(project: Project) -> None:
    then, now = said(project, "report.json"), json.loads(project.porch("report", "--format", "json").stdout)
    found = [now["decomposition"].pop("pairs"), then["decomposition"].pop("pairs")]
    related, known = ({(pair["a"], pair["b"]): pair["relation"] for pair in pairs} for pairs in found)

    assert then == without_new(now, then)
    assert related == known | related  # more is read in commands than it could


@pytest.mark.slow
def test_it_is_resumed_with_the_command_that_waited_and_then_cleaned(project: Project) -> None:
    command = (OLD / "command.json").read_bytes()
    (project.rundir.inbox / "01795930992731986533-cmd-8739f149fbab243b.json").write_bytes(command)

    project.porch("resume", "--headless", expect=1)
    assert "landed" == project.outcomes()["f"]

    assert project.git("for-each-ref", CANDIDATES)
    project.porch("clean")
    assert not project.git("for-each-ref", CANDIDATES)


def test_every_record_an_earlier_porch_could_write_is_read_and_written_as_it_was() -> None:
    lines = (OLD / "events.jsonl").read_bytes().splitlines(keepends=True)

    for line in lines:
        then, now = json.loads(line), json.loads(record_to_bytes(record_from_bytes(line, "old")))
        assert then == without_new(now, then)


def test_every_command_an_earlier_porch_could_write_is_read_and_written_as_it_was() -> None:
    lines = (OLD / "commands.jsonl").read_bytes().splitlines(keepends=True)

    for line in lines:
        then, now = json.loads(line), json.loads(command_to_bytes(command_from_bytes(line, "old")))
        assert then == without_new(now, then)
