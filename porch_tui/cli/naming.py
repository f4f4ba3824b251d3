"""The tasks a person names on the command line, or the name they probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.errors import PlanError


def task_named(state: RunState, name: str) -> TaskId:
    """Return the task of that name; PlanError, with the nearest name, if the run has none."""
    return tasks_named(state, [name])[0]


def tasks_named(state: RunState, names: Iterable[str]) -> tuple[TaskId, ...]:
    """Return the tasks of these names, each once; PlanError, a line each, for those the run does not have."""
    wanted = tuple(dict.fromkeys(names))
    mistakes = [_mistake(state, name) for name in wanted if name not in state.tasks]
    if mistakes:
        raise PlanError("\n".join(mistakes))
    return tuple(TaskId(name) for name in wanted)


def _mistake(state: RunState, name: str) -> str:
    known = [str(task) for task in state.tasks]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {listed(known)}"
    return f"run {state.run} has no task {name!r}; {hint}"
