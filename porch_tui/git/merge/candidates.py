"""Merge without a checkout: what it would give, and the merge commit itself.

Objects are made here and kept alive; no branch is moved and no worktree read.
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
    """A merge that went through."""

    commit: str
    tree: str


class Conflicted(Struct, frozen=True):
    """A merge a person must have a say in. Paths may be empty: some conflicts are only told in words."""

    conflicts: tuple[ConflictedPath, ...]
    messages: tuple[MergeMessage, ...]
    tree: str
    """Holds git's own text of every conflicted file, with object ids as labels of the markers."""


def build(
    repository: Repository,
    scratch: Path,
    onto: str,
    head: str,
    *,
    message: str,
    date: str,
    sign: bool = False,
) -> Built | Conflicted:
    """Merge commit `head` into commit `onto`, both full object ids, and commit what comes of it.

    `date` is "<unix seconds> +0000", fixed for an entry, so that building again gives the same
    commit. `scratch` is a folder that outlives the call. Nothing holds the result: `refs.keep` does.
    Where `head` is in `onto` already, the tree is that of `onto`. Raises `GitError` when git could
    not tell: unrelated histories, missing objects, no such commit.
    """
    merged = merge(repository, scratch, onto, head)
    if isinstance(merged, Conflicted):
        return merged
    return Built(
        commits.commit_tree(repository, merged, onto, head, message=message, date=date, sign=sign), merged
    )


def merge(repository: Repository, scratch: Path, onto: str, head: str) -> str | Conflicted:
    """Decide whether `head` merges upon `onto`: the merged tree, or the conflict. Makes no commit."""
    code, merged = _merge(repository, scratch, onto, head)
    output = parse(merged, {onto: "target", head: "task"})
    return Conflicted(output.conflicts, output.messages, output.tree) if code == 1 else output.tree


def preview(repository: Repository, scratch: Path, onto: str, head: str) -> Conflicted | None:
    """The conflict `merge` meets; None if it goes through."""
    found = merge(repository, scratch, onto, head)
    return found if isinstance(found, Conflicted) else None


def is_in_conflict(repository: Repository, scratch: Path, one: str, other: str) -> bool:
    """Whether two commits do not merge with each other; nothing is made. Raises `GitError` as `build`."""
    return _merge(repository, scratch, one, other)[0] == 1


def touched_by(repository: Repository, base: str, tip: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The first-parent commits after `base` up to `tip` that changed one of `paths`, newest first.

    On a train those are the entries with whom a conflict in these paths is.
    """
    if not paths:
        return ()
    listed = repository.git.text(
        "--literal-pathspecs", "rev-list", "--first-parent", f"{base}..{tip}", "--", *paths
    )
    return tuple(listed.split())


def _merge(repository: Repository, scratch: Path, onto: str, head: str) -> tuple[int, bytes]:
    """Merge in the sandbox: 0 and what git says when it is clean, 1 when it is not.

    Which attributes are in force is looked up while the merge already runs with those of the last
    one: they hardly ever differ, and the look-up takes as long as a small merge.
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
