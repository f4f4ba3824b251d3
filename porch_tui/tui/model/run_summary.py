"""The run in one sentence, and what can be done about it as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.present.outcome import in_words
from porch_tui.present.signs import Sign
from porch_tui.tui.model.actions import Action, is_possible
from porch_tui.tui.model.view import EngineStatus, View, is_busy


def summary_sentence(view: View, *, has_need_key: bool = False) -> tuple[Sign, str]:
    """Return the state of the run as a whole; an empty text while it simply runs.

    How many tasks need a person is always part of it, with the key that goes there if the screen has one.
    """
    state, count = view.state, len(view.derived.needs)
    key = f": press {view.options.key('board.need', 'n')}" if has_need_key else ""
    needed = f"{count} {'needs' if count == 1 else 'need'} you{key}" if count else ""
    sign, text = Sign.ASKS, ""
    if view.trouble:
        return Sign.FAILED, "this run cannot be followed"
    if state.closed_at is not None:
        return Sign.ENDED, f"closed: {_result(view)}"
    if view.engine is EngineStatus.STARTING:
        sign, text = Sign.WAITS, "starting an engine"
    elif waits_for_engine(view):
        resume = f"press {view.options.key('run.resume', 'R')} to resume"
        text = f"no engine: {resume if view.can_start_engine else 'porch resume starts one'}"
    elif state.is_paused and (
        state.active
        or state.validations.in_flight
        or any(task.status is TaskStatus.PENDING for task in state.tasks.values())
    ):
        sign, text = Sign.HELD, f"paused: press {view.options.key('run.pause_all', 'P')} to resume all"
    elif not view.derived.is_at_rest:
        sign = Sign.ASKS if needed else Sign.RUNS
    elif view.derived.is_well:
        sign, text = Sign.GOOD, f"done: {_result(view)}"
    elif not needed:
        sign, text = Sign.ENDED, f"at rest: {_result(view)}"
    else:
        text = _result(view)
    return sign, "; ".join(filter(None, (text, needed)))


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
