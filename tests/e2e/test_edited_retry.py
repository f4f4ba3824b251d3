"""`porch retry --edit`: another prompt, or another command, written in the person's own editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

AGENT = """\
agents:
  scribe: [sh, -c, 'echo "$1" > said.txt; test "$1" != "Fail."', sh, '{prompt}']
tasks:
  one: {agent: scribe, prompt: 'Fail.'}
"""
COMMAND = "tasks:\n  one: {run: 'echo wrong; exit 3'}\n"


def editor(project: Project, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have an editor that does this to the file."""
    path = project.write("../editor", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("GIT_EDITOR", str(path))


def failed(project: Project, plan: str) -> None:
    project.plan(plan)
    project.porch("run", "--headless", expect=1)


def test_another_prompt_is_what_the_agent_is_asked_and_what_the_report_has(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    failed(project, AGENT)
    editor(project, monkeypatch, "grep -q '^Fail.$' \"$1\" && echo 'Write it.' > \"$1\"")

    project.porch("retry", "--edit", "one")
    project.porch("resume", "--headless")

    said = project.git("show", "main:said.txt")
    assert said.startswith("Write it.") and "exit 1" in said
    (retried,) = project.events(e.TaskRetried)
    assert retried.prompt == "Write it."
    assert "retried with another prompt: Write it." in project.porch("report").stdout


def test_another_command_is_what_runs_also_in_a_later_attempt(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    failed(project, COMMAND)
    editor(project, monkeypatch, "printf 'echo right > f\\ntest -e ../go\\n' > \"$1\"")

    project.porch("retry", "--edit", "one")
    project.porch("resume", "--headless", expect=1)
    (project.root.parent / "go").touch()
    project.porch("retry", "one")
    project.porch("resume", "--headless")

    assert project.git("show", "main:f") == "right"
    assert "retried with another command: echo right > f; test -e ../go" in " ".join(
        project.porch("report").stdout.split()
    )


def test_what_was_not_changed_is_retried_as_it_was_and_that_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    failed(project, COMMAND)
    editor(project, monkeypatch, "true")

    answer = project.porch("retry", "--edit", "one")

    assert "the command of one was not changed" in answer.stderr
    project.porch("resume", "--headless", expect=1)
    (retried,) = project.events(e.TaskRetried)
    assert retried.command == ()


def test_what_was_emptied_is_not_retried(project: Project, monkeypatch: pytest.MonkeyPatch):
    failed(project, COMMAND)
    editor(project, monkeypatch, ': > "$1"')

    refused = project.porch("retry", "--edit", "one", expect=4)

    assert "the command was emptied, so one is not retried" in refused.stderr
    project.porch("resume", "--headless", expect=1)
    assert project.events(e.TaskRetried) == []


def test_what_was_written_is_there_again_after_an_editor_that_failed(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    failed(project, COMMAND)
    editor(project, monkeypatch, 'echo "echo kept > f" > "$1"; exit 1')
    refused = project.porch("retry", "--edit", "one", expect=4)
    assert "the editor failed, so one is not retried" in refused.stderr
    assert "echo kept" in Path(refused.stderr.split("is in ")[1].strip()).read_text()

    editor(project, monkeypatch, "true")
    project.porch("retry", "--edit", "one")
    project.porch("resume", "--headless")

    assert project.git("show", "main:f") == "kept"


def test_no_editor_is_opened_for_a_task_that_cannot_be_retried(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    project.plan("tasks:\n  one: {run: 'echo > f'}\n")
    project.porch("run", "--headless")
    editor(project, monkeypatch, "touch opened")

    refused = project.porch("retry", "--edit", "one", expect=4)

    assert "it has landed" in refused.stderr
    assert not list(project.root.rglob("opened"))
