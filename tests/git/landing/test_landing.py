"""A landing either moves branch and checkout together, or changes nothing of the person's."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.git.landing.checkout import checkout_path
from porch_tui.git.landing.landing import is_published
from porch_tui.git.landing.transaction import Blocked, BranchMoved, Landed, Moved
from porch_tui.git.refs import RunRefs
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.task_result import commit_leftovers

LANDED_REF = RunRefs("run").landed(1)


def test_a_clean_checkout_follows_the_branch(repo, old, new):
    assert Landed("main", new) == repo.land(old, new)

    assert (new, new, "") == (repo.tip(), repo.tip(LANDED_REF), repo.git("status", "--porcelain"))
    assert "two\n" == (repo.root / "f").read_text()
    assert not (repo.root / "g").exists()
    assert "porch: land auth" == repo.git("reflog", "-1", "--format=%gs", "main")


def test_landing_twice_changes_nothing(repo, old, new):
    repo.land(old, new)
    before = repo.picture()

    assert Landed("main", new) == repo.land(old, new)
    assert before == repo.picture()


def test_a_target_that_is_not_checked_out_moves_alone(repo, old, new):
    repo.branch("release", old)
    before = repo.picture()

    assert Landed("release", new) == repo.land(old, new, target="release")

    assert new == repo.tip("refs/heads/release")
    assert before[:2] == repo.picture()[:2]


def test_a_target_checked_out_in_a_linked_worktree_moves_with_that(repo, old, new, tmp_path):
    there = tmp_path / "place" / "linked"
    repo.git("worktree", "add", "-q", "-b", "release", there)
    before = repo.picture()

    assert there == checkout_path(repo.opened(), "release")
    assert Landed("release", new) == repo.land(old, new, target="release")

    assert ("", "two\n") == (repo.git("status", "--porcelain", at=there), (there / "f").read_text())
    assert before[:2] == repo.picture()[:2]


def test_a_target_that_moved_forward_is_reported_as_a_descendant(repo, old, new):
    tip = repo.commit({"other": "mine\n"})

    assert Moved(tip, True) == repo.land(old, new)


def test_a_target_that_was_reset_is_reported_as_no_descendant(repo, old, new):
    other = repo.made(None, {"f": "unrelated\n"})
    repo.git("reset", "-q", "--hard", other)

    assert Moved(other, False) == repo.land(old, new)


def test_a_deleted_target_is_reported(repo, old, new):
    assert Moved(None, False) == repo.land(old, new, target="gone")


def test_a_task_branch_that_moved_after_its_freeze_stops_the_landing(repo, old, new):
    later = repo.branch("feature/auth", repo.made(old, {"x": "later\n"}))
    before = repo.picture()

    assert BranchMoved("feature/auth", old, later) == repo.land(old, new, verify={"feature/auth": old})
    assert before == repo.picture()


def test_a_commit_of_the_person_during_a_landing_fails_and_the_landing_succeeds(repo, old, new):
    """The hook runs inside the prepared transaction, while the files are already new."""
    other = repo.made(old, {"other": "rival\n"})
    hook = repo.write(
        ".git/hooks/post-index-change",
        f"#!/bin/sh\n[ -e .git/porch/landing.json ] && [ ! -e ../tried ] && touch ../tried && "
        f"{{ git update-ref refs/heads/main {other} {old} 2>../rival; echo $? >../code; }}\nexit 0\n",
    )
    hook.chmod(0o755)

    assert Landed("main", new) == repo.land(old, new)

    assert "0" != (repo.root.parent / "code").read_text().strip()
    assert (new, "") == (repo.tip(), repo.git("status", "--porcelain"))


def test_a_hook_that_forbids_the_move_blocks_and_leaves_no_trace(repo, old, new):
    hook = repo.write(".git/hooks/reference-transaction", '#!/bin/sh\n[ "$1" != prepared ] || exit 1\n')
    hook.chmod(0o755)
    before = repo.picture()

    assert isinstance(repo.land(old, new), Blocked)
    assert before == repo.picture()


@pytest.mark.slow
def test_a_ref_locked_for_a_moment_only_delays(repo, old, new):
    repo.write(".git/refs/heads/main.lock", "")

    assert "Unable to create" in repo.land(old, new).why
    (repo.root / ".git/refs/heads/main.lock").unlink()
    assert Landed("main", new) == repo.land(old, new)


def test_an_undo_is_a_landing_in_the_other_direction(repo, old, new):
    repo.write("notes", "mine\n")
    before = repo.picture()
    repo.land(old, new)

    assert Landed("main", old) == repo.land(new, old, ref=None)
    assert before[:2] == repo.picture()[:2]


def test_an_undo_is_refused_over_a_file_edited_since(repo, old, new):
    repo.land(old, new)
    repo.write("f", "mine\n")
    before = repo.picture()

    assert ("f",) == repo.land(new, old, ref=None).paths
    assert before == repo.picture()


def test_a_commit_at_a_remote_is_published(repo, old, new):
    repo.git("update-ref", "refs/remotes/origin/main", old)

    assert (True, False) == (is_published(repo.opened(), old), is_published(repo.opened(), new))


def test_no_lock_is_left_behind(repo, old, new):
    repo.write("f", "mine\n")
    repo.land(old, new)

    assert [] == [lock for lock in Path(repo.root / ".git").rglob("*.lock") if lock.parent.name != "porch"]


def test_a_sha256_repository_works_like_any_other(empty, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    repo = type(empty)(tmp_path / "place" / "sha256")
    old = repo.commit({"f": "one\n"})
    there = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), there, "feature/auth", old, "porch run/auth")
    repo.write("f", "two\n", at=there)
    head = commit_leftovers(repo.opened().at(there), "feature/auth", "Auth").head
    repo.commit({"g": "one\n"})
    candidate = repo.build(tmp_path / "scratch", repo.tip(), head)

    assert Landed("main", candidate.commit) == repo.land(
        repo.tip(), candidate.commit, verify={"feature/auth": head}
    )
    assert ("two\n", "") == ((repo.root / "f").read_text(), repo.git("status", "--porcelain"))


def test_a_switch_to_the_target_just_before_it_is_locked_keeps_the_checkout(repo, old, new):
    """It was not checked out at the first look; with the refs locked porch looks again."""
    repo.git("switch", "-q", "-c", "elsewhere")
    switch = f'[ "$1" = prepared ] && echo "ref: refs/heads/main" > {repo.root}/.git/HEAD'
    repo.write(".git/hooks/reference-transaction", f"#!/bin/sh\n{switch}\nexit 0\n").chmod(0o755)

    outcome = repo.land(old, new)

    assert isinstance(outcome, Blocked)
    assert (old, "") == (repo.tip(), repo.git("status", "--porcelain"))


def test_an_operation_that_begins_before_the_refs_are_locked_stops_the_landing(repo, old, new):
    before = repo.picture()
    begin = f'[ "$1" = prepared ] && touch {repo.root}/.git/MERGE_HEAD'
    hook = repo.write(".git/hooks/reference-transaction", f"#!/bin/sh\n{begin}\nexit 0\n")
    hook.chmod(0o755)

    blocked = repo.land(old, new)

    assert "a merge is under way" in blocked.why
    (repo.root / ".git" / "MERGE_HEAD").unlink()
    hook.unlink()
    assert (before, False) == (repo.picture(), (repo.root / ".git/porch/landing.json").exists())
    assert Landed("main", new) == repo.land(old, new)
