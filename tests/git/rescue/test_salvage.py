"""A reset loses nothing: commits, staged, unstaged and untracked work stay reachable."""

from __future__ import annotations

import os

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.refs import RunRefs
from porch_tui.git.rescue.salvage import clear_locks, pin_leftovers, reset_to_base, snapshot
from porch_tui.git.worktree.creation import ensure

REF = RunRefs("run").attempt("auth", 1)


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def again(repo, there):
    """Reset the worktree, and return the refs that the repository has more than before."""
    before = repo.kept()
    reset_to_base(repo.opened(), there, "feature/auth", repo.tip(), REF)
    return {ref: oid for ref, oid in repo.kept().items() if before.get(ref) != oid}


def is_as_begun(repo, there):
    head = (repo.git("symbolic-ref", "HEAD", at=there), repo.git("rev-parse", "HEAD", at=there))
    return (("refs/heads/feature/auth", repo.tip()), "") == (
        head,
        repo.git("status", "--porcelain", at=there),
    )


def test_commits_edits_and_untracked_files_are_pinned_and_caches_stay(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    repo.write("f", "three\n", at=there)
    repo.write("new", "untracked\n", at=there)
    repo.write("cache", "warm\n", at=there)

    pins = again(repo, there)

    assert {f"{REF}/branch": head, f"{REF}/work": repo.tip(f"{REF}/work")} == pins
    assert ("three", "untracked") == tuple(repo.git("show", f"{REF}/work:{name}") for name in ("f", "new"))
    assert (True, True) == (is_as_begun(repo, there), (there / "cache").exists())


def test_an_empty_worktree_pins_nothing(repo, there):
    assert {} == again(repo, there)
    assert is_as_begun(repo, there)


def test_a_file_that_is_staged_and_then_changed_is_kept_in_both_versions(repo, there):
    repo.write("f", "staged\n", at=there)
    repo.git("add", "f", at=there)
    repo.write("f", "working\n", at=there)
    again(repo, there)

    assert "working" == repo.git("show", f"{REF}/work:f")
    assert "staged" == repo.git("show", f"{REF}/work^2:f")


def test_a_snapshot_touches_neither_worktree_nor_index(repo, there):
    repo.write("f", "staged\n", at=there)
    repo.git("add", "f", at=there)
    repo.write("f", "working\n", at=there)
    repo.write("new", "untracked\n", at=there)
    before = repo.picture(there)[:2]

    assert snapshot(repo.opened(), there, f"{REF}/work") == repo.tip(f"{REF}/work")
    assert before == repo.picture(there)[:2]


def test_a_clean_worktree_has_no_snapshot(repo, there):
    assert None is snapshot(repo.opened(), there, f"{REF}/work")


def test_a_detached_head_on_a_commit_of_its_own_is_pinned(repo, there):
    repo.git("checkout", "-q", "--detach", at=there)
    head = repo.commit({"f": "two\n"}, at=there)

    assert {f"{REF}/head": head} == again(repo, there)
    assert is_as_begun(repo, there)


def test_a_conflicted_merge_is_pinned_with_its_files_and_ended(repo, there):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("merge", "side", at=there, fails=True)
    again(repo, there)

    assert "<<<<<<<" in repo.git("show", f"{REF}/work:f")
    assert is_as_begun(repo, there)


@pytest.mark.parametrize("operation", ["rebase", "cherry-pick", "bisect", "orphan", "branch deleted"])
def test_operations_under_way_are_ended(repo, there, operation):
    side = repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    head = repo.commit({"f": "mine\n"}, at=there)
    match operation:
        case "rebase":
            repo.git("rebase", "side", at=there, fails=True)
        case "cherry-pick":
            repo.git("cherry-pick", side, repo.made(side, {"g": "x"}), at=there, fails=True)
        case "bisect":
            repo.git("bisect", "start", "HEAD", "HEAD~1", at=there)
        case "orphan":
            repo.git("switch", "-q", "--orphan", "alone", at=there)
        case _:
            repo.git("checkout", "-q", "--detach", at=there)
            repo.git("branch", "-qD", "feature/auth")
    pins = again(repo, there)

    assert is_as_begun(repo, there)
    assert head in pins.values()
    assert "rebas" not in repo.git("status", at=there)
    assert "bisect" not in repo.git("status", at=there)


def test_locks_of_a_killed_git_are_cleared(repo, there):
    admin = repo.git("rev-parse", "--absolute-git-dir", at=there)
    repo.write("index.lock", "", at=repo.root.__class__(admin))

    assert ["index.lock"] == [lock.name for lock in clear_locks(repo.opened(), there, "feature/auth")]
    assert is_as_begun(repo, there)


def test_a_nested_repository_stays(repo, there):
    repo.git("init", "-q", there / "nested")
    repo.write("nested/x", "1\n", at=there)
    again(repo, there)

    assert (there / "nested/x").exists()


def test_the_main_worktree_is_never_reset(repo, there):
    repo.git("switch", "-qc", "mine")
    before = repo.picture()

    with pytest.raises(RepositoryError, match="no worktree that porch made"):
        reset_to_base(repo.opened(), repo.root, "mine", repo.tip(), REF)
    assert before == repo.picture()


def test_a_branch_checked_out_elsewhere_too_is_left_alone(repo, there):
    repo.git("switch", "-q", "--ignore-other-worktrees", "feature/auth")
    before = repo.picture()

    with pytest.raises(RepositoryError, match="checked out in"):
        again(repo, there)
    assert before == repo.picture()


def test_odd_names_are_kept(repo, there, odd_name):
    repo.write(odd_name, "mine\n", at=there)
    again(repo, there)

    assert odd_name in repo.git("ls-tree", "-z", "--name-only", f"{REF}/work").split("\0")
    assert not os.path.lexists(there / odd_name)


def test_no_identity_is_needed(repo, there, monkeypatch):
    repo.git("config", "--unset", "user.name")
    repo.git("config", "--unset", "user.email")
    repo.git("config", "user.useConfigOnly", "true")
    repo.write("f", "mine\n", at=there)

    assert [f"{REF}/work"] == list(again(repo, there))


def test_pins_of_an_earlier_reset_are_never_overwritten(repo, there):
    """Also when that was cut off halfway and is done again under the same name."""
    kept = []
    for content in ("a\n", "b\n", "c\n"):
        repo.write("f", content, at=there)
        kept += again(repo, there)

    assert [f"{REF}/work", f"{REF}-2/work", f"{REF}-3/work"] == kept
    assert ["a", "b", "c"] == [repo.git("show", f"{ref}:f") for ref in kept]


def test_leftovers_are_kept_if_there_are_any(repo, there):
    assert not pin_leftovers(repo.opened(), there, REF)
    assert not pin_leftovers(repo.opened(), there / "gone", REF)
    assert "" == repo.git("for-each-ref", "refs/porch")

    repo.write("new", "untracked\n", at=there)
    assert pin_leftovers(repo.opened(), there, REF)
    assert "untracked" == repo.git("show", f"{REF}:new")


def test_every_pin_is_a_ref_of_the_repository_that_keeps_its_commit_from_gc(repo, there):
    repo.commit({"f": "on the branch\n"}, at=there)
    repo.git("checkout", "-q", "--detach", repo.tip(), at=there)
    repo.commit({"f": "elsewhere\n"}, at=there)
    repo.write("new", "untracked\n", at=there)

    pins = again(repo, there)

    assert pins.keys() == {f"{REF}/branch", f"{REF}/head", f"{REF}/work"}
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert {name: repo.tip(name) for name in pins} == pins
    assert repo.git("show", f"{pins[f'{REF}/head']}:f") == "elsewhere"
