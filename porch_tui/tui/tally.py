"""The run in one line: how many tasks stand where, and what it comes to. Pure."""

from __future__ import annotations

from collections import Counter

from porch_tui.core.outcome import Outcome, all_is_well
from porch_tui.core.plan import TaskId
from porch_tui.core.status import TaskStatus
from porch_tui.tui.looks import Sign, look
from porch_tui.tui.standing import standing
from porch_tui.tui.verbs import Verb, is_apt
from porch_tui.tui.view import Sight, View


def tally(view: View) -> Counter[Sign]:
    """Return how many tasks there are of each kind of state."""
    return Counter(look(standing(view, task).status).sign for task in view.state.tasks)


def with_sign(view: View, sign: Sign) -> list[TaskId]:
    """Return the tasks of one kind of state, in plan order."""
    return [task for task in view.state.tasks if look(standing(view, task).status).sign is sign]


def verdict(view: View) -> tuple[Sign, str]:
    """Return what to say of the run as a whole; an empty text while it simply runs."""
    state = view.state
    if view.trouble:
        return Sign.FAILED, "this run cannot be followed"
    if state.closed_at is not None:
        return Sign.ENDED, f"closed: {_result(view)}"
    if view.sight is Sight.STARTING:
        return Sign.WAITS, "starting an engine"
    if waits_for_engine(view):
        key = view.options.key("run.resume", "R")
        act = f"press {key} to resume" if view.can_start_engine else "porch resume starts one"
        return Sign.ASKS, f"no engine: {act}"
    if state.is_paused and _has_more(view):
        return Sign.HELD, f"paused: press {view.options.key('run.pause_all', 'P')} to go on"
    if not view.derived.is_at_rest:
        return Sign.RUNS, ""
    if all_is_well(state):
        return Sign.GOOD, f"done: {_result(view)}"
    count = len(view.derived.needs)
    if not count:
        return Sign.ENDED, f"at rest: {_result(view)}"
    verb = "needs" if count == 1 else "need"
    key = view.options.key("board.need", "n")
    return Sign.ASKS, f"{_result(view)}, {count} {verb} you: press {key}"


def waits_for_engine(view: View) -> bool:
    """Say whether there is something to do and nobody to do it."""
    return view.sight is Sight.GONE and (view.has_waiting_commands or not view.derived.is_at_rest)


def retryable(view: View) -> tuple[TaskId, ...]:
    """Return what has failed and can be tried again, in plan order."""
    return tuple(task for task in with_sign(view, Sign.FAILED) if is_apt(Verb.RETRY, view.state, task))


def _has_more(view: View) -> bool:
    statuses = {task.status for task in view.state.tasks.values()}
    return TaskStatus.PENDING in statuses or bool(view.state.active or view.state.validations)


def _result(view: View) -> str:
    """Return how many landed, or passed where nothing was to land."""
    landed = sum(how is Outcome.LANDED for how in view.derived.outcomes.values())
    idle = sum(how is Outcome.NOTHING_TO_LAND for how in view.derived.outcomes.values())
    if idle and not landed:
        return f"{idle} passed"
    return f"{landed} landed" + (f", {idle} without a change" if idle else "")
