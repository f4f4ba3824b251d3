"""Start a program that outlives whoever starts it: own session, no terminal, output into a file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from porch_tui.process.beginning import usual_umask
from porch_tui.process.child import Child


def start_detached(argv: Sequence[str], cwd: Path, output: Path) -> Child:
    """Start it and return at once; `output` is appended to and readable by its owner only. Raises OSError."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return Child(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            umask=usual_umask(),
        )
    finally:
        os.close(descriptor)
