"""Keep new stashes: they are the repository's, not a worktree's, so one task can pop what another stashed.

Only the reflog is read, and refs of porch's own are written; no stash is ever dropped or applied here.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from porch_tui.git import fingerprints, refs
from porch_tui.git.fingerprints import Stamp
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository

_LINE = re.compile(r"^[0-9a-f]+ (?P<oid>[0-9a-f]+) .*> (?P<at>\d+) [+-]\d+\t(?P<message>.*)$")


class Stash(Struct, frozen=True):
    """One entry of the stash."""

    oid: str
    message: str
    """`WIP on feature/auth: 1234567 the commit`, or `On feature/auth: a message`."""


def stamp(repository: Repository) -> Stamp:
    """Return what differs once a stash was made or dropped; None without a stash."""
    return fingerprints.stamp(_reflog(repository))


def made_since(repository: Repository, at: float) -> list[Stash]:
    """Return the existing stashes that were made since then (Unix time), oldest first."""
    try:
        text = _reflog(repository).read_text("utf-8", "surrogateescape")
    except OSError:
        return []
    entries = [match for line in text.splitlines() if (match := _LINE.match(line))]
    return [Stash(entry["oid"], entry["message"]) for entry in entries if int(entry["at"]) >= int(at)]


def keep(repository: Repository, run: str, stash: Stash) -> str | None:
    """Keep a stash alive even if it is dropped; return the ref, or None if it was kept before."""
    ref = RunRefs(run).stash(stash.oid)
    if refs.read(repository, ref) is not None:
        return None
    refs.keep(repository, ref, stash.oid)
    return ref


def _reflog(repository: Repository) -> Path:
    return repository.common_dir / "logs" / "refs" / "stash"
