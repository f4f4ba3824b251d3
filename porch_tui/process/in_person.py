"""Run a program of the person's on their own terminal, and wait for it: a shell, a pager, an editor.

Everything else in this room runs without a terminal.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from porch_tui.errors import RepositoryError


def run_in_person(argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> int:
    """Return the program's exit code; RepositoryError if it cannot be started.

    It stays in this process's session and group, or the terminal would not take its keys.
    """
    try:
        return subprocess.run(argv, cwd=folder, env=dict(env), check=False).returncode
    except OSError as error:
        raise RepositoryError(
            f"{argv[0]} should have been started in {folder}, but: {error.strerror}. "
            "Set SHELL, EDITOR or PAGER to a program that is there."
        ) from error
