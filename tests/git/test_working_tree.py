"""A git command acts on its own folder, whatever the shared configuration or a `.git` file says."""

from __future__ import annotations

import shutil

import pytest

from porch_tui.git.discovery import discover
from porch_tui.git.rescue import salvage
from porch_tui.git.working_tree import CLONE_OF, NotItsFolderError
from porch_tui.git.worktree.creation import ensure, ensure_detached
from porch_tui.git.worktree.removal import uncommitted_paths
from porch_tui.git.worktree.task_result import commit_leftovers

MISLEADING = {
    "core.worktree names the person's checkout": [
        ("extensions.worktreeConfig", "true"),
        ("core.worktree", "{root}"),
    ],
    "core.worktree leads out of the git directory": [
        ("extensions.worktreeConfig", "true"),
        ("core.worktree", ".."),
    ],
    "core.worktree names a folder that is not there": [
        ("extensions.worktreeConfig", "true"),
        ("core.worktree", "/nowhere"),
    ],
    "core.bare": [("extensions.worktreeConfig", "true"), ("core.bare", "true")],
    "core.bare and core.worktree": [("core.bare", "true"), ("core.worktree", "{root}")],
}


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def by_the_task(repo, there, *words):
    """Git as a task runs it in its worktree."""
    return repo.git(*words, at=there)


def test_a_task_acts_on_its_own_worktree_whatever_the_shared_configuration(repo, tmp_path):
    """Git writes core.worktree for every submodule; with the extension it would count in all worktrees."""
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "core.worktree", repo.root)
    there, again = tmp_path / "place" / "app-auth", tmp_path / "place" / "app-log"
    for place in (there, again, there):
        ensure(repo.opened(), place, place.name, repo.tip(), f"porch run/{place.name}")

    assert str(there) == by_the_task(repo, there, "rev-parse", "--show-toplevel")
    assert str(again) == by_the_task(repo, again, "rev-parse", "--show-toplevel")
    assert str(repo.root) == by_the_task(repo, repo.root, "rev-parse", "--show-toplevel")


def test_a_clone_does_not_copy_settings_that_lead_to_the_persons_files(repo, tmp_path):
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "core.worktree", repo.root)
    repo.git("config", "--worktree", "core.bare", "false")
    there = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth", is_clone=True)

    assert str(there) == by_the_task(repo, there, "rev-parse", "--show-toplevel")


@pytest.fixture(params=MISLEADING)
def mislead(repo, request):
    """Set the shared configuration so that git in any folder acts on another."""
    repo.write("f", "the person's edit\n")
    repo.write("mine", "untracked\n")

    def set_all():
        for key, value in MISLEADING[request.param]:
            repo.git("config", "--file", repo.root / ".git" / "config", key, value.format(root=repo.root))

    return set_all


def persons_files(repo):
    return (repo.root / "f").read_text(), (repo.root / "mine").read_text(), (repo.root / ".git/HEAD").exists()


MINE = ("the person's edit\n", "untracked\n", True)


def test_work_is_collected_from_its_own_worktree(repo, there, mislead):
    repository = repo.opened()
    mislead()
    repo.write("new", "of the task\n", at=there)

    head = commit_leftovers(repository.at(there), "feature/auth", "Auth").head

    assert ["new"] == repository.git.paths("diff-tree", "-z", "-r", "--name-only", f"{head}~", head)
    assert MINE == persons_files(repo)


def test_a_reset_empties_its_own_worktree(repo, there, mislead):
    repository, base = repo.opened(), repo.tip()
    repo.write("f", "of the task\n", at=there)
    repo.write("new", "of the task\n", at=there)
    mislead()

    salvage.reset_to_base(repository, there, "feature/auth", base, "refs/porch/run/attempt/auth/1")

    assert () == uncommitted_paths(repository.at(there))
    assert not (there / "new").exists()
    assert ["refs/porch/run/attempt/auth/1/work"] == list(repo.kept())
    assert MINE == persons_files(repo)


def test_a_validation_worktree_is_made_and_changed_in_its_own_folder(repo, tmp_path, mislead):
    repository, first = repo.opened(), repo.tip()
    second = repo.made(first, {"f": "two\n"})
    place = tmp_path / "place" / "app.porch" / "validate-1"
    mislead()

    ensure_detached(repository, place, first)
    repo.write("left", "by a validation\n", at=place)
    ensure_detached(repository, place, second)

    assert "two\n" == (place / "f").read_text()
    assert not (place / "left").exists()
    assert MINE == persons_files(repo)


def test_a_validation_that_deleted_its_git_file_does_not_stop_the_next(repo, tmp_path):
    place, second = tmp_path / "place" / "validate-1", repo.made(repo.tip(), {"f": "two\n"})
    ensure_detached(repo.opened(), place, repo.tip())
    (place / ".git").unlink()
    repo.write("left", "by it\n", at=place)

    ensure_detached(repo.opened(), place, second)

    assert "two\n" == (place / "f").read_text() and not (place / "left").exists()
    assert "" == repo.git("status", "--porcelain", at=place)


def forget_git(repo, there):
    (there / ".git").unlink()


def make_it_a_repository(repo, there):
    (there / ".git").unlink()
    repo.git("init", "-q", at=there)


def link_to_the_persons(repo, there):
    (there / ".git").unlink()
    (there / ".git").symlink_to(repo.root / ".git")


def name_the_persons(repo, there):
    (there / ".git").write_text(f"gitdir: {repo.root / '.git'}\n")


def name_another_worktree(repo, there):
    other = there.with_name("other")
    repo.git("worktree", "add", "-q", "--detach", other)
    shutil.copy(other / ".git", there / ".git")


def name_another_repository(repo, there):
    other = there.with_name("stranger")
    repo.git("init", "-q", "-b", "main", other)
    (there / ".git").write_text(f"gitdir: {other / '.git'}\n")


def pretend_to_be_a_clone_of_another(repo, there):
    make_it_a_repository(repo, there)
    (there / ".git" / CLONE_OF).write_text(f"{there.parent}\n")


@pytest.mark.parametrize(
    "mistaken",
    [
        forget_git,
        make_it_a_repository,
        link_to_the_persons,
        name_the_persons,
        name_another_worktree,
        name_another_repository,
        pretend_to_be_a_clone_of_another,
    ],
)
def test_a_folder_that_is_no_longer_its_worktree_is_refused(repo, there, mistaken):
    repository = repo.opened()
    mistaken(repo, there)

    with pytest.raises(NotItsFolderError, match=str(there)):
        repository.at(there)


def test_nothing_is_changed_in_the_repository_around_a_worktree_without_its_git_file(repo, there):
    """Git in such a folder finds the next `.git` above: here a repository of everything beside it."""
    opened, around = repo.opened(), there.parent
    repo.git("init", "-q", "-b", "main", at=around)
    (around / "notes").write_text("someone else's\n")
    (there / ".git").unlink()

    with pytest.raises(NotItsFolderError, match="worktree repair"):
        salvage.reset_to_base(opened, there, "feature/auth", repo.tip(), "refs/porch/run/attempt/auth/1")

    assert "someone else's\n" == (around / "notes").read_text()


def test_the_advice_for_a_missing_git_file_brings_it_back(repo, there):
    repository = repo.opened()
    (there / ".git").unlink()
    with pytest.raises(NotItsFolderError) as refusal:
        repository.at(there)

    repo.git(*refusal.value.advice.partition("To put it back: git ")[2].split())

    assert (
        repository.at(there).git_dir
        == repository.common_dir / "worktrees" / repository.at(there).git_dir.name
    )


def test_a_retry_in_a_worktree_without_its_git_file_gives_that_advice(repo, there):
    (there / ".git").unlink()

    with pytest.raises(NotItsFolderError, match="worktree repair"):
        ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth")


def test_the_advice_for_a_git_file_of_another_worktree_fixes_it(repo, there):
    name_another_worktree(repo, there)
    repository = repo.opened()
    with pytest.raises(NotItsFolderError) as refusal:
        repository.at(there)

    repo.git(*refusal.value.advice.partition("put it right: git ")[2].split())

    assert "feature/auth" == repo.git("branch", "--show-current", at=repository.at(there).path)


def test_the_advice_for_a_moved_repository_brings_its_worktrees_back(repo, there, tmp_path):
    moved = repo.root.rename(tmp_path / "place" / "moved")
    repo.root = moved
    opened = repo.opened()
    with pytest.raises(NotItsFolderError) as refusal:
        opened.at(there)

    repo.git(*refusal.value.advice.partition("is that repository: git ")[2].split())

    assert there == opened.at(there).path


def test_the_advice_for_a_moved_parent_folder_brings_the_worktrees_back(repo, there, tmp_path):
    around = there.parent.rename(tmp_path / "elsewhere")
    repo.root, moved = around / repo.root.name, around / there.name
    opened = repo.opened()
    with pytest.raises(NotItsFolderError) as refusal:
        opened.at(moved)

    repo.git(*refusal.value.advice.partition("is that repository: git ")[2].split())

    assert moved == opened.at(moved).path


def test_a_worktree_behind_a_link_is_its_own(repo, there, tmp_path):
    elsewhere = tmp_path / "disk"
    there.rename(elsewhere)
    there.symlink_to(elsewhere)

    assert there == repo.opened().at(there).path


def test_a_clone_is_recognized_from_every_worktree_of_a_bare_repository(repo, tmp_path):
    project = tmp_path / "project"
    repo.git("clone", "-q", "--bare", repo.root, project / ".bare")
    for name in ("main", "dev"):
        repo.git("--git-dir=.bare", "worktree", "add", "-q", "-B", name, name, "main", at=project)
    one, other = discover(project / "main"), discover(project / "dev")
    there = project / "main-auth"
    ensure(one, there, "feature/auth", repo.tip(), "porch run/auth", is_clone=True)

    assert one.at(there) == other.at(there)
