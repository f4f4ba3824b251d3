"""How a landing can end. Each is an ordinary answer; what git could not do at all is an error instead."""

from __future__ import annotations

from msgspec import Struct


class Landed(Struct, frozen=True):
    """The target is at `commit`, and its checkout, if it has one, shows it."""

    target: str
    commit: str


class Moved(Struct, frozen=True):
    """Somebody else moved the target first. Nothing was changed."""

    to: str | None
    """None: the branch is gone."""
    is_descendant: bool
    """Whether what porch built on is still in it: build again upon it. If not, it was reset: ask."""


class Blocked(Struct, frozen=True):
    """The person's own uncommitted work or unfinished operation is in the way. Nothing was changed."""

    paths: tuple[str, ...]
    """Relative to the checkout; empty when it is an operation and not files."""
    why: str
    """What is in the way, and what to do."""


class BranchMoved(Struct, frozen=True):
    """A branch whose frozen commit should land is somewhere else by now. Nothing was changed."""

    branch: str
    expected: str
    found: str | None


class RolledBack(Struct, frozen=True):
    """A landing that was cut off has left no trace; it may be tried again."""

    target: str


Landing = Landed | Moved | Blocked | BranchMoved
Recovery = Landed | RolledBack | Moved | Blocked
