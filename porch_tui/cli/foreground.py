"""Runs a person's own program in the foreground, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from porch_tui.errors import RefusedError
from porch_tui.git.runner import NO_VARIABLES, clean_environment
from porch_tui.process.children import run_in_foreground

FOR_PROGRAMS = {
    "LESS": "R",  # git's default exits at once when everything fits, and the screen would cover it
    "GIT_OPTIONAL_LOCKS": "0",  # looking must not block the task's own git
}
"""Set in the environment of such a program, unless it is set already."""


def run_there(argv: Sequence[str], folder: Path, more: Mapping[str, str] = NO_VARIABLES) -> None:
    """Run a program in a folder until it ends, with `more` in its environment.

    RefusedError if it cannot be started.
    """
    trouble = run_in_foreground(argv, {**FOR_PROGRAMS, **clean_environment(), **more}, folder)
    if trouble:
        raise RefusedError(f"{argv[0]} could not be started: {trouble}; set SHELL or core.pager")
