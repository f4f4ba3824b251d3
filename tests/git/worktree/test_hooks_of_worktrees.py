"""The hooks of the person in worktrees: untracked ones are copied, and what will not run is reported."""

from __future__ import annotations

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.hooks import copy_hooks, hook_warnings, untracked_hooks


@pytest.fixture
def generated(repo):
    """Hooks as husky has them: in an ignored folder of the checkout."""
    repo.write(".git/info/exclude", "/.husky/_/\n")
    repo.write(".husky/_/pre-commit", "#!/bin/sh\n").chmod(0o755)
    repo.git("config", "core.hooksPath", ".husky/_")


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def test_generated_hooks_are_copied_and_a_tasks_own_stay(repo, generated, there):
    repo.write(".husky/_/commit-msg", "#!/bin/sh\n# the person's\n")
    repo.write(".husky/_/commit-msg", "#!/bin/sh\n# the task's\n", at=there)
    copy_hooks(repo.opened().main, repo.opened().at(there))

    assert (".husky/_/commit-msg", ".husky/_/pre-commit") == untracked_hooks(repo.opened().main)
    assert 0o755 == (there / ".husky/_/pre-commit").stat().st_mode & 0o777
    assert "the task's" in (there / ".husky/_/commit-msg").read_text()


def test_nothing_is_written_through_a_link_out_of_the_worktree(repo, generated, there, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (there / ".husky").symlink_to(tmp_path / "elsewhere")
    copy_hooks(repo.opened().main, repo.opened().at(there))

    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_file_where_the_hooks_should_be_is_reported(repo, generated, there):
    repo.write(".husky", "", at=there)

    with pytest.raises(RepositoryError, match=r"the hook \.husky/_/pre-commit should go into .*app-auth"):
        copy_hooks(repo.opened().main, repo.opened().at(there))


@pytest.mark.parametrize("path", ["", "{root}/.husky/_", "../outside", "nowhere"])
def test_hooks_that_git_finds_from_every_worktree_are_not_copied(repo, generated, path, tmp_path):
    (tmp_path / "place" / "outside").mkdir()
    (tmp_path / "place" / "outside" / "pre-commit").touch()
    repo.git("config", "core.hooksPath", path.format(root=repo.root))

    assert () == untracked_hooks(repo.opened().main)


def test_a_plan_that_runs_hooks_is_told_which_will_not_run(repo, generated):
    assert () == hook_warnings(repo.opened(), ("pre-commit", "commit-msg"))

    repo.write(".husky/_/commit-msg", "#!/bin/sh\n")
    (warning,) = hook_warnings(repo.opened(), ("pre-commit", "commit-msg"))
    assert f"chmod +x {repo.root}/.husky/_/commit-msg" in warning
    (warning,) = hook_warnings(repo.opened(), ("pre-push",))
    assert warning.endswith("/.husky/_ has none of pre-push")
    repo.git("config", "core.hooksPath", "nowhere")
    (warning,) = hook_warnings(repo.opened(), ("pre-commit",))
    assert f"core.hooksPath leads to {repo.root}/nowhere, which does not exist" in warning


def test_a_hook_that_is_a_setting_is_one(repo):
    assert hook_warnings(repo.opened(), ("pre-commit",))

    repo.git("config", "hook.lint.command", "make lint")
    assert () == hook_warnings(repo.opened(), ("pre-commit",))
