"""The refs under which a run keeps its commits."""

from __future__ import annotations

import itertools

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


@pytest.mark.parametrize("is_packed", [False, True])
def test_refs_below_a_prefix_are_found_wherever_they_are_and_none_where_there_are_none(repo, is_packed):
    refs.keep(repo.opened(), NAMES.candidate(1), repo.tip())
    if is_packed:
        repo.git("pack-refs", "--all", "--prune")

    assert {NAMES.candidate(1): repo.tip()} == refs.below(repo.opened(), NAMES.prefix)
    assert {} == refs.below(repo.opened(), RunRefs("20261122-other").prefix)
    assert {} == refs.below(repo.opened(), f"{NAMES.prefix}cand/1/")


def test_deleting_is_all_or_nothing(repo):
    one, two = repo.tip(), repo.made(repo.tip(), {"f": "2"})
    expected = {"refs/heads/a": one, "refs/heads/b": one}
    repo.branch("a", one)
    repo.branch("b", two)

    with pytest.raises(GitError):
        refs.delete(repo.opened(), expected)
    assert one == repo.tip("refs/heads/a")


def test_a_branch_remembers_the_run_that_began_it(repo):
    repository = repo.opened()
    refs.begin_branch(repository, "feature/auth", repo.tip(), "porch 20261122-refactor/auth")
    repo.git("branch", "mine")

    assert [NAMES.run, "", ""] == [
        refs.run_that_began(repository, branch) for branch in ("feature/auth", "mine", "gone")
    ]
    assert {"feature/auth", "main", "mine"} == set(refs.branches(repository))
    with pytest.raises(GitError):
        refs.begin_branch(repository, "mine", repo.tip(), "porch again/mine")


def test_refs_whose_objects_are_gone_are_listed(repo):
    whole, broken = repo.made(repo.tip(), {"f": "2"}), repo.made(repo.tip(), {"f": "3"})
    for ref, oid in ((NAMES.landed(1), whole), (NAMES.blocked("a"), broken), (NAMES.rescue("now"), broken)):
        refs.keep(repo.opened(), ref, oid)
    tree = repo.tip(f"{broken}^{{tree}}")
    (repo.root / ".git/objects" / tree[:2] / tree[2:]).unlink()

    assert {NAMES.blocked("a"): broken, NAMES.rescue("now"): broken} == refs.broken(repo.opened())
    assert {} == refs.broken(repo.opened(), RunRefs("another").prefix)


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_ref_is_read_wherever_it_is(repo, is_packed):
    repo.branch("feature/auth", repo.tip())
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/feature/auth")
    if is_packed:
        repo.git("pack-refs", "--all")
    repository = repo.opened()

    assert [repo.tip(), repo.tip(), None, None] == [
        refs.read(repository, f"refs/heads/{name}") for name in ("feature/auth", "alias", "feature", "none")
    ]
    assert (True, False) == (
        refs.may_be_symbolic(repository.common_dir, "refs/heads/alias"),
        refs.may_be_symbolic(repository.common_dir, "refs/heads/feature/auth"),
    )


def test_a_head_that_is_a_link_is_followed_as_git_does(repo):
    (repo.root / ".git/HEAD").unlink()
    (repo.root / ".git/HEAD").symlink_to("refs/heads/main")
    git_dir = repo.root / ".git"

    assert (repo.tip(), "main") == (refs.head_commit(git_dir), refs.branch_of_head(git_dir))
    assert refs.may_lead_to(str(git_dir), git_dir, "main")


def test_where_there_is_no_head_no_one_knows(tmp_path):
    assert (None, None, False) == (
        refs.head_commit(tmp_path),
        refs.branch_of_head(tmp_path),
        refs.may_lead_to(str(tmp_path), tmp_path, "main"),
    )


def test_no_ref_of_a_run_keeps_another_from_being_made():
    names = [
        *(NAMES.base, NAMES.head("a"), NAMES.candidate(1), NAMES.probe("a", "c"), NAMES.resolution("a")),
        *(NAMES.landed(1), NAMES.blocked("a"), NAMES.attempt("a", 1), NAMES.left("a", 1), NAMES.shelf("a")),
        *(NAMES.clone("a", "1"), NAMES.stash("c"), NAMES.rescue("now")),
    ]

    assert all(name.startswith("refs/porch/20261122-refactor/") for name in names)
    for one, other in itertools.permutations(names, 2):
        assert not f"{one}/".startswith(f"{other}/")
