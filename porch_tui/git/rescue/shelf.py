"""What was set aside of a run, so that worktrees and branches could go: under refs, until it is restored.

A shelf has the commits of a branch and of a worktree's HEAD, and a commit of what was uncommitted. It
restores of files what git would; to keep times, private modes or ignored files, move the files themselves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue import salvage
from porch_tui.git.worktree import clones, creation
from porch_tui.git.worktree_list import find_worktree

_PARTS = ("branch", "head", "work")


class Shelf(Struct, frozen=True):
    """What was set aside together."""

    ref: str
    """The common prefix of its refs."""
    owner: str
    """The task, or the folder of a worktree without a task."""
    branch: str | None = None
    """The commit the branch was at."""
    head: str | None = None
    """The commit that was checked out, if it was another."""
    work: str | None = None
    """What was uncommitted, in the form of `salvage.snapshot`."""

    @property
    def name(self) -> str:
        """The last part of the prefix: `shelved`, `shelved-2` and so on."""
        return self.ref.rpartition("/")[2]

    @property
    def pins(self) -> dict[str, str]:
        """Its refs with their commits."""
        commits = (self.branch, self.head, self.work)
        return {f"{self.ref}/{part}": oid for part, oid in zip(_PARTS, commits, strict=True) if oid}


def pin(
    repository: Repository, run: str, owner: str, *, branch: str | None, worktree: Path | None = None
) -> Shelf:
    """Keep branch, HEAD and uncommitted work alive, all or nothing. Changes neither of them.

    Of a worktree whose folder is gone, its HEAD. Raises `RepositoryError` when something cannot be read.
    """
    ref = salvage.unused_prefix(repository, RunRefs(run).shelf(owner))
    beside = RunRefs(run).clone(owner, ref.rpartition("/")[2])  # this stays when the rest is restored
    if worktree and branch:
        clones.sync_back(repository, worktree, branch, beside)
    tip = refs.read(repository, f"refs/heads/{branch}") if branch else None
    known = find_worktree(repository, worktree) if worktree else None
    head = known.head if known and known.head != tip else None
    tree = repository.at(worktree) if worktree and worktree.exists() else None
    if tree is None:
        return _pinned(repository, Shelf(ref, owner, tip, head), [])
    with salvage.worktree_with_new_objects(tree) as (hidden, made):
        work = salvage.snapshot_commit(hidden, {}).commit
        made.publish()
        temporary = f"{beside}/work"  # keeps the work of a clone until the shelf does
        if work and worktree and clones.is_clone(repository, worktree):
            clones.keep_commits(repository, worktree, {temporary: work})
        is_kept = work and refs.read(repository, temporary)
        return _pinned(repository, Shelf(ref, owner, tip, head, work), [temporary] if is_kept else [])


def _pinned(repository: Repository, shelf: Shelf, temporary: Sequence[str]) -> Shelf:
    """Make the refs of a shelf, and delete those that kept its commits until now, in one transaction."""
    lines = [f"create {name} {oid}\n" for name, oid in shelf.pins.items()]
    lines += [f"delete {name}\n" for name in temporary]
    repository.git.run("update-ref", "--stdin", stdin=os.fsencode("".join(lines)))
    return shelf


def shelves(repository: Repository, run: str) -> list[Shelf]:
    """Return the shelves of a run, in the order in which they were made."""
    pattern = re.compile(rf"({re.escape(RunRefs(run).prefix)}left/([^/]+)/shelved(?:-\d+)?)/(\w+)")
    commits: dict[tuple[str, str], dict[str, str]] = {}
    for ref, oid in refs.below(repository, RunRefs(run).prefix).items():
        matched = pattern.fullmatch(ref)
        if matched and matched[3] in _PARTS:
            commits.setdefault((matched[1], matched[2]), {})[matched[3]] = oid
    made = [Shelf(ref, owner, **parts) for (ref, owner), parts in commits.items()]
    return sorted(made, key=lambda one: (one.owner, len(one.ref), one.ref))


def restore(
    repository: Repository, shelf: Shelf, path: Path, branch: str, reason: str, *, is_clone: bool = False
) -> None:
    """Make the worktree or clone again, on `branch`, with what was uncommitted; the shelf stays.

    Path and branch must be free. Raises `RepositoryError` as `creation.ensure` does.
    """
    start = shelf.branch or shelf.head
    if start is None:
        raise RepositoryError(f"{shelf.ref} should be put back, but it names no commit to begin at")
    creation.ensure(repository, path, branch, start, reason, is_clone=is_clone)
    git = repository.at(path).git
    for commit in (shelf.head, shelf.work) if is_clone else ():
        if commit:
            clones.ensure_commit(repository, path, commit)
    if shelf.head and shelf.branch:
        creation.check_out(repository.at(path), shelf.head)
    if shelf.work:
        staged = refs.read_in(git, f"{shelf.work}^2")
        git.run("read-tree", "--reset", "-u", shelf.work)
        git.run("read-tree", staged or "HEAD")
        git.run("update-index", "-q", "--refresh", check=False)


def forget(repository: Repository, shelf: Shelf) -> None:
    """Delete the refs of a shelf, once all of it is elsewhere."""
    refs.delete(repository, shelf.pins)
