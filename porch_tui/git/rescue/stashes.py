"""Stashes are the repository's, not a worktree's: one task pops what another put away. So new ones are kept.

Only the reflog is read, and refs of porch's own are written; no stash is ever taken away or applied here.
"""

from __future__ import annotations

import re

from msgspec import Struct

from porch_tui.git import refs
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository

_LINE = re.compile(r"^[0-9a-f]+ (?P<oid>[0-9a-f]+) .*> (?P<at>\d+) [+-]\d+\t(?P<message>.*)$")


class Stash(Struct, frozen=True):
    """Something that was put away."""

    oid: str
    message: str
    """`WIP on feature/auth: 1234567 the commit`, or `On feature/auth: what somebody said`."""


def stamp(repository: Repository) -> tuple[int, int] | None:
    """What differs once a stash was made or dropped; None while there is none."""
    try:
        found = (repository.common_dir / "logs" / "refs" / "stash").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def made_since(repository: Repository, at: float) -> list[Stash]:
    """The stashes there are that were made since then (seconds since the epoch), oldest first."""
    try:
        text = (repository.common_dir / "logs" / "refs" / "stash").read_text("utf-8", "surrogateescape")
    except OSError:
        return []
    found = [match for line in text.splitlines() if (match := _LINE.match(line))]
    return [Stash(match["oid"], match["message"]) for match in found if int(match["at"]) >= int(at)]


def keep(repository: Repository, run: str, stash: Stash) -> str | None:
    """Keep a stash alive, whoever drops it; return the ref that does, None if it was kept before."""
    ref = RunRefs(run).stash(stash.oid)
    if refs.read(repository, ref) is not None:
        return None
    refs.keep(repository, ref, stash.oid)
    return ref
