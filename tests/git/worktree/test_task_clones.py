"""A clone in a worktree's place: its git is its own, and nothing that was made there is lost with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading

import pytest

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.merge.prediction import Verdict, predict, task_commit_now
from porch_tui.git.refs import RunRefs
from porch_tui.git.rescue.salvage import clear_locks, pin_and_continue, pin_leftovers, reset_to_base
from porch_tui.git.worktree import clones, pool, removal
from porch_tui.git.worktree.clones import is_clone
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.disk_usage import DiskMeter
from porch_tui.git.worktree.task_result import UncollectableError, commit_leftovers
from porch_tui.git.worktree_list import list_worktrees, worktrees_lock

RUN = RunRefs("run")
CLONE_REFS, PINS, LEFT = RUN.clone("auth", "1"), RUN.attempt("auth", 1), RUN.left("auth", 1)


def cloned(repo, place, task="auth"):
    there = place / f"app-{task}"
    ensure(repo.opened(), there, f"feature/{task}", repo.tip(), f"porch run/{task}", is_clone=True)
    return there


@pytest.fixture
def there(repo, tmp_path):
    return cloned(repo, tmp_path / "place")


def synced(repo, there, branch="feature/auth"):
    """Sync the clone back, and return the refs that keep what is not on its branch."""
    clones.sync_back(repo.opened(), there, branch, CLONE_REFS)
    return [ref for ref in repo.kept(f"{CLONE_REFS}/") if not ref.endswith("/branch")]


def collect_garbage(repo):
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")


def is_whole(repo, at) -> bool:
    return "" == repo.git("fsck", "--no-dangling", "--connectivity-only", at=at)


def test_it_is_on_the_branch_at_the_base_with_nothing_to_commit(repo, there):
    assert ("feature/auth", repo.tip(), "") == (
        repo.git("branch", "--show-current", at=there),
        repo.git("rev-parse", "HEAD", at=there),
        repo.git("status", "--porcelain", "--ignored", at=there),
    )
    assert repo.tip() == repo.tip("feature/auth")
    assert ("feature/auth", "porch run/auth") == (list_worktrees(repo.opened())[1].branch, "porch run/auth")
    assert is_clone(repo.opened(), there)


def test_it_begins_with_all_refs_that_a_worktree_has(repo, tmp_path):
    repo.branch("side", repo.made(repo.tip(), {"x": "1\n"}))
    repo.git("tag", "v1")
    repo.git("tag", "-a", "v2", "-m", "two")
    repo.git("update-ref", "refs/remotes/origin/main", repo.tip())
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    repo.git("update-ref", "refs/porch/other/base", repo.tip())
    repo.write("f", "mine\n")
    repo.git("stash")
    there = cloned(repo, tmp_path / "place")

    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    assert repo.git("for-each-ref", *kinds) == repo.git("for-each-ref", *kinds, at=there)
    assert "refs/remotes/origin/main" == repo.git("symbolic-ref", "refs/remotes/origin/HEAD", at=there)
    assert "" == repo.git("stash", "list", at=there)
    assert "refs/porch/home" == repo.git("for-each-ref", "--format=%(refname)", "refs/porch", at=there)
    assert is_whole(repo, there)


def test_stash_settings_and_hooks_are_its_own(repo, there, tmp_path):
    other = cloned(repo, tmp_path / "place", "log")
    for place in (there, other):
        repo.write("f", f"{place.name}\n", at=place)
        repo.git("stash", at=place)
    repo.git("config", "user.name", "Somebody", at=there)
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n", at=there).chmod(0o755)

    for place in (there, other):
        repo.git("stash", "pop", at=place)

    assert ["app-auth\n", "app-log\n"] == [(place / "f").read_text() for place in (there, other)]
    assert ["Somebody", "Ada", "Ada"] == [
        repo.git("config", "user.name", at=place) for place in (there, other, repo.root)
    ]
    repo.commit({"f": "two\n"}, at=other)
    assert "" == repo.git("stash", "list")


def test_settings_hooks_and_rules_of_the_repository_are_copied(repo, tmp_path, monkeypatch):
    """Also those from files it includes, and those a person keeps for repositories in one place."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "config"))
    (home / "config").write_text(f'[includeIf "gitdir:{repo.root}/"]\n\tpath = work\n')
    (home / "work").write_text("[user]\n\tsigningKey = KEY\n[commit]\n\tgpgSign = true\n")
    repo.write(".git/more", '[alias]\n\tst = "status -s" # one\n[user]\n\temail = work@example.org\n')
    repo.git("config", "include.path", "more")
    repo.git("config", "core.hooksPath", "hooks")
    repo.write(".git/info/exclude", "*.secret\n")
    repo.write(".git/hooks/pre-push", "#!/bin/sh\n").chmod(0o755)
    there = cloned(repo, tmp_path / "place")

    names = ("user.name", "user.email", "user.signingKey", "commit.gpgSign", "core.hooksPath", "alias.st")
    assert ["Ada", "work@example.org", "KEY", "true", "hooks", "status -s"] == [
        repo.git("config", name, at=there) for name in names
    ]
    repo.write("x.secret", "x", at=there)
    assert "" == repo.git("status", "--porcelain", at=there)
    assert os.access(there / ".git/hooks/pre-push", os.X_OK)


def test_it_has_the_repositorys_remotes_and_a_push_does_not_reach_the_repository(repo, tmp_path):
    with pytest.raises(AssertionError, match="No configured push destination"):
        repo.git("push", at=cloned(repo, tmp_path / "place"))
    hub = tmp_path / "hub.git"
    repo.git("init", "-q", "--bare", hub)
    repo.git("remote", "add", "origin", hub)
    there = cloned(repo, tmp_path / "place", "log")
    head = repo.commit({"f": "two\n"}, at=there)

    repo.git("push", "-q", "origin", "HEAD", at=there)

    assert head == repo.git("rev-parse", "feature/log", at=hub)
    assert repo.tip() == repo.tip("feature/log")


def test_its_commits_come_to_the_branch_and_survive_it(repo, there):
    repo.commit({"f": "two\n"}, at=there)
    repo.write("new", "untracked\n", at=there)
    head = commit_leftovers(repo.opened().at(there), "feature/auth", "Split\n").head

    assert [] == synced(repo, there)
    shutil.rmtree(there)
    collect_garbage(repo)

    assert (head, "untracked") == (repo.tip("feature/auth"), repo.git("show", "feature/auth:new"))
    assert is_whole(repo, repo.root)


def test_syncing_again_changes_nothing(repo, there):
    repo.commit({"f": "two\n"}, at=there)
    synced(repo, there)
    before = repo.git("for-each-ref")

    assert [] == synced(repo, there)
    assert before == repo.git("for-each-ref")


def test_rewritten_commits_replace_the_earlier_ones(repo, there):
    repo.commit({"f": "two\n"}, at=there)
    synced(repo, there)
    repo.git("commit", "-q", "--amend", "-m", "better", at=there)
    synced(repo, there)

    assert repo.git("rev-parse", "HEAD", at=there) == repo.tip("feature/auth")


def test_a_branch_that_was_moved_in_the_repository_is_not_overwritten(repo, there):
    mine = repo.commit({"f": "two\n"}, at=there)
    theirs = repo.made(repo.tip(), {"g": "theirs\n"})
    repo.branch("feature/auth", theirs)

    with pytest.raises(UncollectableError, match="was moved to"):
        synced(repo, there)

    assert (theirs, mine) == (repo.tip("feature/auth"), repo.tip(f"{CLONE_REFS}/branch"))
    repo.git("pull", "-q", "--no-rebase", "--no-edit", repo.root, "feature/auth", at=there)
    synced(repo, there)
    assert repo.git("rev-parse", "HEAD", at=there) == repo.tip("feature/auth")


def test_stashes_branches_tags_and_a_detached_head_are_kept(repo, there):
    for content in ("two\n", "three\n"):
        repo.write("f", content, at=there)
        repo.git("stash", at=there)
    repo.git("switch", "-qc", "other", at=there)
    other = repo.commit({"g": "other\n"}, at=there)
    repo.git("tag", "-a", "v1", "-m", "one", at=there)
    repo.git("checkout", "-q", "--detach", "feature/auth", at=there)
    alone = repo.commit({"g": "alone\n"}, at=there)
    stashes = repo.git("stash", "list", "--format=%H", at=there).split()

    kept = synced(repo, there)
    shutil.rmtree(there)
    collect_garbage(repo)

    named = [f"{CLONE_REFS}/{name}" for name in ("detached", "heads/other", "tags/v1")]
    assert sorted([*named, *(f"{CLONE_REFS}/stash/{oid[:12]}" for oid in stashes)]) == sorted(kept)
    assert [alone, other] == [repo.tip(ref) for ref in named[:2]]
    assert other == repo.git("rev-parse", f"{named[2]}^{{commit}}")
    assert {"two", "three"} == {repo.git("show", f"{ref}:f") for ref in kept if "/stash/" in ref}


def test_branches_without_new_commits_are_not_kept(repo, there):
    repo.git("branch", "backup", at=there)
    repo.commit({"f": "two\n"}, at=there)
    repo.git("branch", "same", at=there)

    assert [] == synced(repo, there)


def test_a_gc_of_the_repository_deletes_nothing_of_it(repo, tmp_path):
    """A branch is deleted, and its objects have no ref: the clone has its own links to them."""
    repo.branch("side", repo.made(repo.tip(), {"x": "only there\n"}))
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"dropped long ago\n")
    there = cloned(repo, tmp_path / "place")
    repo.write("again", "dropped long ago\n", at=there)
    repo.git("add", "again", at=there)

    repo.git("branch", "-qD", "side")
    collect_garbage(repo)

    assert "" == repo.git("cat-file", "-t", blob, fails=True)
    assert is_whole(repo, there)
    assert "only there" == repo.git("show", "side:x", at=there)
    head = commit_leftovers(repo.opened().at(there), "feature/auth", "x").head
    assert "dropped long ago" == repo.git("show", f"{head}:again", at=there)


@pytest.mark.slow
def test_it_is_complete_while_the_repository_repacks_all_the_time(repo, tmp_path):
    is_over = threading.Event()

    def repack() -> None:
        while not is_over.is_set():
            repo.made(repo.tip(), {"noise": os.urandom(8).hex()})
            repo.git("repack", "-q", "-A", "-d")
            repo.git("prune-packed", "-q")

    packer = threading.Thread(target=repack)
    packer.start()
    try:
        assert all(is_whole(repo, cloned(repo, tmp_path / "place", f"t{number}")) for number in range(20))
    finally:
        is_over.set()
        packer.join()


def test_uncommitted_work_is_kept_in_the_repository(repo, there):
    repo.write("f", "changed\n", at=there)
    repo.write("new", "untracked\n", at=there)

    assert pin_leftovers(repo.opened(), there, LEFT)
    shutil.rmtree(there)
    collect_garbage(repo)
    assert ("changed", "untracked") == tuple(repo.git("show", f"{LEFT}:{name}") for name in ("f", "new"))


def test_a_reset_pins_everything_and_fetches_a_base_that_the_clone_lacks(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    repo.write("f", "three\n", at=there)
    repo.write("cache", "warm\n", at=there)
    base = repo.commit({"g": "landed\n"})

    reset_to_base(repo.opened(), there, "feature/auth", base, PINS)

    pins = repo.kept(f"{PINS}/")
    assert ([f"{PINS}/branch", f"{PINS}/work"], head) == (list(pins), pins[f"{PINS}/branch"])
    assert "three" == repo.git("show", f"{PINS}/work:f")
    assert [base, base, ""] == [
        repo.tip("feature/auth"),
        repo.git("rev-parse", "feature/auth", at=there),
        repo.git("status", "--porcelain", at=there),
    ]
    assert (there / "cache").exists()
    after = repo.commit({"f": "again\n"}, at=there)
    synced(repo, there)
    assert after == repo.tip("feature/auth")


def test_a_reset_pins_both_branches_if_both_were_moved(repo, there):
    mine = repo.commit({"f": "two\n"}, at=there)
    theirs = repo.branch("feature/auth", repo.made(repo.tip(), {"g": "theirs\n"}))

    reset_to_base(repo.opened(), there, "feature/auth", repo.tip(), PINS)

    assert {f"{PINS}/branch": theirs, f"{PINS}/head": mine} == repo.kept(f"{PINS}/")
    assert repo.tip() == repo.tip("feature/auth")


def test_continuing_leaves_everything_and_pins_it(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    repo.write("f", "three\n", at=there)

    pin_and_continue(repo.opened(), there, "feature/auth", repo.tip(), PINS)

    assert {f"{PINS}/branch", f"{PINS}/work"} == set(repo.kept(f"{PINS}/"))
    assert (head, "three\n") == (repo.tip("feature/auth"), (there / "f").read_text())


def test_locks_of_a_killed_git_are_cleared(repo, there):
    for name in ("index.lock", "config.lock", "refs/heads/feature/auth.lock"):
        repo.write(f".git/{name}", "", at=there)

    cleared = clear_locks(repo.opened(), there, "feature/auth")

    assert {"index.lock", "config.lock", "auth.lock"} == {lock.name for lock in cleared}
    repo.git("config", "user.name", "Eve", at=there)
    repo.commit({"f": "two\n"}, at=there)


def test_it_is_not_removed_while_commits_are_only_there(repo, there):
    repo.git("switch", "-qc", "other", at=there)
    repo.commit({"g": "other\n"}, at=there)

    with pytest.raises(RefusedError, match="heads/other"):
        removal.remove(repo.opened(), there)
    synced(repo, there)
    removal.remove(repo.opened(), there)
    removal.empty_trash(repo.opened())

    assert not there.exists()
    assert 1 == len(list_worktrees(repo.opened()))
    assert [] == [one.name for one in there.parent.iterdir() if one.name.startswith(".porch-trash")]


def test_it_is_made_again_from_synced_commits_when_its_folder_is_gone(repo, there, tmp_path):
    head = repo.commit({"f": "two\n"}, at=there)
    synced(repo, there)
    shutil.rmtree(there)

    assert there == cloned(repo, tmp_path / "place")
    assert (head, "") == (
        repo.git("rev-parse", "feature/auth", at=there),
        repo.git("status", "--porcelain", at=there),
    )


def test_it_is_never_put_into_the_pool(repo, there):
    with worktrees_lock(repo.opened()):
        assert not pool.give(repo.opened(), there, 5, ())
    assert is_clone(repo.opened(), there)


def test_gits_worktree_commands_do_not_damage_it(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    for words in (
        ["worktree", "prune"],
        ["worktree", "repair"],
        ["worktree", "list"],
        ["gc", "-q"],
        ["fsck"],
    ):
        repo.git(*words, fails="repair" in words)
    for words in (["worktree", "remove", "-f", "-f", there], ["branch", "-D", "feature/auth"]):
        repo.git(*words, fails=True)

    assert head == repo.git("rev-parse", "HEAD", at=there)
    assert repo.tip() == repo.tip("feature/auth")


def test_conflicts_with_its_committed_and_uncommitted_work_are_predicted(repo, there, tmp_path):
    other = cloned(repo, tmp_path / "place", "log")
    repo.commit({"f": "auth\n"}, at=there)
    repo.write("f", "log\n", at=other)
    repository, objects = repo.opened(), tmp_path / "objects"

    works = [task_commit_now(repository, place, objects) for place in (there, other)]

    assert None not in works
    predicted = predict(repository, tmp_path / "scratch", objects, [tuple(works)])
    assert [(Verdict.CONFLICT, ("f",))] == [(one.verdict, one.paths) for one in predicted.values()]
    assert "" == repo.git(
        "cat-file", "-t", works[0], fails=True
    )  # and no object of it is left in the repository


def test_porch_finds_the_repository_from_inside_it(repo, there):
    (there / "deep").mkdir()

    assert repo.opened() == discover(there / "deep")


def test_other_files_in_its_place_are_left_alone(repo, tmp_path):
    there = tmp_path / "place" / "app-auth"
    repo.write("notes", "mine\n", at=there)

    with pytest.raises(RepositoryError, match="did not make"):
        cloned(repo, tmp_path / "place")

    assert ["notes"] == [file.name for file in there.iterdir()]
    assert "" == repo.git("branch", "--list", "feature/*")


@pytest.mark.parametrize("kind", ["shallow", "sparse", "submodule", "sha256", "borrowing"])
def test_unusual_repositories_can_be_cloned(repo, tmp_path, kind):
    repo.commit({"f": "two\n", "sub/h": "two\n"})
    odd = tmp_path / "odd" / "app"
    odd.parent.mkdir()
    match kind:
        case "shallow":
            repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", odd, at=tmp_path)
        case "borrowing":
            repo.git("clone", "-q", "--shared", repo.root, odd, at=tmp_path)
        case "sha256":
            subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", odd], check=True)
        case _:
            repo.git("clone", "-q", repo.root, odd, at=tmp_path)
    made = type(repo).__new__(type(repo))
    made.root = odd
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        made.git("config", name, value)
    if kind == "sha256":
        made.commit({"f": "two\n"})
    if kind == "sparse":
        made.git("sparse-checkout", "set", "--cone", "nothing")
    if kind == "submodule":
        made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo.root, "vendor")
        made.git("commit", "-qm", "vendor")

    there = cloned(made, tmp_path / "odd")
    head = made.commit({"new": "new\n"}, at=there)
    clones.sync_back(made.opened(), there, "feature/auth", CLONE_REFS)

    assert head == made.tip("feature/auth")
    assert ("", "new") == (
        made.git("status", "--porcelain", at=there),
        made.git("show", "feature/auth:new"),
    )
    assert (kind not in ("sparse", "sha256")) == (there / "sub").exists()


def test_a_reftable_repository_is_refused_with_advice(repo):
    (repo.root / ".git/reftable").mkdir()

    with pytest.raises(RepositoryError, match="git refs migrate"):
        clones.refuse_unclonable(repo.opened())


def test_lfs_objects_come_to_the_repository(repo, tmp_path):
    repo.git("config", "filter.lfs.process", "git-lfs filter-process")

    assert str(repo.root / ".git/lfs") == repo.git(
        "config", "lfs.storage", at=cloned(repo, tmp_path / "place")
    )


def test_objects_shared_with_the_repository_take_no_space(repo, tmp_path):
    repo.commit({"big": os.urandom(1 << 20)})
    there = cloned(repo, tmp_path / "place")
    assert DiskMeter().measure([there / ".git"]).allocated_bytes < 1 << 20

    repo.commit({"mine": os.urandom(1 << 20)}, at=there)

    assert 1 << 20 <= DiskMeter().measure([there / ".git"]).allocated_bytes < 2 << 20
