"""Links to repositories inside a worktree land only if their commits are available."""

from __future__ import annotations

import pytest

from porch_tui.git.changes import changes
from porch_tui.git.worktree import nested_repositories
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.removal import uncommitted_paths
from porch_tui.git.worktree.task_result import UncollectableError


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


@pytest.fixture
def lib(repo, tmp_path):
    """A library with two commits, a submodule of main at the first of them; and its second commit."""
    other = type(repo)(tmp_path / "lib")
    other.commit({"l": "1"}, "one")
    repo.git("config", "--global", "protocol.file.allow", "always", env={"HOME": str(tmp_path / "home")})
    repo.git("submodule", "--quiet", "add", str(other.root), "lib")
    repo.commit({}, "a submodule")
    return other


@pytest.fixture(autouse=True)
def _a_home(tmp_path):
    (tmp_path / "home").mkdir()


def examined(repo, there):
    base, head = repo.tip(), repo.git("rev-parse", "HEAD", at=there)
    return nested_repositories.refuse_lost_links(
        repo.opened(), there, head, changes(repo.opened().git, base, head)
    )


def commit_in(repo, place, text="2"):
    """Commit in a repository inside the worktree, and commit the new link outside as well."""
    for what in (("add", "-A"), ("-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qm", "inner")):
        (place / "code").write_text(text)
        repo.git(*what, at=place)
    return repo.git("rev-parse", "HEAD", at=place)


@pytest.mark.parametrize("where", ["app", "deep/er/app", "with space"])
def test_a_committed_repository_that_is_no_submodule_is_refused_by_name(repo, there, where):
    (there / where).mkdir(parents=True)
    repo.git("init", "-q", at=there / where)
    commit_in(repo, there / where)
    repo.commit({}, at=there)

    with pytest.raises(UncollectableError, match=rf"{where} cannot land.*no submodule.*is only in"):
        examined(repo, there)


def test_a_link_to_a_missing_commit_is_refused(repo, there):
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},app", at=there)
    repo.git("commit", "-qm", "a link", at=there)

    with pytest.raises(UncollectableError, match="nowhere to be found"):
        examined(repo, there)


@pytest.fixture
def in_lib(repo, lib, tmp_path):
    """A worktree in which the submodule is filled."""
    place = tmp_path / "place" / "app-lib"
    ensure(repo.opened(), place, "feature/lib", repo.tip(), "porch run/lib")
    repo.git("submodule", "--quiet", "update", "--init", at=place)
    return place


def test_a_submodule_may_move_to_a_commit_of_its_remote(repo, lib, in_lib):
    newer = lib.commit({"l": "2"}, "two")
    repo.git("fetch", "-q", at=in_lib / "lib")
    repo.git("checkout", "-q", newer, at=in_lib / "lib")
    repo.commit({}, at=in_lib)

    assert () == examined(repo, in_lib)
    assert () == with_work(repo, in_lib)


def test_commits_in_a_submodule_are_fetched_into_the_persons_copy(repo, in_lib):
    made = commit_in(repo, in_lib / "lib")
    repo.commit({}, at=in_lib)
    assert ("lib",) == with_work(repo, in_lib)

    (remark,) = examined(repo, in_lib)

    assert "push it" in remark
    assert made == repo.git("rev-parse", f"refs/porch/kept/{made[:12]}", at=repo.root / "lib")
    assert () == with_work(repo, in_lib)


def test_a_submodules_commit_that_is_only_in_the_worktree_is_refused(repo, lib, in_lib):
    repo.git("submodule", "--quiet", "deinit", "-f", "lib")
    (repo.root / ".git/modules").rename(repo.root / ".git/modules-away")
    commit_in(repo, in_lib / "lib")
    repo.commit({}, at=in_lib)

    with pytest.raises(UncollectableError, match=r"is only in .*Push it"):
        examined(repo, in_lib)


def test_an_unknown_commit_of_a_submodule_is_a_remark(repo, lib, there):
    repo.git("merge", "-q", "main", at=there)
    repo.git("update-index", "--cacheinfo", f"160000,{'1' * 40},lib", at=there)
    repo.git("commit", "-qm", "moved without looking", at=there)

    (remark,) = examined(repo, there)

    assert "porch cannot tell" in remark


def test_changes_in_a_submodule_are_work(repo, in_lib):
    (in_lib / "lib" / "l").write_text("changed")

    assert ("lib",) == with_work(repo, in_lib)


def test_repositories_with_work_are_found_wherever_they_are(repo, there, tmp_path):
    for where in ("node_modules/x", "build/y", "linked", "sub"):
        (there / where).mkdir(parents=True, exist_ok=True)
        repo.git("init", "-q", at=there / where)
        commit_in(repo, there / where)
    repo.git("clone", "-q", "--bare", str(there / "linked"), str(there / "build/bare"))
    repo.git("remote", "remove", "origin", at=there / "build/bare")

    assert (
        "build/bare",
        "build/y",
        "linked",
        "node_modules/x",
        "sub",
    ) == nested_repositories.repositories_with_work(there)


def test_a_clone_without_changes_of_its_own_is_no_work(repo, there):
    repo.git("clone", "-q", str(repo.root), str(there / "build/dependency"))
    (there / "build/empty").mkdir()
    repo.git("init", "-q", at=there / "build/empty")

    assert () == nested_repositories.repositories_with_work(there)

    (there / "build/dependency/f").write_text("changed")
    assert ("build/dependency",) == nested_repositories.repositories_with_work(there)


def test_a_worktree_inside_the_worktree_is_work_only_with_changes(repo, there):
    repo.git("worktree", "add", "-q", "-b", "inner", str(there / "build/inner"))
    assert () == nested_repositories.repositories_with_work(there)

    (there / "build/inner/f").write_text("changed")
    assert ("build/inner",) == nested_repositories.repositories_with_work(there)


def test_an_ignored_link_out_of_the_worktree_is_not_uncommitted(repo, there, tmp_path):
    (there / "build").symlink_to(tmp_path)
    (there / "other").symlink_to(tmp_path)

    assert ("other",) == uncommitted_paths(repo.opened().at(there))


def with_work(repo, place):
    return nested_repositories.submodules_with_work(repo.opened(), repo.opened().at(place))


def test_untracked_repositories_are_set_aside_with_their_paths(repo, there, tmp_path):
    for number in (1, 2):
        inner = type(repo)(there / "deep" / "inner")
        head = inner.commit({"x": f"{number}\n"})
        repo.write("deep/file", "", at=there)

        moved = nested_repositories.set_aside(repo.opened().at(there), tmp_path / "aside")

        kept = tmp_path / "aside" / "deep" / ("inner" if number == 1 else "inner.2")
        assert (("deep/inner",), head) == (moved, repo.git("rev-parse", "HEAD", at=kept))
        assert f"{number}\n" == (kept / "x").read_text()
    assert (there / "deep" / "file").exists()
