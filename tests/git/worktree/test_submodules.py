"""Filled submodules of a worktree follow its commit, wherever the commits they need are."""

from __future__ import annotations

import shutil

import pytest

from porch_tui.git.rescue.salvage import reset_to_base
from porch_tui.git.worktree.creation import ensure, ensure_detached
from porch_tui.git.worktree.nested_repositories import submodules_with_work
from porch_tui.git.worktree.restoring import KeepRules, restore
from porch_tui.git.worktree.submodules import SubmoduleError, outdated, update


@pytest.fixture
def deep(repo, tmp_path):
    (tmp_path / "home").mkdir()
    repo.git("config", "--global", "protocol.file.allow", "always")
    made = type(repo)(tmp_path / "deep")
    made.commit({"d": "1"})
    return made


@pytest.fixture
def lib(repo, deep, tmp_path):
    """A submodule of main, which has one itself."""
    other = type(repo)(tmp_path / "lib")
    other.commit({"l": "1"})
    other.git("submodule", "--quiet", "add", str(deep.root), "deep")
    other.commit({})
    repo.git("submodule", "--quiet", "add", str(other.root), "lib")
    repo.commit({})
    return other


@pytest.fixture
def there(repo, lib, tmp_path):
    """A worktree with everything filled."""
    place = tmp_path / "place" / "checks"
    ensure_detached(repo.opened(), place, repo.tip())
    repo.git("submodule", "--quiet", "update", "--init", "--recursive", at=place)
    return place


def moved(repo, at):
    """A commit of the project whose submodule is at another commit."""
    return repo.made(repo.tip(), {"lib": ("160000", at)})


def followed(repo, there, commit):
    ensure_detached(repo.opened(), there, commit, is_cleaned=False)
    update(repo.opened(), repo.opened().at(there))
    return (there / "lib/l").read_text(), (there / "lib/deep/d").read_text()


def test_commits_at_the_remote_are_fetched_at_every_level(repo, lib, deep, there):
    newest = deep.commit({"d": "2"})
    deeper = lib.made(lib.tip(), {"deep": ("160000", newest), "l": "2"})
    lib.branch("main", deeper)

    assert ("2", "2") == followed(repo, there, moved(repo, deeper))
    assert () == outdated(repo.opened().at(there))
    assert ("1", "1") == followed(repo, there, repo.tip())


def test_a_commit_in_another_local_copy_is_fetched_from_there(repo, lib, there):
    mine = repo.root / "lib"
    repo.write("l", "mine", at=mine)
    repo.git("-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qam", "not pushed", at=mine)

    assert "mine" == followed(repo, there, moved(repo, repo.git("rev-parse", "HEAD", at=mine)))[0]


def test_changes_of_a_validation_in_a_submodule_are_undone(repo, there):
    (there / "lib/l").write_text("changed")
    (there / "lib/deep/d").unlink()

    assert ("1", "1") == followed(repo, there, repo.tip())


def test_a_missing_commit_is_reported(repo, lib, there):
    with pytest.raises(SubmoduleError, match=r"the submodule lib should be at 1111111111.*not available"):
        followed(repo, there, moved(repo, "1" * 40))

    assert ("lib",) == outdated(repo.opened().at(there))


def test_an_empty_submodule_stays_empty(repo, lib, tmp_path):
    place = tmp_path / "place" / "empty"
    ensure_detached(repo.opened(), place, repo.tip())

    update(repo.opened(), repo.opened().at(place))

    assert [] == list((place / "lib").iterdir())
    assert ("lib",) == outdated(repo.opened().at(place))


def test_submodule_recurse_changes_nothing(repo, lib, there):
    repo.git("config", "submodule.recurse", "true")
    lib.commit({"l": "2"})

    assert "2" == followed(repo, there, moved(repo, lib.tip()))[0]


def link_to_the_persons(repo, there):
    shutil.rmtree(there / "lib")
    (there / "lib").symlink_to(repo.root / "lib")


def copy_the_persons(repo, there):
    shutil.rmtree(there / "lib")
    shutil.copytree(repo.root / "lib", there / "lib")
    (there / "lib" / ".git").write_text(f"gitdir: {repo.root / '.git' / 'modules' / 'lib'}\n")


def lead_to_the_persons(repo, there):
    (there / "lib" / ".git").unlink()
    (there / "lib" / ".git").symlink_to(repo.root / ".git" / "modules" / "lib")


@pytest.mark.parametrize("setup", [link_to_the_persons, copy_the_persons, lead_to_the_persons])
def test_the_persons_own_submodule_is_left_alone_if_setup_linked_it(repo, lib, there, tmp_path, setup):
    """A setup may link or copy it: no commit is checked out in it, and nothing in it is deleted."""
    setup(repo, there)
    mine = repo.root / "lib"
    repo.write("l", "the person's edit", at=mine)
    repo.write("untracked", "the person's", at=mine)
    before = repo.git("rev-parse", "HEAD", at=mine)
    newest = lib.commit({"l": "2"})

    ensure_detached(repo.opened(), there, moved(repo, newest), is_cleaned=False)
    update(repo.opened(), repo.opened().at(there))
    restore(repo.opened().at(there), tmp_path / "no-record", KeepRules((), (), ()))

    assert before == repo.git("rev-parse", "HEAD", at=mine)
    assert ("the person's edit", "the person's") == (
        (mine / "l").read_text(),
        (mine / "untracked").read_text(),
    )
    assert "M l" == repo.git("status", "--short", "-uno", at=mine).strip()


def test_a_reset_restores_the_submodules_of_the_base_and_loses_nothing(repo, lib, tmp_path):
    there, base = tmp_path / "place" / "app-auth", repo.tip()
    ensure(repo.opened(), there, "feature/auth", base, "porch run/auth")
    repo.git("submodule", "--quiet", "update", "--init", "--recursive", at=there)
    inner = there / "lib"
    repo.write("l", "committed", at=inner)
    repo.git("-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qam", "mine", at=inner)
    made = repo.git("rev-parse", "HEAD", at=inner)
    for name in ("lib/l", "lib/new", "lib/deep/d"):
        repo.write(name, "not committed", at=there)

    reset_to_base(repo.opened(), there, "feature/auth", base, "refs/porch/run/attempt/auth/1")

    assert "" == repo.git("status", "--porcelain", at=there)
    assert ("1", "1") == ((there / "lib/l").read_text(), (there / "lib/deep/d").read_text())
    kept = repo.git(
        "for-each-ref", "--format=%(objectname)", "refs/porch/run/attempt/auth/1", at=inner
    ).split()
    assert made in kept
    (work,) = set(kept) - {made}
    assert "not committed" == repo.git("show", f"{work}:new", at=inner)
    deep = repo.git("for-each-ref", "--format=%(refname)", "refs/porch", at=there / "lib/deep")
    assert "not committed" == repo.git("show", f"{deep}:d", at=there / "lib/deep")
    assert ("lib", "lib/modules/deep") == submodules_with_work(repo.opened(), repo.opened().at(there))
