"""What a person can ask of the run from the screen: each action's command, its label now, and its question.

Pure. The words are in `present.commands`; whether the run would obey is the answer of `core.rules.decide`,
here as in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import assert_never

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.undo import why_not_reverted, why_not_undone
from porch_tui.core.model import commands as c
from porch_tui.core.model.events import CommandRefused, EntryValidationStopped
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import DONE, EntryStatus, TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide
from porch_tui.core.scheduling.budgets import exhausted, exhausted_for
from porch_tui.core.scheduling.progress import hypotheses
from porch_tui.present.budget_text import as_much_again, budget_words
from porch_tui.present.commands import BY_ID, CommandSpec, spec_of


class Action(StrEnum):
    """The second part of the action's id: `task.pause`, `run.pause_all`."""

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
    BUDGET = "budget"
    ELSEWHERE = "elsewhere"
    FINISH = "finish"


OF_RUN = frozenset({Action.PAUSE_ALL})
"""These need no task."""
MOVES = frozenset({Action.MOVE_UP, Action.MOVE_DOWN})
_FORWARD: Mapping[Action, type[c.PauseTask] | type[c.HoldEntry]] = {
    Action.PAUSE: c.PauseTask,
    Action.HOLD: c.HoldEntry,
}
"""What an action asks for first, where the same action takes it back."""


def commands(
    action: Action, state: RunState, tasks: Sequence[TaskId], new_id: Callable[[], str]
) -> list[c.AnyCommand]:
    """Return what the action asks for now: one command for each task, and the same for all of them.

    Tasks are resumed only if none of them can be paused; the same goes for hold and release. To cancel the
    validation of the target, and to raise the run's budget, one command is enough.
    """
    asked = [command(action, state, task, new_id()) for task in tasks]
    forward = _FORWARD.get(action)
    if forward is not None and any(isinstance(one, forward) and refusal(state, one) is None for one in asked):
        return [forward(one.id, task) for one, task in zip(asked, tasks, strict=True)]
    of_run: list[c.AnyCommand] = [
        one
        for one in asked
        if isinstance(one, c.StopValidations) or (isinstance(one, c.RaiseBudget) and one.task is None)
    ]
    return of_run[:1] or asked


def command(action: Action, state: RunState, task: TaskId, id: str) -> c.AnyCommand:
    """Return what the action asks for now of one task: pausing a paused task resumes it."""
    entry = state.entries.get(task)
    match action:
        case Action.PAUSE:
            is_paused = state.tasks[task].status is TaskStatus.PAUSED
            return c.ResumeTask(id, task) if is_paused else c.PauseTask(id, task)
        case Action.PAUSE_ALL:
            return c.ResumeRun(id, with_tasks=True) if state.is_paused else c.PauseRun(id, with_tasks=True)
        case Action.RETRY:
            return c.RetryTask(id, task)
        case Action.STOP | Action.KILL:
            return c.StopTask(id, task, kill_now=action is Action.KILL)
        case Action.REQUEUE:
            return c.RequeueEntry(id, task)
        case Action.WITHDRAW:
            return c.WithdrawEntry(id, task)
        case Action.VALIDATE:
            return c.ValidateEntry(id, task)
        case Action.STOP_VALIDATION:
            is_of_target = is_target_validated(state, task)
            return c.StopValidations(id) if is_of_target else c.StopValidation(id, task)
        case Action.ELSEWHERE:
            return c.RunElsewhere(id, task)
        case Action.FINISH:
            return c.FinishTask(id, task)
        case Action.BUDGET:
            return _more(state, task, id)
        case Action.HOLD:
            is_held = entry is not None and entry.status is EntryStatus.HELD
            return c.ReleaseEntry(id, task) if is_held else c.HoldEntry(id, task)
        case Action.MOVE_UP | Action.MOVE_DOWN:
            return _move(action, state, task, id)
        case Action.UNDO:
            is_revert = why_not_undone(state, task) is not None and why_not_reverted(state, task) is None
            return c.RevertLanding(id, task) if is_revert else c.UndoLanding(id, task)
        case _:
            assert_never(action)


def _more(state: RunState, task: TaskId, id: str) -> c.RaiseBudget:
    """Return the command that gives as much again as the plan of what keeps the task from running."""
    own = exhausted(state, task)
    if own or not (of_run := exhausted_for(state, state.specs[task])):
        return c.RaiseBudget(id, task, as_much_again(state.specs[task].budget, own))
    return c.RaiseBudget(id, None, as_much_again(state.plan.budget, of_run))


def _move(action: Action, state: RunState, task: TaskId, id: str) -> c.MoveEntry:
    order = [entry.task for entry in in_order(state)]
    at = order.index(task) if task in order else 0
    if action is Action.MOVE_UP:
        return (
            c.MoveEntry(id, task, c.Spot.BEFORE, order[at - 1]) if at else c.MoveEntry(id, task, c.Spot.FIRST)
        )
    behind = order[at + 2 : at + 3]
    return c.MoveEntry(id, task, c.Spot.BEFORE, *behind) if behind else c.MoveEntry(id, task, c.Spot.LAST)


def is_target_validated(state: RunState, task: TaskId) -> bool:
    """Say whether the target itself is being validated and the task is not: no task names that validation."""
    judged = [flight.tasks for flight in state.validations.in_flight.values()]
    return () in judged and all(task not in tasks for tasks in judged)


def spec(action: Action, state: RunState, task: TaskId) -> CommandSpec:
    """Return the row of the table of commands for what the action asks for now."""
    own = BY_ID[f"{'run' if action in OF_RUN else 'task'}.{action}"]
    asked = spec_of(command(action, state, task, ""))
    return own if own.sends in ("", asked.sends) else asked


def label(action: Action, state: RunState, task: TaskId | None) -> str:
    """Return the action's name for the key bar."""
    usual = BY_ID[f"{'run' if action in OF_RUN else 'task'}.{action}"].label
    if task is None and action not in OF_RUN:
        return usual
    return spec(action, state, task or TaskId("")).label or usual


def is_possible(action: Action, state: RunState, task: TaskId | None) -> bool:
    """Say whether the run would obey now."""
    if task is None and action not in OF_RUN:
        return False
    return refusal(state, command(action, state, task or TaskId(""), "")) is None


def refusal(state: RunState, asked: c.AnyCommand) -> str | None:
    """Return why the run would refuse a command now, as the engine would say it; None if it would obey."""
    event = decide(state, asked)[0]
    return event.why if isinstance(event, CommandRefused) else None


def retry_all_question(tasks: Sequence[TaskId]) -> tuple[str, str]:
    """Return what to ask before all failed tasks are retried."""
    what = "the task" if len(tasks) == 1 else f"the {len(tasks)} tasks"
    return f"Retry {what} that failed?", f"{listed(tasks)}: from the current tip of the target."


def choice_question(state: RunState, asked: c.ChooseTheory) -> tuple[str, str]:
    """Return what to ask before a theory is chosen, and what a yes does."""
    spec = spec_of(asked)
    assert spec.confirmation is not None and asked.theory is not None  # the screen offers theories only
    lands = hypotheses(state)[asked.hypothesis].lands
    landing = "It joins the merge queue." if lands else "Nothing is merged."
    earlier = state.hypotheses[asked.hypothesis].winner
    instead = f"{earlier} leaves the merge queue. " if earlier is not None else ""
    words = {"task": asked.theory, "hypothesis": asked.hypothesis, "landing": instead + landing}
    return spec.confirmation.question.format(**words), spec.confirmation.consequence.format(**words)


def question(action: Action, state: RunState, tasks: Sequence[TaskId]) -> tuple[str, str] | None:
    """Return what to ask before obeying, and what a yes does; None if the action needs no question."""
    if action is Action.STOP_VALIDATION:
        return _stop_validation_question(state, tasks)
    task = tasks[0]
    asked = spec(action, state, task).confirmation
    if asked is None:
        return None
    question, consequence = asked.question, asked.consequence
    if len(tasks) > 1 and asked.question_for_many:
        question, consequence = asked.question_for_many, asked.consequence_for_many
    elif action is Action.STOP and state.tasks[task].status is TaskStatus.PENDING:
        question = "Cancel {task}?"
        consequence = "It will not start, nor will what comes after it, until you retry it."
    command_now = command(action, state, task, "")
    words = {"task": task, "count": len(tasks), "tasks": listed(tasks), "target": state.target.name}
    if isinstance(command_now, c.RaiseBudget):
        words |= {"budget": budget_words(command_now.by), "task": command_now.task or "the run"}
    question, consequence = question.format(**words), consequence.format(**words)
    if isinstance(command_now, c.RevertLanding):
        consequence = f"{why_not_undone(state, task)}. {consequence}"
    return question, consequence


def _stop_validation_question(state: RunState, tasks: Sequence[TaskId]) -> tuple[str, str]:
    if is_target_validated(state, tasks[0]):
        pauses = "There is no verdict. All other validations are cancelled too, and the run pauses."
        return f"Cancel the validation of {state.target.name} itself?", pauses
    whose = tasks[0] if len(tasks) == 1 else f"{len(tasks)} tasks"
    flights = [one for one in state.validations.in_flight.values() if {*one.tasks} & {*tasks}]
    covered = {task for one in flights for task in one.tasks} - {*tasks}
    others = {task for task in covered if state.entries[task].status not in DONE}
    events = (event for task in tasks for event in decide(state, c.StopValidation("", task)))
    consequences = ["There is no verdict."]
    if any(isinstance(event, EntryValidationStopped) for event in events):
        consequences.append("It leaves the merge queue until it is requeued.")
    if others:
        names = listed([task for task in state.tasks if task in others])
        consequences.append(f"Validated again without it: {names}.")
    return f"Cancel the validation of {whose}?", " ".join(consequences)
