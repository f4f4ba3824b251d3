"""Which commit of a task a person was last shown: what they approve is that one, and no later one."""

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
