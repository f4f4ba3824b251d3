"""The repository porch works in, and the version of git. `discovery` finds the repository."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.errors import RepositoryError
from porch_tui.git.runner import Git, output_of
from porch_tui.git.working_tree import (
    NotItsFolderError,
    WorkingTree,
    clone_working_tree,
    is_same,
    linked_working_tree,
)

OLDEST_GIT = (2, 38)
"""The first with `git merge-tree --write-tree`."""


class Repository(Struct, frozen=True):
    """A repository with a main worktree and at least one commit."""

    root: Path
    """The main worktree, also when porch was started in a linked one. A bare repository has only linked
    worktrees: then it is the one porch was started in."""
    common_dir: Path
    """What all worktrees share: objects, refs, porch's own folder."""
    git_dir: Path
    """Where HEAD and index of `root` are: the common directory, unless the repository is bare."""
    name: str
    objects: Path | None = None
    """Where git writes new objects, if not into the repository: see `objects`."""

    @property
    def main(self) -> WorkingTree:
        """The main worktree."""
        return WorkingTree(self.root, self.git_dir, self.objects)

    @property
    def is_bare(self) -> bool:
        """Whether all its worktrees are linked ones."""
        return self.git_dir != self.common_dir

    @property
    def git(self) -> Git:
        """Git in the main worktree."""
        return self.main.git

    def at(self, path: Path) -> WorkingTree:
        """Return the main worktree, a linked one, or a task's clone, at `path`: verified, and safe to change.

        Raises `NotItsFolderError` if it is none of them.
        """
        if is_same(path, self.root):
            return self.main
        if os.path.isdir(f"{path}/.git"):  # noqa: PTH112 - for each command
            return clone_working_tree(path, self.root, self.common_dir)
        return linked_working_tree(path, self.common_dir)

    def of_run(self, root: str) -> Repository:
        """Return the repository as it was for a run that began when the main worktree was at `root`.

        The paths of its worktrees are derived from that: of a bare repository each run may have begun in
        another worktree, and the folder may have another name by now.
        """
        name = Path(root).name or self.name
        if self.is_bare and root != str(self.root):
            with suppress(NotItsFolderError):  # that worktree is gone
                tree = linked_working_tree(Path(root), self.common_dir)
                return Repository(tree.path, self.common_dir, tree.git_dir, name)
        return replace(self, name=name)

    @property
    def own_dir(self) -> Path:
        """Where porch keeps its locks and runs, outside of every worktree."""
        return self.common_dir / "porch"

    @property
    def is_writable(self) -> bool:
        """Whether git may write into the repository now: it may have been made read-only for a while."""
        places = ("", "objects", "refs", "refs/heads", "porch")
        return all(os.access(self.common_dir / place, os.W_OK) for place in places)

    @property
    def worktrees_dir(self) -> Path:
        """Where the worktrees are that belong to no task: beside the repository, on its file system.

        Its name does not begin with a dot: tools that serve or watch files often ignore everything below
        such a folder (npm's `send` does), so that tests would fail there which pass elsewhere.
        """
        return self.root.parent / f"{self.name}.porch"


def git_version() -> tuple[int, int, int]:
    """Return the version of the git on PATH. Raises `RepositoryError` when there is none."""
    return version_in(output_of("--version"))


def version_in(output: str) -> tuple[int, int, int]:
    """Return the version that `git --version` has printed. Raises `RepositoryError` if it has none."""
    version = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", output)
    if version is None:
        raise RepositoryError(
            f"`git --version` said {output.strip()!r}, which contains no version. Check the git on PATH."
        )
    return int(version[1]), int(version[2]), int(version[3] or 0)
