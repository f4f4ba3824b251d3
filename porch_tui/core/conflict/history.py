"""What happened to a path on both sides since they parted: commits, as git tells them. Values only."""

from __future__ import annotations

from msgspec import Struct


class Commit(Struct, frozen=True):
    """A commit that touched the path."""

    oid: str
    author: str
    at: float
    """When it was written, in seconds since the epoch."""
    subject: str
    task: str = ""
    """The task that it landed with; empty: none, or it has not landed."""


class History(Struct, frozen=True):
    """The commits of both sides, newest first."""

    main: tuple[Commit, ...]
    task: tuple[Commit, ...]
