"""Which files were changed by the same commits, as far as that says something about the files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

from porch_tui.codebase.tree import left_out
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError, records

LAST = 500
"""Commits that are looked at, merges not counted."""
MOST_FILES = 30
"""Of one commit: one that changes more is a new license header or a move, and couples nothing."""
_SHORTEST_OID = 40
"""A field so long is the id of a commit; what else stands at its place is a letter and a number."""


def changes_of(repository: Repository, commit: str, files: Collection[str]) -> tuple[frozenset[str], ...]:
    """Return which of the files each of the last commits changed, newest first; those of none are left out.

    A file that was moved unchanged counts under its name of now. The first commit of a history says nothing,
    and neither do merges. Empty where old commits would have to be fetched, or are damaged. Raises
    `GitError`.
    """
    if not all(one.startswith("blob:") for one in left_out(repository)):
        return ()
    try:
        changes = [paths for paths in commits(repository, commit) if len(paths) <= MOST_FILES]
    except GitError as error:
        if error.is_missing_object:  # nothing that the work on this commit needs
            return ()
        raise
    here = (frozenset(path for path in paths if path in files) for paths in changes)
    return tuple(paths for paths in here if paths)


def counted(changes: Iterable[frozenset[str]]) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """Return how many of the commits changed each two files, sorted, and each one."""
    together: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    for paths in changes:
        alone.update(sorted(paths))
        together.update(combinations(sorted(paths), 2))
    return dict(together), dict(alone)


def commits(repository: Repository, commit: str, last: int = LAST) -> Iterator[frozenset[str]]:
    """Yield the paths that each of the last commits changed, newest first, by their names of now."""
    listed = repository.git.run("rev-list", "--no-merges", f"--max-count={last}", commit).stdout
    if not listed:
        return
    # only moves of whole files are followed: to find others git would read, and perhaps fetch, contents
    compared = repository.git.run(
        "diff-tree", "--stdin", "-r", "-z", "--name-status", "-M100%", stdin=listed
    ).stdout
    now: dict[str, str] = {}
    paths: set[str] = set()
    fields = iter(records(compared))
    for field in fields:
        if len(field) >= _SHORTEST_OID:
            if paths:
                yield frozenset(paths)
            paths = set()
            continue
        path = os.fsdecode(next(fields))
        if field.startswith(b"R"):
            moved = os.fsdecode(next(fields))
            now[path] = now.get(moved, moved)
            path = moved
        paths.add(now.get(path, path))
    if paths:
        yield frozenset(paths)
