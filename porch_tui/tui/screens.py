"""The screens beside the board, by the name an action opens them with.

One of them lies upon the board at a time; opening it again, or `esc`, goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from porch_tui.core.plan import TaskId
from porch_tui.tui.conflict_screen import ConflictScreen
from porch_tui.tui.grid_screen import GridScreen
from porch_tui.tui.live_screen import LiveScreen, Setting
from porch_tui.tui.queue_screen import QueueScreen
from porch_tui.tui.report_screen import ReportScreen
from porch_tui.tui.task_screen import TaskScreen
from porch_tui.tui.timeline_screen import TimelineScreen

SCREENS: Mapping[str, Callable[[Setting, TaskId | None], LiveScreen]] = {
    "queue": QueueScreen,
    "task": TaskScreen,
    "timeline": TimelineScreen,
    "conflict": ConflictScreen,
    "grid": GridScreen,
    "report": lambda setting, task: ReportScreen(setting),
}
"""Each is given the task that was under the cursor."""
