"""The way into the terminal of a task, for screens."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from porch_tui.process.typing import NoTerminal, TypingInto

__all__ = ["NoTerminal", "TypingInto", "may_step_in", "step_into"]


def step_into(directory: Path) -> TypingInto:
    """Return the way into the terminal of an attempt, which never waits. Raises NoTerminal."""
    return TypingInto(directory, patience_s=0)


def may_step_in(directory: Path) -> bool:
    """Say whether there is one."""
    with suppress(NoTerminal, OSError), TypingInto(directory):
        return True
    return False
