"""The refs under which a run keeps its commits."""

from __future__ import annotations

import pytest

from porch_tui.git import refs
from porch_tui.git.refs import RunRefs
from porch_tui.git.runner import GitError

NAMES = RunRefs("20261122-refactor")


def test_kept_commits_survive_gc(repo):
    kept, lost = repo.made(repo.tip(), {"f": "2"}), repo.made(repo.tip(), {"f": "3"})
    refs.keep(repo.opened(), NAMES.candidate(1), kept)
    repo.git("gc", "-q", "--prune=now")

    assert "commit" == repo.git("cat-file", "-t", kept)
    assert "" == repo.git("cat-file", "-t", lost, fails=True)


def test_a_run_lists_its_own_refs_only(repo):
    refs.keep(repo.opened(), NAMES.base, repo.tip())
    refs.keep(repo.opened(), RunRefs("20261122-refactor-2").base, repo.tip())

    assert {NAMES.base: repo.tip()} == refs.below(repo.opened(), NAMES.prefix)


def test_deleting_is_all_or_nothing(repo):
    one, two = repo.tip(), repo.made(repo.tip(), {"f": "2"})
    expected = {"refs/heads/a": one, "refs/heads/b": one}
    repo.branch("a", one)
    repo.branch("b", two)

    with pytest.raises(GitError):
        refs.delete(repo.opened(), expected)
    assert one == repo.tip("refs/heads/a")
