"""porch undo: the target and its checkout are reset, the person's files stay, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from in_process import ProjectHere

from porch_tui.core.model import events as e
from project import Project, kill, until
from tests.at_rest import at_rest

TWO = "tasks:\n  a: {run: 'echo a > a; echo new > shared'}\n  b: {run: 'echo b > b', after: [a]}\n"


def refs(project: Project) -> list[str]:
    """Return porch's refs."""
    return project.git("for-each-ref", "--format=%(refname)", "refs/porch").splitlines()


def landed_two(project: Project) -> None:
    """Land `a`, then `b`, which comes after it."""
    project.commit({"shared": "old\n"})
    project.plan(TWO)
    project.porch("run", "--headless")


@pytest.fixture
def two() -> Project:
    """A run at rest: `a` has landed, then `b`, which comes after it."""
    return at_rest(landed_two, ProjectHere)


def test_undo_reverts_the_last_landing_and_requeue_lands_it_again(two: Project):
    landed = two.git("rev-parse", "main")

    result = two.porch("undo")

    assert "undo b: undone" in result.stdout
    assert (["a"], landed) == (two.landed(), two.git("rev-parse", "main@{1}"))
    assert ("", False) == (two.git("status", "--porcelain"), (two.root / "b").exists())
    assert {"a": "landed", "b": "undone"} == two.outcomes()
    two.porch("requeue", "b")
    two.porch("resume", "--headless")
    assert ["b", "a"] == two.landed()


def test_undo_down_to_a_task_leaves_the_tree_as_it_was_before(two: Project):
    before = two.git("rev-parse", "main~2")

    document = json.loads(two.porch("undo", "a", "--json").stdout)

    assert ["undo b", "undo a"] == [one["command"] for one in document["commands"]]
    assert (before, "") == (two.git("rev-parse", "main"), two.git("status", "--porcelain"))
    two.porch("undo", expect=2)


def test_a_task_that_started_on_an_undone_landing_is_retried(two: Project):
    two.porch("undo", "a")

    assert "retry it instead" in two.porch("requeue", "b", expect=4).stderr
    two.porch("requeue", "a")
    two.porch("retry", "b")
    two.porch("resume", "--headless")
    assert ["b", "a"] == two.landed()


def test_the_persons_files_survive_an_undo(two: Project):
    two.porch("undo")
    mine = {"README.md": "edited\n", "notes": "untracked\n", "x.log": "ignored\n"}
    for name, text in mine.items():
        two.write(name, text)
    two.git("add", "README.md")

    two.porch("undo")

    assert mine == {name: (two.root / name).read_text() for name in mine}
    assert [] == two.landed()


def test_an_undo_over_an_edited_file_is_refused_with_its_name(two: Project):
    two.porch("undo")
    two.write("shared", "mine\n")

    result = two.porch("undo", expect=4)

    assert "shared: changed but not committed" in result.stderr
    assert ("mine\n", ["a"]) == ((two.root / "shared").read_text(), two.landed())
    assert "landed" == two.outcomes()["a"]


def test_an_undo_over_an_ignored_file_is_refused(project: Project):
    project.commit({"x.log/keep": "k\n", ".gitignore": "*.tmp\n"})
    project.plan("tasks:\n  a: {run: 'git rm -q x.log/keep; echo new > other'}\n")
    project.porch("run", "--headless")
    project.write(".git/info/exclude", "x.log\n")
    project.write("x.log", "mine\n")

    project.porch("undo", expect=4)

    assert ("mine\n", ["a"]) == ((project.root / "x.log").read_text(), project.landed())


def test_a_pushed_landing_is_not_undone_but_a_revert_is_offered(two: Project, tmp_path: Path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "remote")], check=True)
    two.git("remote", "add", "origin", str(tmp_path / "remote"))
    two.git("push", "-q", "origin", "main")

    result = two.porch("undo", expect=4)

    assert "porch undo b --revert reverts it for everyone" in result.stderr
    assert ["b", "a"] == two.landed()


def test_work_that_undo_and_retry_replace_survives_clean_and_gc(two: Project):
    landing, head = two.git("rev-parse", "main", "feature/b").split()
    two.porch("undo")
    two.write("../app-b/draft", "draft\n")
    two.porch("retry", "b")
    two.porch("resume", "--headless")
    (kept,) = (ref for ref in refs(two) if ref.endswith("/work"))
    assert "draft" == two.git("show", f"{kept}:draft")

    two.git("reflog", "expire", "--expire=now", "--all")
    two.git("gc", "-q", "--prune=now")

    assert ["commit"] * 2 == [two.git("cat-file", "-t", one) for one in (landing, head)]
    assert "draft" == two.git("show", f"{kept}:draft")
    two.porch("close")
    two.porch("clean")
    two.git("reflog", "expire", "--expire=now", "--all")
    two.git("gc", "-q", "--prune=now")
    assert "b" == two.git("show", f"{landing}:b")


def test_an_undo_that_is_refused_leaves_no_ref(two: Project):
    before = refs(two)
    two.write("b", "mine\n")

    two.porch("undo", expect=4)

    assert before == refs(two)


def test_a_living_engine_can_undo(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > a'}\n  b: {run: 'sleep 600'}\n")
    project.porch("run", "--detach")
    until(lambda: project.events(e.Landed), "a to land")

    result = project.porch("undo", "a")

    assert "undo a: undone" in result.stdout
    assert [] == project.landed()
    project.porch("stop", "b")


@pytest.mark.parametrize(
    ("hook_name", "moment"),
    [
        ("reference-transaction", 'test "$1" = prepared && grep -q refs/heads/main'),
        ("post-index-change", "! git diff --cached --quiet HEAD"),
    ],
)
def test_the_next_engine_completes_an_undo_that_was_killed_in_the_middle(
    two: Project, hook_name: str, moment: str
):
    """A hook stops git before it changes the files, or between files and refs; there the engine is killed."""
    hook = two.root / ".git" / "hooks" / hook_name
    begun = two.root.parent / "begun"
    hook.write_text(
        f"#!/bin/sh\n{moment} || exit 0\ntouch {begun}; while test -e {hook}.hold; do sleep 0.02; done\n"
    )
    hook.chmod(0o755)
    hold = two.write(f".git/hooks/{hook_name}.hold", "")

    process = two.begin("undo")
    until(begun.exists, "git to hold the refs")
    kill(process)
    hold.unlink()
    hook.unlink()
    two.porch("resume", "--headless", expect=1)

    assert ["a"] == two.landed()
    assert "" == two.git("status", "--porcelain")
    assert {"a": "landed", "b": "undone"} == two.outcomes()


def test_an_unrecorded_undo_is_detected(two: Project):
    """As if the engine died after git had undone it and before the journal recorded it."""
    journal = two.rundir.journal
    two.porch("undo")
    lines = journal.read_bytes().splitlines(keepends=True)
    undone = next(n for n, line in enumerate(lines) if b'"LandingUndone"' in line)
    journal.write_bytes(b"".join(lines[:undone]))
    assert "undoing" == two.status()["queue"][-1]["status"]

    two.porch("resume", "--headless", expect=1)

    assert [("b", ["a"])] == [(one.task, two.landed()) for one in two.events(e.LandingUndone)]


def test_a_target_that_the_person_reset_counts_as_undone(two: Project):
    two.git("reset", "-q", "--hard", "HEAD~2")

    two.porch("resume", "--headless", expect=1)

    assert ["b", "a"] == [one.task for one in two.events(e.LandingUndone)]
    assert {"a": "undone", "b": "undone"} == two.outcomes()
