"""Which tasks the list shows and in what order: what a person has filtered for, and sorts by. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Sign
from porch_tui.tui.model.standing import ran_s, standing
from porch_tui.tui.model.view import View

STATE = "state:"
"""Before the beginning of a state's word: `state:fail`."""
_PRESSING = (Sign.ASKS, Sign.FAILED, Sign.HELD, Sign.RUNS, Sign.WAITS, Sign.GOOD, Sign.ENDED)


class SortKey(StrEnum):
    """What the list is sorted by; the value says so on the screen."""

    PLAN = "plan order"
    STATE = "state, what needs you first"
    NAME = "name"
    CPU = "cpu, most first"
    TIME = "time, longest first"

    def next(self) -> SortKey:
        """Return the one after this, around the end."""
        keys = list(SortKey)
        return keys[(keys.index(self) + 1) % len(keys)]


class Arrangement(Struct, frozen=True):
    """What a person wants of the list."""

    words: str = ""
    """Each must be in a task's name or title, in any case; `state:…` is about its state."""
    key: SortKey = SortKey.PLAN


def order_varies_with(view: View, key: SortKey) -> object:
    """Return what the order changes with while the run's state stays the same."""
    match key:
        case SortKey.CPU:
            return view.usage
        case SortKey.TIME:
            return view.now
        case SortKey.PLAN | SortKey.STATE | SortKey.NAME:
            return None
        case _:
            assert_never(key)


def arranged(view: View, wanted: Arrangement) -> tuple[TaskId, ...]:
    """Return the tasks to list, top to bottom; of two that are alike the plan's first comes first."""
    words = wanted.words.casefold().split()
    found = list(view.state.tasks)
    for word in words:
        found = [task for task in found if _matches(view, task, word)]
    match wanted.key:
        case SortKey.PLAN:
            return tuple(found)
        case SortKey.STATE:
            return tuple(sorted(found, key=lambda task: _PRESSING.index(view.derived.signs[task])))
        case SortKey.NAME:
            return tuple(sorted(found))
        case SortKey.CPU:
            return tuple(sorted(found, key=lambda task: -_cpu_percent(view, task)))
        case SortKey.TIME:
            return tuple(sorted(found, key=lambda task: -ran_s(view, view.state.tasks[task].attempt)))


def _matches(view: View, task: TaskId, word: str) -> bool:
    if word.startswith(STATE):
        where = standing(view, task)
        # its word as well: people filter for what they read, `state:testing`
        known = (where.status.replace("-", " "), where.word, view.derived.signs[task].name)
        return any(one.casefold().startswith(word.removeprefix(STATE)) for one in known)
    return word in task.casefold() or word in view.state.specs[task].title.casefold()


def _cpu_percent(view: View, task: TaskId) -> float:
    usage = view.usage.get(task)
    return usage.cpu_percent if usage else 0.0
