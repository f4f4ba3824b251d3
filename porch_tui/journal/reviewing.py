"""What a person who reviews has seen and written: the commit of a task last shown, comments not sent yet.

What they approve is the commit they were shown, and no later one.
"""

from __future__ import annotations

from contextlib import suppress

from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.journal.durable import PRIVATE_FOLDER, read_file, replace
from porch_tui.journal.rundir import RunDir


def remember_shown(rundir: RunDir, task: TaskId, head: Sha) -> None:
    """Remember that this commit was shown; where that cannot be written, none was."""
    with suppress(OSError):
        rundir.shown.mkdir(PRIVATE_FOLDER, exist_ok=True)
        replace(rundir.shown / task, head.encode(), is_durable=False)


def last_shown(rundir: RunDir, task: TaskId) -> Sha | None:
    """Return the commit of the task that was shown last; None if none was."""
    with suppress(OSError, UnicodeDecodeError):
        return Sha(read_file(rundir.shown / task).decode().strip()) or None
    return None


def read_comments(rundir: RunDir, task: TaskId) -> bytes:
    """Return what `write_comments` has written; empty if there is nothing that can be read."""
    with suppress(OSError):
        return read_file(rundir.comments / f"{task}.json")
    return b""


def write_comments(rundir: RunDir, task: TaskId, content: bytes) -> None:
    """Keep what a person has written about a task; OSError if that cannot be done."""
    rundir.comments.mkdir(PRIVATE_FOLDER, exist_ok=True)
    replace(rundir.comments / f"{task}.json", content)
