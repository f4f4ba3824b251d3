"""Where the traceback of a bug of porch goes: into the newest run's directory, else into a temporary file."""

from __future__ import annotations

import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import PorchError


def keep_traceback() -> str:
    """Write the traceback of the present exception somewhere and say where."""
    text = traceback.format_exc()
    for path in _places():
        with suppress(OSError):
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
            return f"its traceback is in {path}"
    return text


def _places() -> list[Path]:
    from porch_tui.git.discovery import discover
    from porch_tui.journal.rundir import all_runs

    places = [Path(tempfile.gettempdir()) / "porch-traceback.txt"]
    with suppress(PorchError, OSError):
        places = [rundir.traceback for rundir in all_runs(discover(Path.cwd()).common_dir)[:1]] + places
    return places
