"""What a person has in their checkout stays as it is, byte for byte, whatever lands."""

from __future__ import annotations

from porch_tui.core import events as e
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


def test_a_blocked_landing_goes_through_by_itself_once_the_file_is_out_of_the_way(project: Project):
    project.commit({"shared.txt": "old\n"})
    project.plan("tasks:\n  a: {run: 'echo new > shared.txt'}\n")
    project.write("shared.txt", "mine\n")

    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.LandingBlocked), "the landing to be blocked")
    project.write("shared.txt", "old\n")

    assert process.wait(60) == 0
    process.communicate()
    assert (project.root / "shared.txt").read_text() == "new\n"


def test_a_target_that_somebody_else_moves_is_built_upon(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 1; echo > a'}\n")

    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    theirs = project.commit({"theirs": "x\n"})

    assert process.wait(60) == 0
    process.communicate()
    assert project.git("rev-parse", "main^1") == theirs
    assert project.landed() == ["a"]


def test_a_retry_begins_again_and_keeps_what_was_there(project: Project):
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
