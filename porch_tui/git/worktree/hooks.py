"""The person's hooks in worktrees: copies of untracked ones, and post-checkout, run as git would run it.

`core.hooksPath` may be relative: then git looks for the hooks in the worktree it works in, and finds none
where they are generated and ignored, such as those of husky.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed
from porch_tui.git.working_tree import WorkingTree

_SHOWN = 200


def untracked_hooks(main: WorkingTree) -> tuple[str, ...]:
    """Return the files below a relative `core.hooksPath` that git does not track; paths in the checkout."""
    folder = _hooks_path(main)
    is_inside = (main.path / folder).resolve().is_relative_to(main.path.resolve())
    if not folder or Path(folder).is_absolute() or not (main.path / folder).is_dir() or not is_inside:
        return ()
    where = f":(top,literal){os.path.normpath(folder)}"
    return tuple(main.git.paths("ls-files", "--others", "-z", "--", where))


def copy_hooks(main: WorkingTree, worktree: WorkingTree) -> None:
    """Copy such hooks into a worktree, unless it has its own. Raises `RepositoryError`."""
    for name in untracked_hooks(main):
        target = worktree.path / name
        is_inside = target.parent.resolve().is_relative_to(worktree.path.resolve())
        if os.path.lexists(target) or not is_inside:
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(main.path / name, target, follow_symlinks=False)
        except OSError as error:
            raise RepositoryError(
                f"the hook {name} should go into {worktree.path}, but {error.strerror}: {error.filename}"
            ) from error


def hook_warnings(repository: Repository, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return why git would run none, or not all, of the hooks that the plan runs."""
    main = repository.main
    configured = _hooks_path(main)
    folder = main.path / main.git.text("rev-parse", "--git-path", "hooks")
    if configured and not folder.is_dir():
        return (
            f"hooks: run has no effect: core.hooksPath leads to {folder}, which does not exist. Generate it "
            "there first (with husky: npm install), or correct core.hooksPath.",
        )
    there = [name for name in wanted if (folder / name).is_file()]
    # newer versions of git know hooks as settings of their own
    if not there and main.git.run("config", "--get-regexp", r"^hook\.", check=False).code != 0:
        return (f"hooks: run has no effect: {folder} has none of {', '.join(wanted)}",)
    return tuple(
        f"hooks: run: git ignores {folder / name}, because it is not executable: chmod +x {folder / name}"
        for name in there
        if not os.access(folder / name, os.X_OK)
    )


def _hooks_path(main: WorkingTree) -> str:
    done = main.git.run("config", "--type=path", "--get", "core.hooksPath", check=False)
    return os.fsdecode(done.stdout).removesuffix("\n") if done.code == 0 else ""


def run_post_checkout(worktree: WorkingTree) -> str:
    """Run the person's post-checkout hook as `git worktree add` would; return a message if it failed."""
    head = worktree.git.text("rev-parse", "HEAD")
    words = ("--ignore-missing", "post-checkout", "--", "0" * len(head), head, "1")
    done = worktree.plain_git.run("hook", "run", *words, check=False)
    return "" if done.code == 0 else post_checkout_failed(worktree, done)


def post_checkout_failed(worktree: WorkingTree, done: Completed) -> str:
    """Return a message about a hook that failed: the same for every worktree, so that it is shown once."""
    lines = done.stderr.replace(str(worktree.path), ".").strip().splitlines()
    more = f". It said: {lines[0][:_SHOWN]}" if lines else ""
    return (
        "the post-checkout hook failed in a worktree that porch made (its exit code was not 0). The files "
        f"are complete and the run continues, as it would after a git checkout{more}"
    )
