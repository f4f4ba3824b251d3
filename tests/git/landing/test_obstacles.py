"""Which of the person's files a landing leaves alone, which block it, and when another try makes sense."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from porch_tui.git.landing.checkout import checkout_fingerprint
from porch_tui.git.landing.transaction import Blocked, Landed


def stage_another(repo):
    repo.write("sub/h", "staged\n")
    repo.git("add", "sub/h")


def stage_the_same(repo):
    repo.write("f", "two\n")
    repo.git("add", "f")


CARRIED = {
    "dirty elsewhere": lambda repo: repo.write("sub/h", "mine\n"),
    "staged elsewhere": stage_another,
    "untracked elsewhere": lambda repo: repo.write("notes", "mine\n"),
    "ignored elsewhere": lambda repo: repo.write("build/deep/x", "mine\n"),
    "intent to add": lambda repo: (repo.write("later", "mine\n"), repo.git("add", "-N", "later")),
    "same content staged": stage_the_same,
    "touched but not changed": lambda repo: os.utime(repo.root / "f", (1, 1)),
    "deleted where it is deleted": lambda repo: (repo.root / "g").unlink(),
    "assume-unchanged elsewhere": lambda repo: (
        repo.git("update-index", "--assume-unchanged", "sub/h"),
        repo.write("sub/h", "mine\n"),
    ),
}


@pytest.mark.parametrize("state", CARRIED)
def test_files_that_the_landing_does_not_touch_stay(repo, old, new, state):
    CARRIED[state](repo)
    mine = {
        name: obstacles
        for name, obstacles in contents_of(repo).items()
        if b"mine" in obstacles[1] or b"staged" in obstacles[1]
    }

    assert Landed("main", new) == repo.land(old, new)

    assert mine.items() <= contents_of(repo).items()
    assert "two\n" == (repo.root / "f").read_text()


def contents_of(repo):
    return repo.picture()[0]


def stage_the_deleted(repo):
    repo.write("g", "mine\n")
    repo.git("add", "g")


def hide(flag, name):
    def hidden(repo):
        repo.git("update-index", flag, name)
        repo.write(name, "mine\n")

    return hidden


def in_a_file_of_the_way(repo):
    repo.write(".git/info/exclude", "new\n")
    repo.write("new", "mine\n")


def in_a_linked_folder(repo):
    repo.write(".git/info/exclude", "new\n")
    repo.write("../elsewhere/y", "mine\n")
    (repo.root / "new").symlink_to("../elsewhere")


REFUSED = {
    "dirty where it lands": (lambda repo: repo.write("f", "mine\n"), ("f",)),
    "staged where it lands": (lambda repo: (repo.write("f", "mine\n"), repo.git("add", "f")), ("f",)),
    "deleted where it lands": (lambda repo: (repo.root / "f").unlink(), ("f",)),
    "dirty where it deletes": (lambda repo: repo.write("g", "mine\n"), ("g",)),
    "staged where it deletes": (stage_the_deleted, ("g",)),
    "assume-unchanged edit": (hide("--assume-unchanged", "f"), ("f",)),
    "skip-worktree edit": (hide("--skip-worktree", "f"), ("f",)),
    "untracked in the way": (lambda repo: repo.write("added", "mine\n"), ("added",)),
    "identical untracked in the way": (lambda repo: repo.write("added", "two\n"), ("added",)),
    "ignored file in the way": (lambda repo: repo.write("a.env", "SECRET\n"), ("a.env",)),
    "ignored folder where a file lands": (
        lambda repo: repo.write("a.env/deep/x", "mine\n"),
        ("a.env/deep/x",),
    ),
    "ignored file where a folder lands": (in_a_file_of_the_way, ("new",)),
    "ignored symlink where a folder lands": (in_a_linked_folder, ("new",)),
    "broken symlink in the way": (lambda repo: (repo.root / "added").symlink_to("nowhere"), ("added",)),
    "two at once": (lambda repo: (repo.write("f", "mine\n"), repo.write("g", "mine\n")), ("f", "g")),
}


@pytest.mark.parametrize("state", REFUSED)
def test_files_that_the_landing_would_overwrite_block_it_and_stay(repo, old, new, state):
    make, paths = REFUSED[state]
    make(repo)
    before = repo.picture()

    outcome = repo.land(old, new)

    assert isinstance(outcome, Blocked), outcome
    assert (paths, before) == (outcome.paths, repo.picture())
    assert not (repo.root / ".git" / "porch" / "landing.json").exists()


def test_a_tracked_folder_that_becomes_a_file_is_no_obstacle_but_an_ignored_file_in_it_is(repo, old):
    new = repo.made(old, {"sub/h": None, "sub": "now a file\n"})
    mine = repo.write("sub/x.env", "SECRET\n")
    blocked = repo.land(old, new)
    mine.unlink()

    assert ("sub/x.env",) == blocked.paths
    assert Landed("main", new) == repo.land(old, new)


def test_a_file_staged_in_a_folder_that_becomes_a_file_is_an_obstacle(repo, old):
    """`git read-tree -m -u` drops it from index and disk without a word."""
    new = repo.made(old, {"sub/h": None, "sub": "now a file\n"})
    repo.write("sub/mine", "mine\n")
    repo.git("add", "sub/mine")
    before = repo.picture()

    assert ("sub/mine",) == repo.land(old, new).paths
    assert before == repo.picture()


def test_a_tracked_file_that_becomes_a_folder_is_no_obstacle(repo, old):
    new = repo.made(old, {"f": None, "f/x": "deeper\n"})

    assert Landed("main", new) == repo.land(old, new)
    assert "" == repo.git("status", "--porcelain")


def begin_merge(repo):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")


def begin_pick(repo):
    repo.write("f", "mine\n")
    repo.git("commit", "-qam", "mine")
    repo.git("cherry-pick", repo.made("HEAD^", {"f": "side\n"}), fails=True)


def begin_revert(repo):
    first = repo.commit({"f": "1\n"})
    repo.commit({"f": "2\n"})
    repo.git("revert", "--no-edit", first, fails=True)


def begin_rebase(repo):
    repo.branch("side", repo.made("HEAD", {"f": "side\n"}))
    repo.commit({"f": "mine\n"})
    repo.git("rebase", "side", fails=True)


def begin_stacked_rebase(repo):
    repo.branch("side", repo.made("HEAD", {"sub/h": "side\n"}))
    repo.commit({"g": "mine\n"})
    repo.git("switch", "-qc", "upper")
    repo.commit({"sub/h": "mine\n"})
    repo.git("rebase", "--update-refs", "side", fails=True)


def begin_bisect(repo):
    for number in range(4):
        repo.commit({"f": f"{number}\n"})
    repo.git("bisect", "start", "HEAD", "HEAD~4")


OPERATIONS = {
    "a merge": begin_merge,
    "a cherry-pick": begin_pick,
    "a revert": begin_revert,
    "a rebase": begin_rebase,
    "a rebase with --update-refs": begin_stacked_rebase,
    "a bisection": begin_bisect,
    "index.lock": lambda repo: repo.write(".git/index.lock", ""),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_under_way_blocks_the_landing_and_is_untouched(repo, operation):
    OPERATIONS[operation](repo)
    tip = repo.tip("refs/heads/main")
    new = repo.made(tip, {"unrelated": "two\n"})
    before = repo.picture()

    outcome = repo.land(tip, new)

    assert isinstance(outcome, Blocked), outcome
    assert operation.split(" with")[0] in outcome.why
    assert before == repo.picture()


def test_a_target_checked_out_twice_blocks(repo, old, new, tmp_path):
    repo.git("worktree", "add", "-q", "-f", tmp_path / "place" / "again", "main")

    assert "twice" in repo.land(old, new).why


def test_a_checkout_on_a_missing_disk_blocks_until_the_disk_is_back(repo, old, new, tmp_path):
    repo.git("switch", "-qc", "elsewhere")
    linked, away = tmp_path / "place" / "linked", tmp_path / "place" / "away"
    repo.git("worktree", "add", "-q", linked, "main")
    repo.git("worktree", "lock", linked)
    linked.rename(away)
    blocked, before = repo.land(old, new), checkout_fingerprint(repo.opened(), "main")
    away.rename(linked)

    assert "locked and not there" in blocked.why
    assert before != checkout_fingerprint(repo.opened(), "main")
    assert Landed("main", new) == repo.land(old, new)
    assert "two\n" == (linked / "f").read_text()


def test_a_deleted_worktree_blocks_nothing(repo, old, new, tmp_path):
    repo.git("switch", "-qc", "elsewhere")
    repo.git("worktree", "add", "-q", tmp_path / "place" / "linked", "main")
    (tmp_path / "place" / "linked").rename(tmp_path / "gone")

    assert Landed("main", new) == repo.land(old, new)


@pytest.mark.parametrize(
    "unblock",
    [
        lambda repo: repo.git("checkout", "f"),
        lambda repo: repo.git("stash"),
        lambda repo: repo.git("commit", "-qam", "mine"),
        lambda repo: repo.write("f", "one\n"),
        lambda repo: repo.git("switch", "-qc", "elsewhere"),
    ],
    ids=["restored", "stashed", "committed", "edited back", "switched away"],
)
def test_the_fingerprint_changes_with_everything_that_may_unblock(repo, old, new, unblock):
    repo.write("f", "mine\n")
    blocked = repo.land(old, new)
    before = checkout_fingerprint(repo.opened(), "main", blocked.paths)
    again = checkout_fingerprint(repo.opened(), "main", blocked.paths)
    unblock(repo)

    assert before == again != checkout_fingerprint(repo.opened(), "main", blocked.paths)


def test_odd_names_land_and_block(repo, old, odd_name):
    new = repo.made(old, {odd_name: "two\n", f"dir {odd_name}/x": "two\n"})
    mine = repo.write(odd_name, "mine\n")
    blocked = repo.land(old, new)
    mine.unlink()

    assert (odd_name,) == blocked.paths
    assert Landed("main", new) == repo.land(old, new)
    assert "" == repo.git("status", "--porcelain")


@pytest.mark.parametrize("key, value", [("core.bare", "true"), ("core.worktree", ".git")])
def test_a_misleading_setting_blocks_the_landing(repo, old, new, key, value):
    """It says how to put it back, and that command is all that is needed."""
    before, opened = repo.picture(), repo.opened()
    repo.git("config", key, value)
    was = checkout_fingerprint(opened, "main")

    blocked = repo.land(old, new)

    assert isinstance(blocked, Blocked)
    assert f"{key} is {value}" in blocked.why
    command = blocked.why[blocked.why.index("git config") :]
    subprocess.run(shlex.split(command), cwd="/", check=True)
    assert before == repo.picture()
    assert was != checkout_fingerprint(opened, "main")
    assert Landed("main", new) == repo.land(old, new)


def test_a_checkout_that_is_no_longer_its_worktree_blocks(repo, old, new, tmp_path):
    linked = tmp_path / "linked"
    repo.git("checkout", "-q", "--detach")
    repo.git("worktree", "add", "-q", linked, "main")
    (linked / ".git").unlink()

    blocked = repo.land(old, new)

    assert isinstance(blocked, Blocked) and "worktree repair" in blocked.why
    assert old == repo.tip()
