"""Git's own packing after a run."""

from __future__ import annotations

import pytest

from porch_tui.git.discovery import discover
from porch_tui.git.objects import auto_gc
from project import until

MANY = 600
"""Loose objects: of a 256th of them git guesses how many there are."""


def loose(repo) -> int:
    return int(repo.git("count-objects").split()[0])


@pytest.fixture
def cluttered(repo):
    for number in range(MANY // 100):
        repo.commit({f"{number}-{one}": f"{number} {one}" for one in range(100)})
    assert loose(repo) >= MANY
    return repo


def test_too_many_loose_objects_are_packed_by_the_persons_settings(cluttered):
    cluttered.git("config", "gc.auto", "300")

    auto_gc(discover(cluttered.root))

    until(lambda: loose(cluttered) == 0, "git to have packed them")
    until(lambda: not (cluttered.root / ".git" / "gc.pid").exists(), "git to have finished")
    cluttered.git("fsck", "--strict")


@pytest.mark.parametrize("setting", [("gc.auto", "0"), ("maintenance.auto", "false"), ("gc.auto", "6700")])
def test_nothing_is_packed_if_it_is_disabled_or_not_due(cluttered, setting):
    cluttered.git("config", "gc.auto", "300")
    cluttered.git("config", *setting)
    before = loose(cluttered)

    auto_gc(discover(cluttered.root))

    assert before == loose(cluttered)
    assert not list((cluttered.root / ".git" / "objects" / "pack").glob("*.pack"))
