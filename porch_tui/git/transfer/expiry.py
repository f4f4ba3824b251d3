"""What a host forgets: bases and copies that no attempt has used for long, and the disk space they take.

A base keeps its ref while it is used, or was used lately; so an engine that was just answered that a base is
here finds it. What no ref leads to any more is deleted only while no attempt runs: the objects of a task's
git that has not made its ref yet are no one's.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.git import refs
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import packs
from porch_tui.git.transfer.copies import GOING

UNUSED_S = 14 * 86_400.0
"""Bases and copies are kept for so long after they were used, in seconds."""
_LONGEST_WAIT_S = 600.0


class Forgotten(Struct, frozen=True):
    """What a host has deleted."""

    bases: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    freed_bytes: int = 0
    """Of the disk; 0 as long as attempts run, for bases."""


def forget_bases(
    repository: Repository, used: Collection[str], *, unused_s: float = UNUSED_S, is_idle: bool
) -> Forgotten:
    """Delete the refs of bases that are not in `used`, and were not used for `unused_s` seconds.

    `used` are those of all attempts that are here, ended ones too until their result was fetched. Idle: no
    attempt runs, and none begins before this returns; then git deletes what no ref leads to. Raises
    `RepositoryError`.
    """
    with exclusive(repository.own_dir / packs.LOCK, "forget what is no longer used", _LONGEST_WAIT_S):
        there = packs.tips(repository)
        old = [
            base for base in there.bases if base not in used and not _is_recent(repository, base, unused_s)
        ]
        pins = {f"{packs.BASES}{base}": base for base in old}
        pins |= {f"{packs.HISTORIES}{base}": base for base in old if base in there.histories}
        refs.delete(repository, pins)
        for base in old:
            packs.stamp_of(repository, base).unlink(missing_ok=True)
        if not is_idle or not old:
            return Forgotten(tuple(old))
        before = _size(repository.common_dir)
        repository.git.run("gc", "--quiet", "--prune=now")
        return Forgotten(tuple(old), freed_bytes=max(0, before - _size(repository.common_dir)))


def forget_copies(store: Path, used: Collection[str], *, unused_s: float = UNUSED_S) -> Forgotten:
    """Delete copies below a folder, by their digests, that are not in `used`, and were not for long."""
    gone, freed = [], 0
    for folder in store.iterdir() if store.is_dir() else ():
        with suppress(FileNotFoundError):
            is_old = time.time() - folder.stat().st_mtime > unused_s
            if is_old and folder.is_dir() and folder.name not in used and not folder.name.startswith("."):
                freed += _size(folder)
                # first of all it has another name: no one unpacks half of it
                aside = folder.rename(folder.with_name(f"{GOING}{folder.name}"))
                shutil.rmtree(aside, ignore_errors=True)
                gone.append(folder.name)
    return Forgotten(copies=tuple(gone), freed_bytes=freed)


def _is_recent(repository: Repository, base: str, unused_s: float) -> bool:
    try:
        used_at = packs.stamp_of(repository, base).stat().st_mtime
    except FileNotFoundError:  # not known: from now on it is
        packs.note_use(repository, base)
        return True
    return time.time() - used_at <= unused_s


def _size(folder: Path) -> int:
    """Return how many bytes the files below a folder have."""
    size = 0
    for above, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(above, name).lstat().st_size
    return size
