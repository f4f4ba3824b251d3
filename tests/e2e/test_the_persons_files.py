"""The person's files in their checkout stay as they are, byte for byte, whatever lands."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project, until


def test_dirty_untracked_and_ignored_files_survive_a_landing(project: Project):
    project.commit({"mine.txt": "committed\n"})
    project.plan("tasks:\n  a: {run: 'echo > a'}\n")
    mine = {"mine.txt": "edited\n", "notes.txt": "untracked\n", "secret.log": "ignored\n"}
    for name, text in mine.items():
        project.write(name, text)

    project.porch("run", "--headless")

    assert {name: (project.root / name).read_text() for name in mine} == mine
    assert project.landed() == ["a"]


def test_a_landing_over_a_dirty_file_is_blocked_and_the_others_land(project: Project):
    project.commit({"shared.txt": "old\n"})
    project.plan("tasks:\n  a: {run: 'echo new > shared.txt'}\n  b: {run: 'sleep 0.5; echo > b'}\n")
    project.write("shared.txt", "mine\n")

    project.porch("run", "--headless", expect=1)

    assert (project.root / "shared.txt").read_text() == "mine\n"
    assert project.outcomes() == {"a": "blocked", "b": "landed"}
    assert project.status()["needs_you"][0]["next"].startswith("commit, stash or move shared.txt")


def test_a_landing_over_an_ignored_file_is_blocked(project: Project):
    project.plan("tasks:\n  a: {run: 'echo theirs > x.log; git add -f x.log'}\n")
    project.write("x.log", "mine\n")

    project.porch("run", "--headless", expect=1)

    assert (project.root / "x.log").read_text() == "mine\n"
    assert project.outcomes() == {"a": "blocked"}


@pytest.mark.slow
def test_a_blocked_landing_completes_on_its_own_once_the_file_is_out_of_the_way(project: Project):
    project.commit({"shared.txt": "old\n"})
    project.plan("tasks:\n  a: {run: 'echo new > shared.txt'}\n")
    project.write("shared.txt", "mine\n")

    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.LandingBlocked), "the landing to be blocked")
    project.write("shared.txt", "old\n")

    assert process.wait(60) == 0
    process.communicate()
    assert (project.root / "shared.txt").read_text() == "new\n"


def begin_merge(project: Project) -> None:
    project.git("merge", "-q", "--no-ff", "--no-commit", "side")


def begin_rebase(project: Project) -> None:
    project.git("-c", "sequence.editor=sed -i.bak s/^pick/edit/", "rebase", "-i", "main~1")


def begin_bisect(project: Project) -> None:
    project.git("bisect", "start", "main", "main~2")


OPERATIONS = {
    "a merge is under way": (begin_merge, ("merge", "--abort")),
    "a rebase is under way": (begin_rebase, ("rebase", "--abort")),
    "a bisection is under way": (begin_bisect, ("bisect", "reset")),
}


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_landing_waits_for_the_end_of_the_persons_own_operation(project: Project, operation: str):
    begin, end = OPERATIONS[operation]
    project.plan("target: main\ntasks:\n  a: {run: 'echo > a'}\n")
    project.git("branch", "side")
    project.git("switch", "-q", "side")
    project.commit({"side": "x\n"})
    project.git("switch", "-q", "main")
    project.commit({"one": "1\n"})
    project.commit({"two": "2\n"})
    begin(project)
    before = project.git("status")

    process = project.begin("run", "--headless", "--wait")
    [blocked] = until(lambda: project.events(e.LandingBlocked), "the landing to be blocked")
    assert operation in blocked.why and before == project.git("status")
    project.git(*end)

    assert process.wait(60) == 0
    process.communicate()
    assert (["a"], "") == (project.landed(), project.git("status", "--porcelain"))


def test_a_landing_waits_for_a_stale_lock(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n")
    lock = project.write(".git/index.lock", "")

    project.porch("run", "--headless", expect=1)
    [need] = project.status()["needs_you"]
    assert "index.lock" in need["why"]
    lock.unlink()
    project.porch("resume", "--headless")

    assert ["a"] == project.landed()


def test_blocked_work_can_be_kept_on_a_branch_and_merged_by_hand(project: Project):
    project.commit({"shared.txt": "old\n"})
    project.plan("validate: test -e README.md\ntasks:\n  a: {run: 'echo new > shared.txt'}\n")
    project.write("shared.txt", "mine\n")
    project.porch("run", "--headless", expect=1)
    found = project.status()["needs_you"][0]["next"]
    keep = found.partition(" (git ")[2].partition(" keeps it")[0].split()

    project.git(*keep)
    project.git("stash", "-q")
    project.git("merge", "-q", "--ff-only", keep[1])
    project.porch("resume", "--headless")

    assert {"a": "landed"} == project.outcomes()
    assert ["a"] == project.landed()


@pytest.mark.slow
def test_a_target_checked_out_in_another_worktree_is_as_safe_as_the_main_one(project: Project):
    project.commit({"shared.txt": "old\n"})
    project.plan("target: main\ntasks:\n  a: {run: 'echo new > shared.txt'}\n")
    project.git("switch", "-qc", "elsewhere")
    linked = project.root.parent / "linked"
    project.git("worktree", "add", "-q", str(linked), "main")
    (linked / "shared.txt").write_text("mine\n")

    project.porch("run", "--headless", expect=1)
    assert ({"a": "blocked"}, "mine\n") == (project.outcomes(), (linked / "shared.txt").read_text())
    project.git("checkout", "shared.txt", cwd=linked)
    project.porch("resume", "--headless")

    assert "new\n" == (linked / "shared.txt").read_text()
    assert ("", "") == (
        project.git("status", "--porcelain"),
        project.git("status", "--porcelain", cwd=linked),
    )


@pytest.mark.slow
def test_candidates_are_rebuilt_on_a_target_that_someone_else_moved(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 1; echo > a'}\n")

    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    theirs = project.commit({"theirs": "x\n"})

    assert process.wait(60) == 0
    process.communicate()
    assert project.git("rev-parse", "main^1") == theirs
    assert project.landed() == ["a"]


def test_a_retry_starts_over_and_keeps_the_previous_work(project: Project):
    project.plan("tasks:\n  a: {run: 'echo work > draft; test -e ../go && echo > done-it'}\n")
    project.porch("run", "--headless", expect=1)
    worktree = project.root.parent / "app-a"
    assert (worktree / "draft").exists()

    (project.root.parent / "go").write_text("")
    project.porch("retry", "a")
    project.porch("resume", "--headless")

    kept = project.git("for-each-ref", "--format=%(refname)", f"refs/porch/{project.rundir.run}/attempt/a/1")
    assert project.git("show", f"{kept}:draft") == "work"
    assert project.landed() == ["a"]
