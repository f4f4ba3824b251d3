"""What a task with `shared: true` cannot be: it only reads, in a worktree that belongs to several."""

from __future__ import annotations

from porch_tui.core.model.plan import TaskId, Wrap
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.text.source import Source


def check_shared(task: TaskId, entry: TaskEntry, wrap: Wrap | None, source: Source) -> None:
    """Note what does not go with a worktree that checks share."""
    if entry.kind != "check":
        text = f"found shared: true and kind: {entry.kind}; expected kind: check, of which nothing is merged"
        source.refuse(source.task_path(task, "shared"), text)
    if entry.isolation == "clone":
        text = "found clone and shared: true; expected worktree: a clone is a task's own"
        source.refuse(source.task_path(task, "isolation"), text)
    if wrap is not None and not wrap.command:
        text = "found bwrap and shared: true; expected one of them: behind bwrap a worktree is a task's own"
        source.refuse(source.task_path(task, "wrap"), text)
