"""The screens beside the board, by the name an action opens them with.

One of them is on top of the board at a time; opening it again, or `esc`, goes back. Each is imported when
it is first opened: all of them would delay the board by a third.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual.app import App

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import listed
from porch_tui.present.outcome import QueueWord, queue_words
from porch_tui.present.status_label import task_label
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext

SCREENS = {
    "queue": ("queue.queue_screen", "QueueScreen"),
    "task": ("task.task_screen", "TaskScreen"),
    "timeline": ("timeline.timeline_screen", "TimelineScreen"),
    "rivals": ("rivals.rivals_screen", "RivalsScreen"),
    "places": ("places.places_screen", "PlacesScreen"),
    "conflict": ("conflict.screen", "ConflictScreen"),
    "diff": ("diff.screen", "DiffScreen"),
    "grid": ("grid.grid_screen", "GridScreen"),
    "report": ("report.report_screen", "ReportScreen"),
}
"""Module and class."""


def screen_class(name: str) -> Callable[[ScreenContext, TaskId | None], LiveScreen]:
    """Return the class of a screen."""
    module, kind = SCREENS[name]
    found: Callable[[ScreenContext, TaskId | None], LiveScreen]
    found = getattr(import_module(f"porch_tui.tui.{module}"), kind)
    return found


def open_screen(name: str, context: ScreenContext, task: TaskId | None) -> LiveScreen:
    """Return a screen of that name, with the cursor on a task."""
    opened = screen_class(name)(context, task)
    opened.id = name
    return opened


def show_on_top(app: App[Any], live: LiveScreen, opened: LiveScreen) -> None:
    """Show a screen on top of the board, in place of another one there."""
    if live is app.screen_stack[0]:
        app.push_screen(opened)
    else:
        app.switch_screen(opened)


def why_not_open(name: str, view: View, task: TaskId | None) -> str:
    """Return why a screen of that name has nothing to show about the task; empty if it has."""
    if name == "places" and not view.state.plan.places:
        return "this run has no places: its tasks run on this machine"
    in_conflict = [one for one, word in queue_words(view.state).items() if word is QueueWord.CONFLICTED]
    if name != "conflict" or task is None or task in in_conflict:
        return ""
    there = f"; {listed(in_conflict)} {'is' if len(in_conflict) == 1 else 'are'}" if in_conflict else ""
    return f"{task} is not in conflict ({task_label(view.state, task, view.now).word}){there}"
