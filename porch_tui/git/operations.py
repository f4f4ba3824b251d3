"""Which git operation is under way in a worktree, read from the files git keeps for it. Reads only."""

from __future__ import annotations

import os
import time
from enum import Enum
from pathlib import Path

from porch_tui.git.git_files import content


class Operation(Enum):
    """Something that was begun in a worktree and is not finished; the value says how to finish it."""

    REBASE = "a rebase is under way: `git rebase --continue` or `git rebase --abort`"
    APPLY = "a rebase is under way: `git rebase --continue` or `git rebase --abort` (backend: apply)"
    MAIL = "`git am` is under way: `git am --continue` or `git am --abort`"
    MERGE = "a merge is under way: `git merge --continue` or `git merge --abort`"
    CHERRY_PICK = "a cherry-pick is under way: `git cherry-pick --continue` or `git cherry-pick --abort`"
    REVERT = "a revert is under way: `git revert --continue` or `git revert --abort`"
    SEQUENCE = "a series of cherry-picks or reverts is under way: `git cherry-pick --continue` or `--abort`"
    BISECT = "a bisection is under way: `git bisect reset`"
    INDEX_LOCK = "another git command is at work (index.lock); if none is, remove that file"


TRACES = {
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
"""By the file in a git directory that shows that the operation is under way."""

_POLL_S = 0.02

_AWAITING = frozenset({"rebase-merge", "rebase-apply", "BISECT_START"})


def under_way(directory: Path, wait_s: float = 0.0) -> Operation | None:
    """Return the operation under way in the worktree with this git directory.

    The lock of the index is waited for up to `wait_s`: a shell prompt or an editor that asks git for the
    status takes it for a moment.
    """
    deadline = time.monotonic() + wait_s
    while True:
        operation = next((one for name, one in TRACES.items() if (directory / name).exists()), None)
        if operation is not Operation.INDEX_LOCK or time.monotonic() >= deadline:
            return operation
        time.sleep(_POLL_S)


def awaiting(directory: Path, branch: str) -> Operation | None:
    """Return the operation that has left `branch`, and will move it or return to it when it ends.

    During a rebase no one has the branch checked out, yet it is not free: `rebase --continue`
    fails at its end when it moved. Stacked rebases (`--update-refs`) hold several.
    """
    try:
        if _AWAITING.isdisjoint(os.listdir(directory)):  # noqa: PTH208 - before each landing, of every worktree
            return None
    except OSError:
        return None
    ref = f"refs/heads/{branch}"
    if ref in _lines(directory / "rebase-merge" / "head-name", directory / "rebase-merge" / "update-refs"):
        return Operation.REBASE
    if ref in _lines(directory / "rebase-apply" / "head-name"):
        return Operation.APPLY
    if not {ref, branch}.isdisjoint(_lines(directory / "BISECT_START")):
        return Operation.BISECT
    return None


def _lines(*files: Path) -> list[str]:
    return [line for file in files for line in (content(file) or "").splitlines()]
