"""The run in one sentence, and what can be done about it as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.present.outcome import in_words
from porch_tui.present.signs import Sign
from porch_tui.tui.model.actions import Action, is_possible
from porch_tui.tui.model.view import EngineStatus, View, is_busy


def summary_sentence(view: View, leave: str = "") -> tuple[Sign, str]:
    """Return the state of the run as a whole; an empty text while it simply runs, or only needs a person.

    `leave`: the keys that leave the task in which the person is: all others go to that.
    """
    state, press = view.state, f"{leave}, then" if leave else "press"
    if view.trouble:
        return Sign.FAILED, "this run cannot be followed"
    if state.closed_at is not None:
        return Sign.ENDED, f"closed: {_result(view)}"
    if view.engine is EngineStatus.STARTING:
        return Sign.WAITS, "starting an engine"
    if waits_for_engine(view):
        resume = f"{press} {view.options.key('run.resume', 'R')} to resume"
        return Sign.ASKS, f"no engine: {resume if view.can_start_engine else 'porch resume starts one'}"
    if state.is_paused and (
        state.active
        or state.validations.in_flight
        or any(task.status is TaskStatus.PENDING for task in state.tasks.values())
    ):
        return Sign.HELD, f"paused: {press} {view.options.key('run.pause_all', 'P')} to resume all"
    if not says_result(view):
        return Sign.RUNS, ""
    if view.derived.is_well:
        return Sign.GOOD, f"done: {_result(view)}"
    return Sign.ENDED, f"at rest: {_result(view)}"


def says_result(view: View) -> bool:
    """Say whether the sentence is what has come of the run: nothing more happens, and no person is needed."""
    return view.state.closed_at is not None or (view.derived.is_at_rest and not view.derived.needs)


def next_need(view: View, here: TaskId | None) -> tuple[TaskId | None, str]:
    """Return the next task that needs the person, around the end of the list, or why there is none."""
    needs, order = view.derived.needs, {task: at for at, task in enumerate(view.state.tasks)}
    needing = [need.task for need in needs if need.task is not None]
    if not needing:
        return None, next((f"{need.why}; {need.next}" for need in needs), "Nothing needs you")
    if needing == [here]:
        return None, f"Only {here} needs you"
    at = -1 if here is None else order[here]
    return min(needing, key=lambda task: (order[task] <= at, order[task])), ""


def waits_for_engine(view: View) -> bool:
    """Say whether there is something to do, and no engine to do it."""
    return view.engine is EngineStatus.GONE and (view.has_waiting_commands or not view.derived.is_at_rest)


def can_pause_or_resume_all(view: View) -> bool:
    """Say whether there is anything to pause or to resume. No engine is started for it."""
    return view.state.is_paused or is_busy(view)


def retryable(view: View) -> Iterator[TaskId]:
    """Yield the failed tasks that can be retried, in plan order."""
    return (
        task for task in view.derived.with_sign(Sign.FAILED) if is_possible(Action.RETRY, view.state, task)
    )


def _result(view: View) -> str:
    """Return how many landed, and how many checks passed."""
    idle = view.derived.results.idle
    return in_words(view.derived.results) + (f", {idle} without a change" if idle else "")
