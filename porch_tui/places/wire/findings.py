"""What a host finds out about itself when a person asks what it lacks."""

from __future__ import annotations

from msgspec import Struct


class HostFindings(Struct, frozen=True):
    """Of the user whom the way in leads to."""

    identity: str = ""
    """`Ann <ann@example.org>`, as git there would sign commits; empty: it has none."""
    shell: str = ""
    """The program that this user logs in to."""
    tools: dict[str, str] = {}
    """Of those asked for, by name: where each was found."""
    only_by_shell: tuple[str, ...] = ()
    """Of these: what only an interactive shell finds. Attempts find it too."""
    cores: int = 0
    memory_bytes: int = 0
    disk_free_bytes: int = 0
    has_msgspec: bool = True
    """Otherwise a stand-in was sent, which is slower."""
    dies_at_logout: bool = False
    """Its system ends everything of a user with their last connection."""
    trouble: str = ""
    """Why processes cannot be watched there."""
    now: float = 0.0
    """Its clock."""
