"""What is set aside of a task comes back as it was, and nothing else is touched."""

from __future__ import annotations

import pytest

from porch_tui.git import refs
from porch_tui.git.rescue import shelf
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.creation import ensure


@pytest.fixture
def there(repo, tmp_path):
    """A task's worktree with a commit, a staged edit, an edit on top of it, and a new file."""
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    repo.commit({"f": "committed\n"}, at=place)
    repo.write("g", "staged\n", at=place)
    repo.git("add", "g", at=place)
    repo.write("g", "edited\n", at=place)
    repo.write("new", "untracked\n", at=place)
    return place


def removed(repo, there):
    """Remove the worktree and its branch."""
    removal.remove(repo.opened(), there, removal.uncommitted_paths(repo.opened().at(there)))
    repo.git("update-ref", "-d", "refs/heads/feature/auth")


def test_branch_and_uncommitted_work_come_back(repo, there):
    tip, status = repo.tip("feature/auth"), repo.git("status", "--porcelain", at=there)
    aside = shelf.pin(repo.opened(), "run", "auth", branch="feature/auth", worktree=there)
    removed(repo, there)
    repo.git("gc", "-q", "--prune=now")

    shelf.restore(repo.opened(), aside, there, "feature/auth", "porch run/auth")

    assert (tip, status) == (repo.tip("feature/auth"), repo.git("status", "--porcelain", at=there))
    assert ("edited\n", "untracked\n") == ((there / "g").read_text(), (there / "new").read_text())
    assert "staged" == repo.git("show", ":g", at=there)


def test_a_head_that_is_not_on_the_branch_comes_back(repo, there):
    repo.git("checkout", "-q", "--detach", at=there)
    head = repo.commit({"f": "detached\n"}, at=there)
    aside = shelf.pin(repo.opened(), "run", "auth", branch="feature/auth", worktree=there)
    removed(repo, there)

    shelf.restore(repo.opened(), aside, there, "feature/auth", "porch run/auth")

    assert (head, "HEAD") == (
        repo.git("rev-parse", "HEAD", at=there),
        repo.git("rev-parse", "--abbrev-ref", "HEAD", at=there),
    )


def test_each_shelf_is_a_new_one_until_it_is_forgotten(repo, there):
    first, second = (
        shelf.pin(repo.opened(), "run", "auth", branch="feature/auth", worktree=there) for _ in range(2)
    )
    assert ["shelved", "shelved-2"] == [first.name, second.name]
    assert [first, second] == shelf.shelves(repo.opened(), "run")

    shelf.forget(repo.opened(), first)

    assert [second] == shelf.shelves(repo.opened(), "run")
    assert second.pins == refs.below(repo.opened(), "refs/porch/run/")


def test_a_branch_without_a_worktree_is_kept(repo):
    repo.branch("feature/auth", repo.tip())

    aside = shelf.pin(repo.opened(), "run", "auth", branch="feature/auth")

    assert {f"{aside.ref}/branch": repo.tip()} == aside.pins
