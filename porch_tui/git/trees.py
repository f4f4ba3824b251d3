"""The trees of commits, each asked for once.

That cannot go stale: the id of a commit is a hash of what it says, and its tree is part of that.
"""

from __future__ import annotations

from porch_tui.git.runner import Git

_KEPT = 10_000
_trees: dict[str, str] = {}


def tree_of(git: Git, commit: str) -> str:
    """Return the tree of a commit, both full object ids. Raises `GitError` where git does not have it.

    Of a commit that was met before git is not asked whether it is still there.
    """
    return _trees.get(commit) or note(commit, git.text("rev-parse", "--verify", f"{commit}^{{tree}}"))


def known(commit: str) -> str | None:
    """Return the tree of a commit, if it was met before."""
    return _trees.get(commit)


def note(commit: str, tree: str) -> str:
    """Remember the tree of a commit, and return it."""
    if len(_trees) >= _KEPT:
        _trees.clear()
    _trees[commit] = tree
    return tree
