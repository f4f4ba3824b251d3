"""What the prompt says when an agent is tried again: the reason, in the same conversation or in a new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project

RECORDS = """\
#!/bin/sh
# notes how it was asked, in a file for each time; says which conversation it is in
count=$(ls "$ASKED" | wc -l)
printf '%s\\n' "$@" > "$ASKED/$count"
case " $* " in *" resume "*) thread=again ;; *) thread=new-$count ;; esac
echo "{\\"type\\":\\"thread.started\\",\\"thread_id\\":\\"$thread\\"}"
echo "$count" > made
"""


@pytest.fixture
def asked(project: Project) -> Path:
    """The folder in which a program named codex notes how it was asked."""
    folder = project.root.parent / "programs"
    folder.mkdir()
    (folder / "codex").write_text(RECORDS)
    (folder / "codex").chmod(0o755)
    (project.root.parent / "asked").mkdir()
    return project.root.parent / "asked"


def env(project: Project, asked: Path) -> dict[str, str]:
    return {"PATH": f"{project.root.parent / 'programs'}:{os.environ['PATH']}", "ASKED": str(asked)}


def words(asked: Path) -> list[str]:
    """Return how it was asked, each time."""
    return [(asked / str(number)).read_text() for number in range(len(list(asked.iterdir())))]


@pytest.mark.slow
def test_after_two_resumed_attempts_that_failed_a_new_conversation_begins(project: Project, asked: Path):
    project.plan(
        "target: main\ntasks:\n  one: {agent: codex, prompt: Make it., checks: 'echo FAILED test_x; exit 1', "
        "retries: 4, retry_with: resume}\n"
    )

    project.porch("run", "--headless", env=env(project, asked), expect=1)

    said = words(asked)
    assert ["\nresume\n" in one for one in said] == [False, True, True, False, True]
    assert all("FAILED test_x" in one for one in said[1:])
    assert "Make it." in said[3]


def test_what_fails_the_validation_is_in_the_next_prompt(project: Project, asked: Path):
    project.plan(
        "target: main\nvalidate: 'echo FAILED test_y; ! test -e made'\n"
        "tasks:\n  one: {agent: codex, prompt: 'Make it. {failure} Be careful.'}\n"
    )
    project.porch("run", "--headless", env=env(project, asked), expect=1)

    project.porch("retry", "one", env=env(project, asked), expect=None)
    project.porch("resume", "--headless", env=env(project, asked), expect=None)

    first, second = words(asked)
    assert "{failure}" not in first and "FAILED" not in first
    assert "FAILED test_y" in second and second.index("FAILED test_y") < second.index("Be careful.")


@pytest.mark.slow
def test_what_is_in_conflict_is_in_the_next_prompt(project: Project, asked: Path):
    project.plan(
        "target: main\ntasks:\n  other: {run: echo other > made}\n"
        "  one: {agent: codex, prompt: Make it., checks: 'until git cat-file -e main:made; do :; done'}\n"
    )
    project.porch("run", "--headless", env=env(project, asked), expect=1)
    assert project.events(e.CandidateConflicted)

    project.porch("retry", "one", env=env(project, asked), expect=None)
    project.porch("resume", "--headless", env=env(project, asked), expect=None)

    assert "It conflicts with other in made." in words(asked)[1]
