"""Worktrees kept warm beside the repository: what `porch clean` takes away, a later run begins on.

Changing the few files in which two commits differ takes a tenth of writing all of them. A worktree in
the pool belongs to nobody: it has no branch, nothing uncommitted, and no file that matters. Moving one
is several steps, and a killed process can leave it between any two; what is not whole is not used, and
goes when the next one looks. Everything in here needs the worktrees lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from porch_tui.git import git_files
from porch_tui.git.operations import under_way
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.removal import uncommitted_paths
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
"""Why a worktree in the pool is locked."""

FROM_POOL = "pool"
"""In the mark of a worktree that is not filled yet: it holds what was left of another."""

_HIDING = re.compile(rb"^[a-zS]", re.MULTILINE)
"""How `git ls-files -v` begins of a file git was told not to look at: what is in it nobody knows."""

_OF_ITS_OWN = ("refs", "config.worktree", "modules", "sparse-checkout")
"""In an admin folder: what only this worktree has, and the next must not."""
_TRACES = ("ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "AUTO_MERGE")


def pool_folder(repository: Repository) -> Path:
    """Where the pool is; it need not exist."""
    return repository.worktrees_dir / "pool"


def members(repository: Repository) -> list[Path]:
    """The worktrees in the pool that are whole, sorted by name."""
    return sorted(place for place, admin in _entries(repository) if _is_whole(admin))


def give(repository: Repository, path: Path, size: int, keep: Sequence[str]) -> bool:
    """Put a worktree of ours into the pool, unless it has `size` by now; say whether it is there.

    The caller knows that its commits are somewhere else too. Ignored files go, but what the patterns
    `keep` name. Nothing is changed of a worktree in which anything is uncommitted or out of the ordinary.
    """
    if len(members(repository)) >= size or not has_plain_layout(repository) or not path.is_dir():
        return False
    known, folder = find_worktree(repository, path), pool_folder(repository)
    if known is None or not known.is_ours or known.head is None:
        return False
    admin = admin_dir(repository, path)
    if _is_peculiar(repository.at(path)) or path.stat().st_dev != repository.root.parent.stat().st_dev:
        return False
    if not empty_of_ignored(repository.at(path), keep):
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
    """Make a worktree of the pool the one at `path`; return its admin folder, or None if none can be.

    Its files are still those of another: it is marked as not filled.
    """
    found = [one for one in _entries(repository) if _is_whole(one[1])]
    if not found or not has_plain_layout(repository):
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    place, admin = found[0]
    if place.stat().st_dev != path.parent.stat().st_dev:
        return None
    _write(admin, UNFILLED, FROM_POOL)
    _write(admin, "HEAD", head)
    _write(admin, MADE_FOR, reason)
    _write(admin, "locked", reason)
    _write(admin, "gitdir", f"{path}/.git")
    place.rename(path)
    return admin


def empty_of_ignored(worktree: WorkingTree, keep: Sequence[str]) -> bool:
    """Delete everything untracked or ignored in a worktree but what `keep` names; False if some stays."""
    spared = (word for pattern in keep for word in ("-e", pattern))
    return worktree.git.run("clean", "-ffdxq", *spared, check=False).code == 0


def sweep(repository: Repository) -> None:
    """Discard what a killed process left between the pool and a task."""
    known = dict(_entries(repository))
    for place, admin in known.items():
        if (admin / "locked").exists() and not _is_whole(admin):
            removal.rename_away(repository, place)
    if pool_folder(repository).is_dir():
        for place in pool_folder(repository).iterdir():
            if place not in known and not removal.is_renamed_away(place):
                removal.rename_folder_away(repository, place)


def trim(repository: Repository, size: int) -> int:
    """Discard what is more than `size`; return how many are left."""
    there = members(repository)
    for place in there[size:]:
        removal.rename_away(repository, place)
    return min(size, len(there))


def is_from_pool(admin: Path) -> bool:
    """Whether a worktree that is not filled yet holds what was left of another."""
    return git_files.content(admin / UNFILLED) == FROM_POOL


def _entries(repository: Repository) -> Iterator[tuple[Path, Path]]:
    folder = pool_folder(repository)
    return ((place, admin) for place, admin in places(repository) if place.parent == folder)


def _is_whole(admin: Path) -> bool:
    try:
        reason = (admin / "locked").read_text("utf-8", "surrogateescape").strip()
    except OSError:  # somebody unlocked it, and may be at work in it
        return False
    return reason == REASON and not (admin / UNFILLED).exists()


def _is_peculiar(worktree: WorkingTree) -> bool:
    """Whether anything sets this worktree apart that the next would inherit; a clone is none at all."""
    if (
        worktree.is_clone
        or under_way(worktree.git_dir) is not None
        or any((worktree.git_dir / name).exists() for name in _OF_ITS_OWN)
    ):
        return True
    if uncommitted_paths(worktree):
        return True
    return bool(_HIDING.search(worktree.git.run("ls-files", "-v").stdout))


def _write(admin: Path, name: str, content: str) -> None:
    """Replace a file that git may be reading."""
    aside = admin / f"{name}.new"
    aside.write_text(f"{content}\n", "utf-8", "surrogateescape")
    aside.rename(admin / name)
