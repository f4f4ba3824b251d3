"""The terminal lent to a person's own program, for as long as the screen is away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from porch_tui.errors import RefusedError
from porch_tui.git.runner import clean_environment
from porch_tui.process.children import run_in_foreground

FOR_PROGRAMS = {
    "LESS": "R",  # git's own leaves at once when everything fits, and the screen would come back over it
    "GIT_OPTIONAL_LOCKS": "0",  # looking must not stand in the way of the task's own git
}
"""What such programs find in their environment, unless they have it already."""


def run_there(argv: Sequence[str], folder: Path) -> None:
    """Run a program in a folder until it ends; RefusedError if it cannot be started."""
    trouble = run_in_foreground(argv, {**FOR_PROGRAMS, **clean_environment()}, folder)
    if trouble:
        raise RefusedError(f"{argv[0]} could not be started: {trouble}; set SHELL or core.pager")
