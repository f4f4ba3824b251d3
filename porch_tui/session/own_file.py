"""A file of this process alone, for a log made readable: it goes with the process."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

FOLDER = "porch-log-"
"""Begins the names of the folders of such files; the number of the process follows."""


class OwnFile:
    """An empty file. It is deleted by `close`, when porch ends, or by the next porch if it was killed."""

    def __init__(self, log: Path) -> None:
        """Make it; it is called as `log` is. Raises OSError if there can be none."""
        _clear_away()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-")
        self.path = Path(self._folder.name) / log.parent.name / log.name
        """Its last folder is named as the log's."""
        self.path.parent.mkdir()
        self.path.write_bytes(b"")

    def close(self) -> None:
        """Delete the file."""
        self._folder.cleanup()


@cache
def _clear_away() -> None:
    """Delete what processes have left that were killed, once."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        number = folder.name.removeprefix(FOLDER).partition("-")[0]
        if number.isdecimal() and not _is_alive(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
