"""Which git operation is under way in a worktree, read from the files git keeps for it. Reads only."""

from __future__ import annotations

import os
import time
from enum import Enum
from pathlib import Path


class Operation(Enum):
    """Something git has begun in a worktree and its owner has yet to end; the value says how."""

    REBASE = "a rebase is under way: `git rebase --continue` or `git rebase --abort`"
    APPLY = "a rebase is under way: `git rebase --continue` or `git rebase --abort` (backend: apply)"
    MAIL = "`git am` is under way: `git am --continue` or `git am --abort`"
    MERGE = "a merge is under way: `git merge --continue` or `git merge --abort`"
    CHERRY_PICK = "a cherry-pick is under way: `git cherry-pick --continue` or `git cherry-pick --abort`"
    REVERT = "a revert is under way: `git revert --continue` or `git revert --abort`"
    SEQUENCE = "a series of cherry-picks or reverts is under way: `git cherry-pick --continue` or `--abort`"
    BISECT = "a bisection is under way: `git bisect reset`"
    INDEX_LOCK = "another git command is at work (index.lock); if none is, remove that file"


_TRACES = {
    "rebase-merge": Operation.REBASE,
    "rebase-apply/applying": Operation.MAIL,
    "rebase-apply": Operation.APPLY,
    "MERGE_HEAD": Operation.MERGE,
    "CHERRY_PICK_HEAD": Operation.CHERRY_PICK,
    "REVERT_HEAD": Operation.REVERT,
    "sequencer": Operation.SEQUENCE,
    "BISECT_START": Operation.BISECT,
    "index.lock": Operation.INDEX_LOCK,
}

_POLL_S = 0.02

_AWAITING = frozenset({"rebase-merge", "rebase-apply", "BISECT_START"})

TRACES = tuple(_TRACES)
"""The names in a git directory that tell of an operation."""


def under_way(directory: Path) -> Operation | None:
    """The operation under way in the worktree with this git directory."""
    return next((operation for name, operation in _TRACES.items() if (directory / name).exists()), None)


def under_way_for_long(directory: Path, timeout_s: float) -> Operation | None:
    """Like `under_way`, but wait up to `timeout_s` for the lock of the index to go.

    A shell prompt or an editor that asks git for the status takes that lock for a moment.
    """
    deadline = time.monotonic() + timeout_s
    while (found := under_way(directory)) is Operation.INDEX_LOCK and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found


def awaiting(directory: Path, branch: str) -> Operation | None:
    """The operation that has left `branch`, and will move it or return to it when it ends.

    During a rebase nobody has the branch checked out, yet it is not free: `rebase --continue`
    fails at its end when it moved. Stacked rebases (`--update-refs`) hold several.
    """
    try:
        if _AWAITING.isdisjoint(os.listdir(directory)):  # noqa: PTH208 - before each landing, of every worktree
            return None
    except OSError:
        return None
    ref = f"refs/heads/{branch}"
    if _says(directory / "rebase-merge" / "head-name", ref) or _says(
        directory / "rebase-merge" / "update-refs", ref
    ):
        return Operation.REBASE
    if _says(directory / "rebase-apply" / "head-name", ref):
        return Operation.APPLY
    if _says(directory / "BISECT_START", branch) or _says(directory / "BISECT_START", ref):
        return Operation.BISECT
    return None


def _says(file: Path, line: str) -> bool:
    try:
        return line in file.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
