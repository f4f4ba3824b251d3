"""Hooks that lie in the person's checkout without being tracked, such as those that husky generates.

`core.hooksPath` may be relative: then git looks for the hooks in the worktree it works in, and finds none
where they are generated, and ignored.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree


def untracked_hooks(main: WorkingTree) -> tuple[str, ...]:
    """The files below a relative `core.hooksPath` that git does not track, relative to the checkout."""
    folder = _hooks_path(main)
    if not folder or Path(folder).is_absolute() or not (main.path / folder).is_dir():
        return ()
    if not (main.path / folder).resolve().is_relative_to(main.path.resolve()):
        return ()
    return tuple(
        main.git.paths("ls-files", "--others", "-z", "--", f":(top,literal){os.path.normpath(folder)}")
    )


def copy_hooks(main: WorkingTree, worktree: WorkingTree) -> None:
    """Copy such hooks into a worktree, unless it has its own. Raises `RepositoryError`."""
    for name in untracked_hooks(main):
        target = worktree.path / name
        if os.path.lexists(target) or not _is_inside(worktree, name):
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(main.path / name, target, follow_symlinks=False)
        except OSError as error:
            raise RepositoryError(
                f"the hook {name} should go into {worktree.path}, but {error.strerror}: {error.filename}"
            ) from error


def hook_warnings(repository: Repository, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Say of the hooks that the plan wants to run why git would run none of them, or not one of them."""
    main = repository.main
    configured = _hooks_path(main)
    folder = main.path / main.git.text("rev-parse", "--git-path", "hooks")
    if configured and not folder.is_dir():
        return (
            f"hooks: run has no effect: core.hooksPath leads to {folder}, which does not exist. Generate it "
            "there first (with husky: npm install), or correct core.hooksPath.",
        )
    there = [name for name in wanted if (folder / name).is_file()]
    if not there and not _configured_hooks(main):
        return (f"hooks: run has no effect: {folder} has none of {', '.join(wanted)}",)
    return tuple(
        f"hooks: run: git ignores {folder / name}, because it is not executable: chmod +x {folder / name}"
        for name in there
        if not os.access(folder / name, os.X_OK)
    )


def _hooks_path(main: WorkingTree) -> str:
    told = main.git.run("config", "--type=path", "--get", "core.hooksPath", check=False)
    return os.fsdecode(told.stdout).removesuffix("\n") if told.code == 0 else ""


def _configured_hooks(main: WorkingTree) -> bool:
    """Whether hooks are settings of their own, which newer versions of git know."""
    return main.git.run("config", "--get-regexp", r"^hook\.", check=False).code == 0


def _is_inside(worktree: WorkingTree, name: str) -> bool:
    return (worktree.path / name).parent.resolve().is_relative_to(worktree.path.resolve())
