"""The result of an attempt comes back, and nothing else."""

from __future__ import annotations

import os

from porch_tui.git.transfer import bundles, packs
from tests.git.transfer.conftest import HEAD, bundle, give, on_disk
from tests.git.transfer.forging import Forger


def test_commits_made_on_a_snapshot_come_back(repo, host):
    base = repo.commit({"f": "two\n"})
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {"new\nline": "mine\n", "f": "three\n"})
    result, content = bundle(host.opened, base, {HEAD: head, f"{HEAD}-untouched": base})

    with on_disk(content) as file:
        assert bundles.take(repo.opened(), base, result.refs, file, allowed={HEAD, f"{HEAD}-untouched"})

    assert repo.tip(HEAD) == head
    assert repo.tip(f"{HEAD}-untouched") == base
    assert repo.git("show", f"{HEAD}:new\nline") == "mine"
    assert repo.git("fsck", "--no-dangling", "--full") == ""


def test_pins_of_earlier_attempts_come_back_with_the_bases_they_are_on(repo, host):
    first, second = repo.tip(), repo.commit({"f": "two\n"})
    for base in (first, second):
        give(repo.opened(), host.opened, base)
    pin = host.commit(host.worktree(first), {"pinned": "x\n"})
    head = host.commit(host.worktree(second), {"new": "x\n"})
    orphan = Forger(host, second).commit(host.git("rev-parse", f"{head}^{{tree}}"))
    pins = "refs/porch/run/attempt/auth/1"
    left = {HEAD: head, f"{pins}/work": pin, f"{pins}/orphan": orphan}
    result, content = bundle(host.opened, second, left, others=packs.tips(host.opened).bases)

    with on_disk(content) as file:
        bundles.take(repo.opened(), second, result.refs, file, allowed=[HEAD, f"{pins}/"])

    assert result.apart == (f"{pins}/orphan",)
    assert repo.kept(f"{pins}/") == {f"{pins}/work": pin}
    assert repo.git("show", f"{pin}:pinned") == "x"
    assert repo.git("fsck", "--no-dangling", "--full") == ""


def test_an_attempt_that_changed_nothing_needs_no_bundle(repo, host):
    base = repo.tip()
    give(repo.opened(), host.opened, base)
    result, content = bundle(host.opened, base, {HEAD: base})

    assert (result.size_bytes, content) == (0, b"")
    assert bundles.take(repo.opened(), base, result.refs, None, allowed=[HEAD])
    assert repo.tip(HEAD) == base


def test_settings_of_the_person_for_packs_do_not_matter(repo, host):
    settings = {"pack.indexVersion": "1", "pack.packSizeLimit": "1m", "core.bigFileThreshold": "1"}
    for key, value in settings.items():
        for git in (repo.git, host.git):
            git("config", key, value)
    base = repo.tip()
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {"large": os.urandom(2 << 20), "small": "x\n"})
    result, content = bundle(host.opened, base, {HEAD: head})

    with on_disk(content) as file:
        bundles.take(repo.opened(), base, result.refs, file, allowed=[HEAD])

    assert repo.git("fsck", "--no-dangling", "--full") == ""


def test_what_the_person_shows_in_place_of_a_commit_changes_nothing(repo, host):
    """`git replace` of the base: by it, the result would not descend from it."""
    base = repo.commit({"f": "two\n"})
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {"new": "x\n"})
    repo.git("replace", base, repo.made(None, {"other": "x\n"}))
    result, content = bundle(host.opened, base, {HEAD: head})

    with on_disk(content) as file:
        assert bundles.take(repo.opened(), base, result.refs, file, allowed=[HEAD])
