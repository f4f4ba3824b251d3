"""Which tasks a person watches side by side: those they marked, else those at work. Pure."""

from __future__ import annotations

from collections.abc import Collection

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.tui.model.view import View

_FAILED = {TaskStatus.FAILED, TaskStatus.PAUSED}


def watched(
    view: View, marked: Collection[TaskId], before: Collection[TaskId], focused: TaskId | None
) -> tuple[TaskId, ...]:
    """Return the tasks to show, in plan order.

    A pane goes away when its task has ended well and has not the focus; one that failed before the person's
    eyes stays. Where nothing is at work, all that has ever run is shown.
    """
    tasks = view.state.tasks
    if marked:
        return tuple(task for task in tasks if task in marked)
    active = set(view.state.active)
    stays = {task for task in before if task == focused or tasks[task].status in _FAILED}
    shown = tuple(task for task in tasks if task in active or task in stays)
    return shown or tuple(task for task in tasks if tasks[task].attempts)
