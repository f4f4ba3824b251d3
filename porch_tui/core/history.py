"""What happened to a path on both sides since they parted: commits, as git tells them. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that touched the path."""

    oid: str
    author: str
    at: float
    """When it was written, in seconds since the epoch."""
    subject: str
    task: str = ""
    """The task that it landed with; empty: none, or it has not landed."""


@dataclass(frozen=True, slots=True)
class History:
    """The commits of both sides, newest first."""

    main: tuple[Commit, ...]
    task: tuple[Commit, ...]
