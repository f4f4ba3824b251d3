"""Merge without a checkout: the merged tree or the conflict, and the merge commit.

Objects are made here; no branch is moved and no worktree is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.git.merge import commits
from porch_tui.git.merge.merge_output import ConflictedPath, MergeMessage, parse
from porch_tui.git.merge.sandbox import attribute_sandbox, last_sandbox, merging_sandbox, needs_files
from porch_tui.git.repository import Repository


class Built(Struct, frozen=True):
    """A merge that succeeded."""

    commit: str
    tree: str


class Conflicted(Struct, frozen=True):
    """A merge that needs a person's decision. `conflicts` may be empty: some are only described in words."""

    conflicts: tuple[ConflictedPath, ...]
    messages: tuple[MergeMessage, ...]
    tree: str
    """Holds git's own text of every conflicted file, with object ids as labels of the markers."""


def build(
    repository: Repository, scratch: Path, onto: str, head: str, *, message: str, date: str
) -> Built | Conflicted:
    """Merge commit `head` into commit `onto`, both full object ids, and commit the result.

    `date` is "<unix seconds> +0000", fixed for an entry, so that building again gives the same commit.
    `scratch` is a folder that outlives the call. No ref keeps the result: the caller makes one. Where `onto`
    contains `head` already, the tree is that of `onto`. Raises `GitError` when git cannot merge: unrelated
    histories, missing objects, no such commit.
    """
    tree = merge(repository, scratch, onto, head)
    if isinstance(tree, Conflicted):
        return tree
    commit = commits.commit_tree(repository, tree, onto, head, message=message, date=date)
    return Built(commit, tree)


def merge(repository: Repository, scratch: Path, onto: str, head: str) -> str | Conflicted:
    """Return the tree of merging `head` into `onto`, or the conflict. Makes no commit."""
    code, merged = _merge(repository, scratch, onto, head)
    output = parse(merged, {onto: "target", head: "task"})
    return Conflicted(output.conflicts, output.messages, output.tree) if code == 1 else output.tree


def preview(repository: Repository, scratch: Path, onto: str, head: str) -> Conflicted | None:
    """Return the conflict that `merge` meets; None if there is none."""
    merged = merge(repository, scratch, onto, head)
    return merged if isinstance(merged, Conflicted) else None


def is_in_conflict(repository: Repository, scratch: Path, one: str, other: str) -> bool:
    """Whether two commits conflict with each other. Raises `GitError` as `build` does."""
    return _merge(repository, scratch, one, other)[0] == 1


def touched_by(repository: Repository, base: str, tip: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the first-parent commits after `base` up to `tip` that changed one of `paths`, newest first.

    In a merge queue those are the entries with which a conflict in these paths is.
    """
    if not paths:
        return ()
    command = ("--literal-pathspecs", "rev-list", "--first-parent", f"{base}..{tip}", "--", *paths)
    return tuple(repository.git.text(*command).split())


def _merge(repository: Repository, scratch: Path, onto: str, head: str) -> tuple[int, bytes]:
    """Merge in the sandbox; return 0 for a clean merge and 1 for a conflict, with git's output.

    The merge starts with the attributes of the last one while those in force are looked up: they hardly ever
    differ, and the look-up takes as long as a small merge.
    """
    args = ("-c", "merge.conflictStyle=zdiff3", "merge-tree", "--write-tree", "-z", "--messages", onto, head)
    likely = last_sandbox(repository, scratch)
    guess = likely.start(*args) if likely and not needs_files(repository, likely) else None
    try:
        sandbox = attribute_sandbox(repository, scratch, onto)
    finally:
        merged = guess() if guess else None
    if merged is None or likely is None or likely.cwd != sandbox.cwd:
        with merging_sandbox(repository, scratch, onto, sandbox) as place:
            merged = place.run(*args, check=False)
    if merged.code not in (0, 1) or not merged.stdout:  # 1 without output is an error, not a conflict
        raise sandbox.failure(args, merged)
    return merged.code, merged.stdout
