"""The one command that would help a run most now, with a word on why: the last line of `porch status`."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.going_on import would_go_on
from porch_tui.core.rules.settle import is_frozen, settle
from porch_tui.present.explain import Need
from porch_tui.present.outcome import all_is_well


def next_step(
    state: RunState, wanted: Sequence[Need], *, engine_is_alive: bool, waiting: Sequence[str] = ()
) -> str:
    """Return the command that is most worth typing now.

    `wanted` is `needs(state)`; `waiting` are commands in the inbox, as a person types them behind
    `porch`. `porch resume` is named whenever it would do something, and never where it would not.
    """
    if state.closed_at is not None:
        return "porch report (the run is closed; porch clean removes its worktrees)"
    if engine_is_alive:
        return _beside_an_engine(state, wanted)
    if waiting:
        return f"porch resume (no engine is alive; waiting for one: {listed(waiting)})"
    if paused := _paused_alone(state):
        return f"porch resume-tasks {' '.join(paused)}, then porch resume (no engine is alive)"
    if would_go_on(state):
        then = f", then {wanted[0].next}" if wanted else ""
        return f"porch resume (no engine is alive, and there is work left){then}"
    if wanted:
        return f"{wanted[0].next}, then porch resume (no engine is alive)"
    return _at_the_end(state)


def _beside_an_engine(state: RunState, wanted: Sequence[Need]) -> str:
    if wanted:
        return wanted[0].next
    if paused := _paused_alone(state):
        return f"porch resume-tasks {' '.join(paused)}"
    if state.is_paused and _would_begin(state):
        return "porch resume-tasks"
    return _at_the_end(state) if all_is_well(state) else "porch attach"


def _paused_alone(state: RunState) -> list[TaskId]:
    """Return the tasks a person has paused, if nothing else is at work or due."""
    paused = [
        task
        for task in state.active
        if state.tasks[task].status is TaskStatus.PAUSED
        and (attempt := state.tasks[task].attempt) is not None
        and not attempt.auto_pause_reason
    ]
    return paused if len(paused) == len(state.active) and not settle(state) else []


def _would_begin(state: RunState) -> bool:
    """Say whether something starts, or goes on, as soon as the run is paused no more."""
    is_standing = any(is_frozen(state, tree) for tree in state.validations.in_flight)
    return is_standing or bool(settle(replace(state, is_paused=False)))


def _at_the_end(state: RunState) -> str:
    if all_is_well(state):
        return "porch report (everything is done; porch clean removes the worktrees)"
    return "porch report"
