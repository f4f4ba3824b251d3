"""Symlinks that lead out of a worktree, such as one to the `node_modules` of the person's checkout.

`.gitignore` often says `node_modules/`, which does not match a link of that name: git sees a new file. But a
link to a place on this machine is no result, unless a task commits it on purpose.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from porch_tui.git.runner import records
from porch_tui.git.working_tree import WorkingTree


def links_leading_out(worktree: WorkingTree, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of the paths that are symlinks out of the worktree; their targets need not exist."""
    leading_out = []
    for path in paths:
        link = worktree.path / path
        with suppress(OSError, RuntimeError):  # it leads to itself
            if link.is_symlink() and not link.resolve().is_relative_to(worktree.path.resolve()):
                leading_out.append(path)
    return tuple(leading_out)


def ignored_as_folders(worktree: WorkingTree, paths: Iterable[str]) -> frozenset[str]:
    """Return those of the paths that git would ignore if they were folders.

    Git is asked in a scratch folder, because it refuses to answer for what is behind a link.
    """
    links = tuple(paths)
    if not links:
        return frozenset()
    with tempfile.TemporaryDirectory(prefix="porch-ignored-") as scratch:
        place = Path(scratch) / "tree"
        for path in links:
            (place / path).mkdir(parents=True, exist_ok=True)
            for folder in PurePosixPath(path).parents:
                rules = worktree.path / folder / ".gitignore"
                if rules.is_file() and not rules.is_symlink():
                    shutil.copyfile(rules, place / folder / ".gitignore")
        git = WorkingTree(place, worktree.git_dir).git
        stdin = b"".join(os.fsencode(f"{path}/") + b"\0" for path in links)
        done = git.run("check-ignore", "--no-index", "-z", "--stdin", stdin=stdin, check=False)
    return frozenset(os.fsdecode(path).rstrip("/") for path in records(done.stdout))


def ignored_links(worktree: WorkingTree, paths: Iterable[str]) -> frozenset[str]:
    """Return those of the paths that lead out of the worktree and would be ignored as folders."""
    return ignored_as_folders(worktree, links_leading_out(worktree, paths))
