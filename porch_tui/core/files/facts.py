"""What is known of a repository's files at the base, as far as tasks are compared and estimated by it.

Read by the room `codebase`; the core has no disk.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from porch_tui.core.model.wording import counted, listed

LANGUAGES = "pip install 'porch-tui[languages]'"
"""Installs what reads other languages than Python."""


class Facts(Struct, frozen=True):
    """Files at the base, by their paths from the repository's root. An empty one: nothing is known."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of each tracked file, in git's order; 0 for one that is `absent`."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Texts of the scripts that the plan's commands run, directly or through one another."""
    definitions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name of a function or class that a prompt mentions: the files that define it."""
    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By source file: the files of the repository that it imports."""
    together: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Two files, sorted: in how many of the last commits both were changed."""
    commits: Mapping[str, int] = field(default_factory=dict)
    """By file: in how many of the last commits it was changed."""
    history: tuple[frozenset[str], ...] = ()
    """The files that each of these commits changed, newest first."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """By language: how many files were not read for their imports, since its grammar is not installed."""
    absent: frozenset[str] = frozenset()
    """Files whose content is not on this machine, in a partial clone: no size is known, and no imports."""

    @property
    def unread_text(self) -> str:
        """How many files of which languages were not read for imports, without a full stop; empty if none."""
        if not self.unread:
            return ""
        files = [
            f"{counted(number, 'file')} of {language}" for language, number in sorted(self.unread.items())
        ]
        return f"{listed(files)} not read for imports"

    @property
    def unread_note(self) -> str:
        """The same with what to do about it."""
        return f"{self.unread_text}; to have them read: {LANGUAGES}" if self.unread else ""
