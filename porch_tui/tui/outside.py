"""What a screen may have done by rooms it does not know: git, the report, a person's own programs.

The composition root does it; here is only what is asked. Everything that may
take more than a frame is called from a thread, never from the event loop.
"""

from __future__ import annotations

from typing import Protocol


class Outside(Protocol):
    """The world beyond the run directory."""

    def report(self) -> str:
        """Return the whole story of the run as text, as `porch report` tells it."""


class Nowhere:
    """There is no such world: a run directory alone, looked at without its repository."""

    def report(self) -> str:
        """Say why there is none."""
        return "the report needs the run's repository: porch report"
