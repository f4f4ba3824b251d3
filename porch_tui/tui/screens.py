"""The screens beside the board, by the name an action opens them with.

One of them lies upon the board at a time; opening it again, or `esc`, goes back.
Each is imported when it is first opened: together they would make the board a
third later.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from porch_tui.core.plan import TaskId
from porch_tui.tui.live_screen import LiveScreen, Setting

SCREENS = {
    "queue": ("queue_screen", "QueueScreen"),
    "task": ("task_screen", "TaskScreen"),
    "timeline": ("timeline_screen", "TimelineScreen"),
    "conflict": ("conflict_screen", "ConflictScreen"),
    "grid": ("grid_screen", "GridScreen"),
    "report": ("report_screen", "ReportScreen"),
}
"""Module and class."""


def screen_class(name: str) -> Callable[[Setting, TaskId | None], LiveScreen]:
    """Return the class of a screen."""
    module, kind = SCREENS[name]
    found: Callable[[Setting, TaskId | None], LiveScreen]
    found = getattr(import_module(f"porch_tui.tui.{module}"), kind)
    return found


def open_screen(name: str, setting: Setting, task: TaskId | None) -> LiveScreen:
    """Return a screen of that name, on the task that was under the cursor."""
    opened = screen_class(name)(setting, task)
    opened.id = name
    return opened
