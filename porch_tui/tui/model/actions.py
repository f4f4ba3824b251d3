"""What a person may ask of the run from the screen: each verb's command, its name just now, and its question.

Pure. Whether a verb may be obeyed is `core.decide`'s answer, here as in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import assert_never

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.reverting import why_not_reverted
from porch_tui.core.merge_queue.undo import why_not_undone
from porch_tui.core.model import commands as c
from porch_tui.core.model.events import CommandRefused, EntryWithdrawn
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import DONE, EntryStatus, TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide, spoken


class Action(StrEnum):
    """The value is what an action names it."""

    PAUSE = "pause"
    PAUSE_ALL = "pause_all"
    RETRY = "retry"
    STOP = "stop"
    KILL = "kill"
    REQUEUE = "requeue"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    MOVE_UP = "move_up"
    MOVE_DOWN = "move_down"
    UNDO = "undo"
    VALIDATE = "validate"
    STOP_VALIDATION = "stop_validation"


OF_RUN = frozenset({Action.PAUSE_ALL})
"""These need no task."""
MOVES = frozenset({Action.MOVE_UP, Action.MOVE_DOWN})


def commands(
    verb: Action, state: RunState, tasks: Sequence[TaskId], new_id: Callable[[], str]
) -> list[c.AnyCommand]:
    """Return what the verb asks for now, a command a task: for several tasks it is the same for all of them.

    Only where none of them can be paused are they resumed, and so for hold and release. Where it is the
    validation of the target that is stopped, one command is enough.
    """
    asked = [command(verb, state, task, new_id()) for task in tasks]
    forward = _FORWARD.get(verb)
    if forward is not None and any(isinstance(one, forward) and refusal(state, one) is None for one in asked):
        return [forward(one.id, task) for one, task in zip(asked, tasks, strict=True)]
    of_target: list[c.AnyCommand] = [one for one in asked if isinstance(one, c.StopValidations)]
    return of_target[:1] or asked


def command(verb: Action, state: RunState, task: TaskId, id: str) -> c.AnyCommand:
    """Return what the verb asks for now of one task: pausing what is paused lets it go on."""
    match verb:
        case Action.PAUSE:
            is_paused = state.tasks[task].status is TaskStatus.PAUSED
            return c.ResumeTask(id, task) if is_paused else c.PauseTask(id, task)
        case Action.PAUSE_ALL:
            return c.ResumeRun(id, with_tasks=True) if state.is_paused else c.PauseRun(id, with_tasks=True)
        case Action.RETRY:
            return c.RetryTask(id, task)
        case Action.STOP:
            return c.StopTask(id, task)
        case Action.KILL:
            return c.StopTask(id, task, kill_now=True)
        case Action.REQUEUE:
            return c.RequeueEntry(id, task)
        case Action.WITHDRAW:
            return c.WithdrawEntry(id, task)
        case Action.VALIDATE:
            return c.ValidateEntry(id, task)
        case Action.STOP_VALIDATION if is_target_meant(state, task):
            return c.StopValidations(id)
        case Action.STOP_VALIDATION:
            return c.StopValidation(id, task)
        case Action.HOLD | Action.MOVE_UP | Action.MOVE_DOWN | Action.UNDO:
            return queue_command(verb, state, task, id)
        case _:
            assert_never(verb)


def is_target_meant(state: RunState, task: TaskId) -> bool:
    """Say whether the target itself is being validated and the task is not: no task's name can stop that."""
    judged = [flight.tasks for flight in state.validations.in_flight.values()]
    return () in judged and all(task not in tasks for tasks in judged)


def queue_command(verb: Action, state: RunState, task: TaskId, id: str) -> c.AnyCommand:
    """Return what is asked of the merge queue: what is held is released, what cannot be undone reverted."""
    order = [entry.task for entry in in_order(state)]
    at = order.index(task) if task in order else 0
    entry = state.entries.get(task)
    match verb:
        case Action.HOLD:
            is_held = entry is not None and entry.status is EntryStatus.HELD
            return c.ReleaseEntry(id, task) if is_held else c.HoldEntry(id, task)
        case Action.MOVE_UP:
            return c.MoveEntry(id, task, c.Spot.BEFORE, order[at - 1]) if at else _to(id, task, c.Spot.FIRST)
        case Action.MOVE_DOWN:
            behind = order[at + 2 : at + 3]
            return c.MoveEntry(id, task, c.Spot.BEFORE, *behind) if behind else _to(id, task, c.Spot.LAST)
        case _:
            is_revert = why_not_undone(state, task) is not None and why_not_reverted(state, task) is None
            return c.RevertLanding(id, task) if is_revert else c.UndoLanding(id, task)


def _to(id: str, task: TaskId, spot: c.Spot) -> c.MoveEntry:
    return c.MoveEntry(id, task, spot)


def label(verb: Action, state: RunState, task: TaskId | None) -> str:
    """Return the verb's name for the key bar, as short as it can be."""
    match verb:
        case Action.PAUSE:
            is_paused = task is not None and state.tasks[task].status is TaskStatus.PAUSED
            return "resume" if is_paused else "pause"
        case Action.PAUSE_ALL:
            return "resume all" if state.is_paused else "pause all"
        case Action.MOVE_UP | Action.MOVE_DOWN:
            return verb.removeprefix("move_")
        case Action.STOP_VALIDATION:
            return "stop testing"
        case Action.HOLD | Action.UNDO if task is not None:
            return spoken_verb(queue_command(verb, state, task, ""))
        case _:
            return str(verb)


def spoken_verb(wish: c.AnyCommand) -> str:
    """Return a command's word for the key bar."""
    return "revert" if isinstance(wish, c.RevertLanding) else spoken(wish).partition(" ")[0]


_FORWARD: Mapping[Action, type[c.PauseTask] | type[c.HoldEntry]] = {
    Action.PAUSE: c.PauseTask,
    Action.HOLD: c.HoldEntry,
}
"""What a verb asks for first, where the same verb takes it back."""


def is_possible(verb: Action, state: RunState, task: TaskId | None) -> bool:
    """Say whether the run would obey now."""
    if task is None and verb not in OF_RUN:
        return False
    return refusal(state, command(verb, state, task or TaskId(""), "")) is None


def refusal(state: RunState, wish: c.AnyCommand) -> str | None:
    """Return why the run would refuse a command now, as the engine would say it; None if it would obey."""
    event = decide(state, wish)[0]
    return event.why if isinstance(event, CommandRefused) else None


def retry_all_question(tasks: Sequence[TaskId]) -> tuple[str, str]:
    """Return what to ask before all that failed is tried again."""
    what = "the task" if len(tasks) == 1 else f"the {len(tasks)} tasks"
    return f"Retry {what} that failed?", f"{listed(tasks)}: from what has landed meanwhile."


def question(verb: Action, state: RunState, tasks: Sequence[TaskId]) -> tuple[str, str] | None:
    """Return what to ask before obeying, and what a yes does; None for a verb that can be taken back."""
    task = tasks[0]
    match verb:
        case Action.STOP if len(tasks) > 1:
            names = f"{listed(tasks)}. Those that have not begun will not start. Worktrees and branches stay."
            return f"Stop {len(tasks)} tasks?", names
        case Action.STOP_VALIDATION:
            return _stop_validation_question(state, tasks)
        case Action.WITHDRAW if len(tasks) > 1:
            names = f"{listed(tasks)}. They will not land. Their branches stay."
            return f"Withdraw {len(tasks)} tasks from the merge queue?", names
        case Action.KILL if len(tasks) > 1:
            return (
                f"Kill {len(tasks)} tasks?",
                f"{listed(tasks)}. Their processes get no time to end by themselves.",
            )
        case Action.KILL:
            return f"Kill {task}?", "Its processes get no time to end by themselves. Its worktree stays."
        case Action.STOP if state.tasks[task].status is TaskStatus.PENDING:
            return f"Take {task} out?", "It will not start, nor will what comes after it, until you retry it."
        case Action.STOP:
            return f"Stop {task}?", "Its processes are told to end, then made to. Its worktree stays."
        case Action.WITHDRAW:
            return f"Withdraw {task} from the merge queue?", "It will not land. Its branch stays."
        case Action.UNDO if isinstance(queue_command(verb, state, task, ""), c.RevertLanding):
            why = why_not_undone(state, task)
            return (
                f"Revert {task} by a new commit?",
                f"{why}. The new commit goes through the queue like any work.",
            )
        case Action.UNDO:
            return (
                f"Take the landing of {task} back?",
                f"{state.target.name} goes back by it. Its branch stays.",
            )
        case _:
            return None


def _stop_validation_question(state: RunState, tasks: Sequence[TaskId]) -> tuple[str, str]:
    if is_target_meant(state, tasks[0]):
        pauses = "There is no verdict. Whatever else is being validated is stopped too, and the run pauses."
        return f"Stop the validation of {state.target.name} itself?", pauses
    whose = tasks[0] if len(tasks) == 1 else f"{len(tasks)} tasks"
    flights = [one for one in state.validations.in_flight.values() if {*one.tasks} & {*tasks}]
    covered = {task for one in flights for task in one.tasks} - {*tasks}
    others = {task for task in covered if state.entries[task].status not in DONE}
    follows = (event for task in tasks for event in decide(state, c.StopValidation("", task)))
    told = ["There is no verdict, and nobody is blamed."]
    if any(isinstance(event, EntryWithdrawn) for event in follows):
        told.append("It steps out of line until it is requeued.")
    if others:
        told.append(f"Judged anew without it: {listed([task for task in state.tasks if task in others])}.")
    return f"Stop the validation of {whose}?", " ".join(told)
