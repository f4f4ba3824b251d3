"""porch works from check to clean wherever the git directory is and whatever is configured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
validate: test -e README.md
tasks:
  auth: {run: "git rev-parse --show-toplevel > top; git add -A; git commit -qm auth; echo more > auth"}
  log: {run: "echo log > log", isolation: clone}
"""

LOCAL = ("-c", "protocol.file.allow=always")


def at(project: Project, root: Path) -> Project:
    """The same project in another folder."""
    other = Project.__new__(Project)
    other.root = root
    return other


def separate(project: Project) -> Project:
    place = project.root.parent / "separate"
    store = project.root.parent / "store" / "app.git"
    store.parent.mkdir()
    project.git("clone", "-q", f"--separate-git-dir={store}", str(project.root), str(place))
    return at(project, place)


def linked_git_directory(project: Project) -> Project:
    store = (project.root / ".git").rename(project.root.parent / "store.git")
    (project.root / ".git").symlink_to(store)
    return project


def submodule(project: Project) -> Project:
    outer = project.root.parent / "outer"
    project.git("init", "-q", "-b", "main", str(outer))
    project.git(*LOCAL, "submodule", "--quiet", "add", str(project.root), "lib", cwd=outer)
    return at(project, outer / "lib")


def submodule_with_worktree_configuration(project: Project) -> Project:
    found = submodule(project)
    found.git("config", "extensions.worktreeConfig", "true")
    return found


def own_settings_of_the_main_worktree(project: Project) -> Project:
    project.git("config", "extensions.worktreeConfig", "true")
    project.git("config", "--worktree", "core.worktree", str(project.root))
    project.git("config", "--worktree", "core.bare", "false")
    return project


def bare(project: Project) -> Project:
    around = project.root.parent / "project"
    project.git("clone", "-q", "--bare", str(project.root), str(around / ".bare"))
    (around / ".git").write_text("gitdir: ./.bare\n")
    project.git("worktree", "add", "-q", "main", "main", cwd=around)
    return at(project, around / "main")


def bare_with_worktree_configuration(project: Project) -> Project:
    found = bare(project)
    found.git("config", "extensions.worktreeConfig", "true")
    found.git("config", "--file", "../.bare/config", "--unset", "core.bare")
    found.git("config", "--file", "../.bare/config.worktree", "core.bare", "true")
    return found


def behind_a_link(project: Project) -> Project:
    link = project.root.parent / "link"
    link.mkdir()
    (link / "to").symlink_to(project.root.parent)
    return at(project, link / "to" / "app")


def target_is_a_symbolic_ref(project: Project) -> Project:
    project.git("branch", "-m", "main", "trunk")
    project.git("symbolic-ref", "refs/heads/main", "refs/heads/trunk")
    return project


LAYOUTS: list[Callable[[Project], Project]] = [
    linked_git_directory,
    submodule_with_worktree_configuration,
    bare,
    separate,
    submodule,
    own_settings_of_the_main_worktree,
    bare_with_worktree_configuration,
    behind_a_link,
    target_is_a_symbolic_ref,
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_porch_works_from_check_to_clean(project: Project, layout, monkeypatch):
    for name, value in {"NAME": "Ada", "EMAIL": "ada@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    project.plan(PLAN if layout is not target_is_a_symbolic_ref else f"target: main\n{PLAN}")
    found = layout(project)
    beside = set(found.root.parent.iterdir())

    found.porch("check")
    found.porch("run", "--headless", "--parallel")
    found.porch("clean")

    assert {"auth", "log"} == set(found.landed())
    assert "" == found.git("status", "--porcelain")
    assert f"{found.root.name}-auth" == Path((found.root / "top").read_text().strip()).name
    assert beside == set(found.root.parent.iterdir())
    assert 1 == len(found.git("worktree", "list").splitlines()) - ("bare" in layout.__name__)


def test_porch_can_be_started_in_a_linked_worktree(project: Project):
    project.plan(PLAN)
    linked = project.root.parent / "linked"
    project.git("worktree", "add", "-q", "-b", "other", str(linked))

    at(project, linked).porch("run", "--headless", "--parallel")
    at(project, linked).porch("clean")

    assert {"auth", "log"} == set(project.landed())
    assert "" == project.git("status", "--porcelain") == project.git("status", "--porcelain", cwd=linked)
