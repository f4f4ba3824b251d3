"""Which tasks the list shows, and in what order. Pure."""

from __future__ import annotations

from collections.abc import Set

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.present.arrangement import SortKey
from porch_tui.present.signs import Sign
from porch_tui.present.status_label import ran_s, task_label
from porch_tui.tui.model.groups import folded
from porch_tui.tui.model.view import View

STATE = "state:"
"""Followed by the beginning of a status: `state:fail`."""
_PRESSING = (Sign.ASKS, Sign.FAILED, Sign.HELD, Sign.RUNS, Sign.WAITS, Sign.GOOD, Sign.ENDED)


class Arrangement(Struct, frozen=True):
    """How a person wants the list filtered and sorted."""

    words: str = ""
    """Each must be in the name or title of a task, in any case; `state:…` matches its status."""
    key: SortKey = SortKey.PLAN


def arranged(view: View, arrangement: Arrangement) -> tuple[TaskId, ...]:
    """Return the tasks to list, top to bottom; equal ones in plan order."""
    words = arrangement.words.casefold().split()
    found = list(view.state.tasks)
    for word in words:
        found = [task for task in found if _matches(view, task, word)]
    match arrangement.key:
        case SortKey.PLAN:
            return tuple(found)
        case SortKey.STATE:
            return tuple(sorted(found, key=lambda task: _PRESSING.index(view.derived.signs[task])))
        case SortKey.NAME:
            return tuple(sorted(found))
        case SortKey.CPU:
            busy = {task: usage.cpu_percent for task, usage in view.usage.items()}
            return tuple(sorted(found, key=lambda task: -busy.get(task, 0.0)))
        case SortKey.TIME:
            return tuple(sorted(found, key=lambda task: -ran_s(view.state.tasks[task].attempt, view.now)))


def rows(view: View, arrangement: Arrangement, opened: Set[str]) -> tuple[TaskId, ...]:
    """Return the rows of the list: groups are folded, unless the list is filtered."""
    listed = arranged(view, arrangement)
    return listed if arrangement.words else folded(view.state, listed, view.derived.signs, opened)


def _matches(view: View, task: TaskId, word: str) -> bool:
    if word.startswith(STATE):
        where = task_label(view.state, task, view.now)
        # its words too: people filter for what they read, `state:testing`
        known = (where.status.replace("-", " "), where.word, view.derived.signs[task].name)
        return any(one.casefold().startswith(word.removeprefix(STATE)) for one in known)
    return word in task.casefold() or word in view.state.specs[task].title.casefold()
