"""Worktrees kept warm beside the repository: `porch clean` puts them there, and a later run begins in them.

Changing the few files in which two commits differ takes a tenth of writing all of them. A worktree in the
pool belongs to no task: it has no branch, nothing uncommitted, and no file that matters. Moving one takes
several steps, and a killed process can leave it between any two; what is incomplete is not used, and is
deleted by the next process that looks. The caller of everything in here holds the worktrees lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from porch_tui.git.git_files import content
from porch_tui.git.operations import under_way
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import passing_on, removal
from porch_tui.git.worktree_list import (
    MADE_FOR,
    OURS,
    UNFILLED,
    admin_dir,
    find_worktree,
    has_plain_layout,
    places,
)

REASON = f"{OURS}pool"
"""The lock reason of a worktree in the pool."""

_FROM_POOL = "pool"
"""Content of the mark of an unfilled worktree that holds the files of another."""

_HIDDEN = re.compile(rb"^[a-zS]", re.MULTILINE)
"""How `git ls-files -v` marks a file that git does not look at, and whose content is unknown."""

_OF_ITS_OWN = ("refs", "config.worktree", "modules", "sparse-checkout")
"""In an admin folder: what only this worktree has, and the next must not."""
_TRACES = ("ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "AUTO_MERGE")


def pool_folder(repository: Repository) -> Path:
    """Return where the pool is; it need not exist."""
    return repository.worktrees_dir / "pool"


def members(repository: Repository) -> list[Path]:
    """Return the complete worktrees in the pool, sorted by name."""
    return sorted(place for place, admin in _entries(repository) if _is_complete(admin))


def give(repository: Repository, path: Path, size: int, keep: Sequence[str]) -> bool:
    """Put a worktree of ours into the pool, unless that has `size` by now; return whether it is there.

    The caller knows that its commits are somewhere else too. Ignored files are deleted, except for those that
    match `keep`. A worktree in which anything is uncommitted or unusual is not changed.
    """
    if len(members(repository)) >= size or not has_plain_layout(repository) or not path.is_dir():
        return False
    known, folder = find_worktree(repository, path), pool_folder(repository)
    if known is None or not known.is_ours or known.head is None:
        return False
    admin = admin_dir(repository, path)
    if _is_unusual(repository.at(path)) or path.stat().st_dev != repository.root.parent.stat().st_dev:
        return False
    if not delete_ignored(repository.at(path), keep):
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / admin.name
    path.rename(place)
    _write(admin, "gitdir", f"{place}/.git")
    _write(admin, "HEAD", known.head)
    for name in _TRACES:
        (admin / name).unlink(missing_ok=True)
    _write(admin, MADE_FOR, REASON)
    _write(admin, "locked", REASON)
    return True


def take(repository: Repository, path: Path, head: str, reason: str) -> Path | None:
    """Move a worktree of the pool to `path`; return its admin folder, or None if there is none to take.

    Its files are still those of another: it is marked as unfilled.
    """
    ready = [one for one in _entries(repository) if _is_complete(one[1])]
    if not ready or not has_plain_layout(repository):
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    place, admin = ready[0]
    if place.stat().st_dev != path.parent.stat().st_dev:
        return None
    _write(admin, UNFILLED, _FROM_POOL)
    _write(admin, "HEAD", head)
    _write(admin, MADE_FOR, reason)
    _write(admin, "locked", reason)
    _write(admin, "gitdir", f"{path}/.git")
    place.rename(path)
    return admin


def delete_ignored(worktree: WorkingTree, keep: Sequence[str]) -> bool:
    """Delete everything untracked or ignored but what matches `keep`; return whether all of it is gone."""
    kept = (word for pattern in keep for word in ("-e", pattern))
    return worktree.git.run("clean", "-ffdxq", *kept, check=False).code == 0


def sweep(repository: Repository) -> None:
    """Discard what a killed process left between the pool and a task."""
    known = dict(_entries(repository))
    for place, admin in known.items():
        if (admin / "locked").exists() and not _is_complete(admin):
            removal.rename_away(repository, place)
    if pool_folder(repository).is_dir():
        for place in pool_folder(repository).iterdir():
            if place not in known and not removal.is_renamed_away(place):
                removal.rename_folder_away(repository, place)


def trim(repository: Repository, size: int) -> int:
    """Discard worktrees until there are `size`; return how many are left."""
    there = members(repository)
    for place in there[size:]:
        removal.rename_away(repository, place)
    return min(size, len(there))


def is_from_pool(admin: Path) -> bool:
    """Whether an unfilled worktree holds the files of another, from the pool or from where that was."""
    mark = content(admin / UNFILLED)
    return mark == _FROM_POOL or passing_on.is_moved(mark)


def _entries(repository: Repository) -> Iterator[tuple[Path, Path]]:
    folder = pool_folder(repository)
    return ((place, admin) for place, admin in places(repository) if place.parent == folder)


def _is_complete(admin: Path) -> bool:
    reason = content(admin / "locked")  # without a lock someone may be at work in it
    return reason is not None and reason.strip() == REASON and not (admin / UNFILLED).exists()


def _is_unusual(worktree: WorkingTree) -> bool:
    """Whether the next task would inherit anything from this worktree; a clone is never usable."""
    return (
        worktree.is_clone
        or under_way(worktree.git_dir) is not None
        or any((worktree.git_dir / name).exists() for name in _OF_ITS_OWN)
        or bool(removal.uncommitted_paths(worktree))
        or _HIDDEN.search(worktree.git.run("ls-files", "-v").stdout) is not None
    )


def _write(admin: Path, name: str, text: str) -> None:
    """Replace a file that git may be reading."""
    aside = admin / f"{name}.new"
    aside.write_text(f"{text}\n", "utf-8", "surrogateescape")
    aside.rename(admin / name)
