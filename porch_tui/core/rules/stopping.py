"""What it means to stop a validation by hand: no verdict, so nobody is blamed and nothing lands by it.

It would begin again in the same moment if nothing else changed. So who was to be judged steps out of line
until a person puts it back, and a run is paused of which all validations are stopped.
"""

from __future__ import annotations

from porch_tui.core.merge_queue.ad_hoc_validation import unjudged
from porch_tui.core.merge_queue.culprit import is_in_question, unknown
from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState, Validation
from porch_tui.core.model.status import DONE, ON_TRAIN


def stop_validation(state: RunState, task: TaskId) -> list[e.AnyEvent] | str:
    """Return what follows when nothing that holds the task's work is to be judged now; or why it cannot be.

    The work of others that were judged together with it goes on without it.
    """
    entry = state.entries.get(task)
    asked_for = {prefix.tree for prefix in unjudged(state)}
    # what has landed meanwhile is not judged any more by what was begun to judge it with others
    is_landed = entry is not None and entry.status in DONE
    covering = (flight for flight in state.validations.in_flight.values() if task in flight.tasks)
    flights = [flight for flight in covering if not is_landed or flight.tree in asked_for]
    if not flights or entry is None:
        return _why_not(state, task)
    if entry in landable(state):
        return f"{task} is landing this very moment"
    stopped: list[e.AnyEvent] = [_stopped(flight) for flight in flights]
    if all(flight.is_probe and flight.tree in asked_for for flight in flights):
        return stopped  # what the queue wants to know is another matter
    if entry.status in ON_TRAIN:
        return [*stopped, e.EntryValidationStopped(task)]
    return [*stopped, unknown(state, task)] if is_in_question(state, entry) else stopped


def stop_validations(state: RunState) -> list[e.AnyEvent] | str:
    """Return what follows when nothing at all is to be judged until the run goes on; or why it cannot be."""
    if not state.validations.in_flight:
        return "nothing is being validated"
    pause: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
    return [*pause, *(_stopped(flight) for flight in state.validations.in_flight.values())]


def _why_not(state: RunState, task: TaskId) -> str:
    if any(not flight.tasks for flight in state.validations.in_flight.values()):
        return (
            f"{task} is not being validated, but {state.target.name} itself is; without TASK that is stopped"
        )
    return f"{task} is not being validated"


def _stopped(flight: Validation) -> e.ValidationStopped:
    return e.ValidationStopped(flight.tree, flight.number)
