"""`porch diff`: what a task would change on the target, has changed there, or has changed so far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

REVIEWED = """\
defaults: {review: required}
tasks:
  api: {run: 'echo api > api.txt'}
"""


def diff(project: Project, task: str = "api") -> dict[str, Any]:
    """Return the document of `porch diff --json`."""
    found: dict[str, Any] = json.loads(project.porch("diff", task, "--json").stdout)
    return found


def test_the_diff_of_a_task_is_what_would_change_on_the_target(project: Project):
    project.plan(REVIEWED)
    project.porch("run", "--headless", expect=1)
    project.commit({"elsewhere.txt": "by the person\n"})

    shown = project.porch("diff", "api")

    assert "+++ b/api.txt" in shown.stdout and "+api" in shown.stdout
    assert "elsewhere" not in shown.stdout, "the target has moved: what is there is no change"
    assert f"what api would change on main at {project.git('rev-parse', 'main')[:7]}" in shown.stderr
    assert "next: porch approve api, or porch retry api" in shown.stderr
    assert project.porch("diff", "api", "--name-only").stdout == "api.txt\n"
    assert "1 file changed" in project.porch("diff", "api", "--stat").stdout
    document = diff(project)
    assert document["files"] == [{"path": "api.txt", "status": "A", "added": 1, "removed": 0}]
    assert (document["what"], document["conflicts"]) == ("result", [])
    assert document["before"] == project.git("rev-parse", "main")


def test_looking_leaves_nothing_behind(project: Project):
    project.plan(REVIEWED)
    project.porch("run", "--headless", expect=1)
    project.commit({"elsewhere.txt": "by the person\n"})
    before = project.git("count-objects", "-v")

    project.porch("diff", "api")

    assert project.git("count-objects", "-v") == before
    assert project.git("status", "--porcelain") == ""


def test_a_commit_that_was_not_shown_is_not_approved(project: Project):
    project.plan(REVIEWED)
    project.porch("run", "--headless", expect=1)
    project.porch("diff", "api")
    worktree = project.root.parent / f"{project.root.name}-api"
    project.git("-C", str(worktree), "commit", "-q", "--allow-empty", "-m", "one more")

    refused = project.porch("approve", "api", expect=4)

    assert "you have looked at" in refused.stderr and "porch diff api" in refused.stderr
    assert project.events(e.TaskApproved) == []
    project.porch("diff", "api")
    project.porch("approve", "api")


def test_files_that_are_not_committed_are_no_part_of_it_and_are_named(project: Project):
    project.plan(REVIEWED)
    project.porch("run", "--headless", expect=1)
    (project.root.parent / f"{project.root.name}-api" / "late.txt").write_text("late\n")

    shown = project.porch("diff", "api")

    assert "late.txt" not in shown.stdout
    assert "uncommitted changes that are no part of this: late.txt" in shown.stderr


def test_the_diff_of_what_has_landed_is_what_that_has_changed(project: Project):
    project.plan("tasks:\n  one: {run: 'echo > one'}\n  two: {run: 'echo > two', after: [one]}\n")
    project.porch("run", "--headless")

    assert project.porch("diff", "one", "--name-only").stdout == "one\n"
    assert diff(project, "one")["what"] == "on-target"


def test_the_diff_of_a_conflict_is_what_the_task_has_changed_with_the_paths_in_conflict(project: Project):
    project.commit({"app.txt": "one\n"})
    project.plan(
        "tasks:\n  a: {run: 'echo a > app.txt'}\n"
        "  b: {run: 'until git show main:app.txt | grep -q a; do sleep 0.05; done; echo b > app.txt'}\n"
    )
    project.porch("run", "--headless", expect=1)

    document = diff(project, "b")

    assert (document["what"], document["conflicts"]) == ("own", ["app.txt"])
    assert "b conflicts in app.txt with main at " in document["about"]
    assert "-one\n+b\n" in document["patch"]


@pytest.mark.slow
def test_what_was_ahead_of_a_conflict_in_the_queue_and_has_landed_is_not_called_ahead(
    project: Project, tmp_path: Path
):
    project.commit({"app.txt": "one\n"})
    go = tmp_path / "go"
    project.plan(
        f"validate: until test -e {go}; do sleep 0.05; done\n"
        "tasks:\n  a: {run: 'echo a > app.txt'}\n  b: {run: 'echo b > app.txt'}\n"
    )
    running = project.begin("run", "--headless", "--parallel")
    try:
        until(lambda: project.events(e.CandidateConflicted), "a conflict")
        (conflict,) = project.events(e.CandidateConflicted)
        (first,) = conflict.on_top_of
        before = diff(project, conflict.task)["about"]
        go.touch()
        running.communicate(timeout=60)
    finally:
        kill(running)

    assert f"with main, with {first} ahead of it in the queue" in before
    assert project.outcomes()[first] == "landed"
    now = f"in app.txt with main at {project.git('rev-parse', 'main')[:7]}; "
    assert now in diff(project, conflict.task)["about"]


def test_the_diff_of_a_failed_task_is_what_it_left_committed_or_not(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a; git add a; git commit -qm a; echo > b; exit 3'}\n")
    project.porch("run", "--headless", expect=1)

    document = diff(project, "a")

    assert [one["path"] for one in document["files"]] == ["a", "b"]
    assert (document["what"], document["head"]) == ("worktree", None)
    assert "has failed (exit 3)" in document["about"]


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["worktree", "clone"])
def test_the_diff_of_a_running_task_is_what_is_in_its_worktree_now(project: Project, isolation: str):
    project.plan(f"tasks:\n  a: {{run: 'echo > new; sleep 1000', isolation: {isolation}}}\n")
    process = project.begin("run", "--headless")
    try:
        until((project.root.parent / f"{project.root.name}-a" / "new").exists, "the task to write")

        document = diff(project, "a")
    finally:
        project.porch("stop", "a")
        kill(process)

    assert [one["path"] for one in document["files"]] == ["new"]
    assert "in its worktree now" in document["about"]


def test_what_has_not_started_has_no_diff(project: Project):
    project.plan("tasks:\n  a: {run: 'exit 1'}\n  b: {run: 'true', after: [a]}\n")
    project.porch("run", "--headless", expect=1)

    refused = project.porch("diff", "b", expect=4)

    assert refused.stderr == "porch: b has changed nothing yet: it has not started yet\n"


def test_paths_that_are_no_plain_text_and_binary_files_are_shown(project: Project):
    project.plan(
        "defaults: {review: required}\n"
        "tasks:\n  a: {run: \"printf 'a\\\\0b' > 'bin file'; printf x > \\\"$(printf 'tab\\\\there')\\\"\"}\n"
    )
    project.porch("run", "--headless", expect=1)

    files = diff(project, "a")["files"]

    assert [(one["path"], one["added"]) for one in files] == [("bin file", None), ("tab\there", 1)]
