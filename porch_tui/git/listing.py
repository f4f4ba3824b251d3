"""Read what git knows of its worktrees. Reads only."""

from __future__ import annotations

import os
import random
import re
import time
from dataclasses import dataclass
from pathlib import Path

from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed, Git

OURS = "porch "
"""What the lock reason of every worktree begins with that porch made."""

_TRIES = 6
_RACES = re.compile(r"failed to read .*commondir|bad object worktrees/|unable to read .*gitdir")


@dataclass(frozen=True, slots=True)
class Worktree:
    """One entry of git's list; its folder may be gone."""

    path: Path
    head: str | None
    branch: str | None
    """Without `refs/heads/`; None when HEAD is detached."""
    lock_reason: str | None

    @property
    def is_ours(self) -> bool:
        """Whether porch made it: only then may porch change or remove it."""
        return self.lock_reason is not None and self.lock_reason.startswith(OURS)


def listing(repository: Repository) -> tuple[Worktree, ...]:
    """Every worktree git has a record of, the main one first."""
    output = run_among_races(repository.git, "worktree", "list", "--porcelain", "-z").stdout
    return tuple(_worktree(block) for block in output.split(b"\0\0") if block)


def find(repository: Repository, path: Path) -> Worktree | None:
    """The worktree git has on record at `path`."""
    wanted = path.resolve()
    return next((one for one in listing(repository) if one.path.resolve() == wanted), None)


def run_among_races(git: Git, *args: Argument) -> Completed:
    """Run a command that enumerates worktrees, again when another process was just adding one.

    Git reads the other worktrees' half-written files; six tries, 20 ms doubling, with jitter.
    """
    for attempt in range(_TRIES - 1):
        done = git.run(*args, check=False)
        if done.code == 0 or not _RACES.search(done.stderr):
            break
        time.sleep(0.02 * 2**attempt * random.uniform(0.5, 1.5))
    else:
        done = git.run(*args, check=False)
    if done.code != 0:
        raise git.failure(args, done)
    return done


def _worktree(block: bytes) -> Worktree:
    fields: dict[str, str] = {}
    for line in block.split(b"\0"):
        key, _, value = os.fsdecode(line).partition(" ")
        fields[key] = value
    branch = fields.get("branch")
    lock = fields.get("locked")
    return Worktree(
        path=Path(fields["worktree"]),
        head=fields.get("HEAD"),
        branch=branch.removeprefix("refs/heads/") if branch else None,
        lock_reason=lock.strip() if lock is not None else None,
    )
