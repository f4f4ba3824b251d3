"""Where the traceback of a bug of porch goes: into the newest run's directory, else a folder of its own."""

from __future__ import annotations

import os
import stat
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import PorchError

NAME = "traceback.txt"


def keep_traceback() -> str:
    """Write the traceback of the present exception somewhere and say where."""
    text = traceback.format_exc()
    for place in (_of_newest_run, _of_its_own):
        with suppress(OSError, PorchError):
            path = place()
            if path is not None:
                _append(path, text)
                return f"its traceback is in {path}"
    return text


def _of_newest_run() -> Path | None:
    from porch_tui.git.discovery import discover
    from porch_tui.journal.rundir import all_runs

    runs = all_runs(discover(Path.cwd()).common_dir)
    return runs[0].traceback if runs else None


def _of_its_own() -> Path:
    """Return a file in a new folder that only its owner may enter: others write in the temporary one, too."""
    return Path(tempfile.mkdtemp(prefix="porch-")) / NAME


def _append(path: Path, text: str) -> None:
    """Add to an ordinary file of ours; through no link, and never waiting for whoever reads a pipe."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="backslashreplace") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PermissionError(f"{path} is no ordinary file")
        file.write(text)
