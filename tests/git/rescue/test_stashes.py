"""Stashes made during a run are kept, also when they are dropped."""

from __future__ import annotations

import time

from porch_tui.git.rescue import stashes


def test_a_stash_that_is_dropped_stays_reachable(repo):
    repo.write("f", "stashed\n")
    repo.git("stash", "-q")
    (made,) = stashes.made_since(repo.opened(), time.time() - 60)

    ref = stashes.keep(repo.opened(), "run", made)
    repo.git("stash", "drop", "-q")
    repo.git("gc", "-q", "--prune=now")

    assert "stashed" == repo.git("show", f"{ref}:f")


def test_a_stash_is_kept_once(repo):
    repo.write("f", "stashed\n")
    repo.git("stash", "-q", "-m", "a message")
    (made,) = stashes.made_since(repo.opened(), 0)
    stashes.keep(repo.opened(), "run", made)

    assert "On main: a message" == made.message
    assert stashes.keep(repo.opened(), "run", made) is None


def test_older_stashes_are_not_listed(repo):
    repo.write("f", "stashed\n")
    repo.git("stash", "-q")

    assert [] == stashes.made_since(repo.opened(), time.time() + 60)


def test_the_stamp_changes_with_each_stash(repo):
    before = stashes.stamp(repo.opened())
    repo.write("f", "stashed\n")
    repo.git("stash", "-q")

    assert before is None
    assert stashes.stamp(repo.opened()) is not None
