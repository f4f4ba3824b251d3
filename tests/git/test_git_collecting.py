"""What a task leaves behind becomes commits of its branch, whatever it is, or is told."""

from __future__ import annotations

import os

import pytest

from porch_tui.git.collecting import UncollectableError, changed_paths, commit_leftovers
from porch_tui.git.worktrees import ensure

MESSAGE = "Split the session code\n\nPorch-Task: auth\n"


@pytest.fixture
def there(repo, tmp_path):
    repo.commit({"run.sh": "#!/bin/sh\n", "gone": "x\n"})
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def collected(repo, there):
    return commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE)


def test_edits_additions_deletions_modes_and_symlinks_are_committed_as_the_person(repo, there, odd_name):
    repo.write("f", "two\n", at=there)
    repo.write(odd_name, "new\n", at=there)
    repo.write("a.env", "ignored\n", at=there)
    (there / "run.sh").chmod(0o755)
    (there / "gone").unlink()
    (there / "link").symlink_to("f")

    head = collected(repo, there)

    assert head == repo.tip("feature/auth")
    assert ("", "Ada", MESSAGE.strip()) == (
        repo.git("status", "--porcelain", at=there),
        repo.git("log", "-1", "--format=%an", head),
        repo.git("log", "-1", "--format=%B", head).strip(),
    )
    assert {"f", odd_name, "run.sh", "gone", "link"} == set(
        changed_paths(repo.opened().git, repo.tip(), head)
    )
    assert {"100755", "120000"} == {
        repo.git("ls-tree", head, name).split(" ")[0] for name in ("run.sh", "link")
    }


def test_commits_of_the_task_are_taken_as_they_are(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)

    assert head == collected(repo, there)


def test_staged_and_unstaged_work_comes_upon_the_tasks_commits(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    repo.write("g", "two\n", at=there)
    repo.git("add", "g", at=there)

    assert head == repo.git("rev-parse", f"{collected(repo, there)}^")


def test_a_task_that_changed_nothing_leaves_the_base(repo, there):
    os.utime(there / "f", (1, 1))

    assert repo.tip() == collected(repo, there)


def test_hooks_and_signing_of_the_person_do_not_lose_the_work(repo, there):
    for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "post-commit"):
        repo.write(f".git/hooks/{name}", "#!/bin/sh\nexit 1\n").chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    repo.write("f", "two\n", at=there)

    assert repo.tip() == repo.git("rev-parse", f"{collected(repo, there)}^")


def detach(repo, there):
    repo.git("checkout", "-q", "--detach", at=there)


def switch(repo, there):
    repo.git("switch", "-qc", "elsewhere", at=there)


def delete_branch(repo, there):
    detach(repo, there)
    repo.git("branch", "-qD", "feature/auth")
    repo.git("symbolic-ref", "HEAD", "refs/heads/feature/auth", at=there)


def begin_merge(repo, there):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("merge", "side", at=there, fails=True)


def begin_rebase(repo, there):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("rebase", "side", at=there, fails=True)


def nest(repo, there):
    type(repo)(there / "vendor" / "lib").commit({"x": "1"})


@pytest.mark.parametrize(
    ("leave", "says"),
    [
        (detach, "detached"),
        (switch, "on elsewhere"),
        (delete_branch, "does not exist any more"),
        (begin_merge, "merge is under way"),
        (begin_rebase, "detached"),
        (nest, "vendor/lib"),
    ],
)
def test_a_state_nobody_can_take_over_is_told_and_left_alone(repo, there, leave, says):
    leave(repo, there)
    repo.write("g", "mine\n", at=there)
    before = repo.picture(there)

    with pytest.raises(UncollectableError, match=says):
        collected(repo, there)
    assert before == repo.picture(there)


def test_a_rename_is_two_changed_paths(repo):
    base = repo.tip()
    head = repo.made(base, {"f": None, "renamed": "one\n"})

    assert ("f", "renamed") == changed_paths(repo.opened().git, base, head)
