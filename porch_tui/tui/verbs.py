"""What a person may ask of the run from the screen: each verb's command, its name just now, and its question.

Pure. Whether a verb may be obeyed is `core.decide`'s answer, here as in the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from porch_tui.core import commands as c
from porch_tui.core.decide import decide
from porch_tui.core.events import CommandRefused
from porch_tui.core.explain import listed
from porch_tui.core.plan import TaskId
from porch_tui.core.state import RunState
from porch_tui.core.status import TaskStatus


class Verb(StrEnum):
    """The value is what an action names it."""

    PAUSE = "pause"
    PAUSE_ALL = "pause_all"
    RETRY = "retry"
    STOP = "stop"
    REQUEUE = "requeue"
    WITHDRAW = "withdraw"


OF_RUN = frozenset({Verb.PAUSE_ALL})
"""These need no task."""


def command(verb: Verb, state: RunState, task: TaskId, id: str) -> c.AnyCommand:
    """Return what the verb asks for now: pausing what is paused lets it go on."""
    match verb:
        case Verb.PAUSE:
            is_paused = state.tasks[task].status is TaskStatus.PAUSED
            return c.ResumeTask(id, task) if is_paused else c.PauseTask(id, task)
        case Verb.PAUSE_ALL:
            return c.ResumeRun(id) if state.is_paused else c.PauseRun(id)
        case Verb.RETRY:
            return c.RetryTask(id, task)
        case Verb.STOP:
            return c.StopTask(id, task)
        case Verb.REQUEUE:
            return c.RequeueEntry(id, task)
        case Verb.WITHDRAW:
            return c.WithdrawEntry(id, task)
        case _:
            assert_never(verb)


def label(verb: Verb, state: RunState, task: TaskId | None) -> str:
    """Return the verb's name for the key bar, as short as it can be."""
    match verb:
        case Verb.PAUSE:
            is_paused = task is not None and state.tasks[task].status is TaskStatus.PAUSED
            return "resume" if is_paused else "pause"
        case Verb.PAUSE_ALL:
            return "resume all" if state.is_paused else "pause all"
        case _:
            return str(verb)


def is_apt(verb: Verb, state: RunState, task: TaskId | None) -> bool:
    """Say whether the run would obey now."""
    if task is None and verb not in OF_RUN:
        return False
    return refusal(state, command(verb, state, task or TaskId(""), "")) is None


def refusal(state: RunState, wish: c.AnyCommand) -> str | None:
    """Return why the run would refuse a command now, as the engine would say it; None if it would obey."""
    event = decide(state, wish)[0]
    return f"{event.command}: {event.why}" if isinstance(event, CommandRefused) else None


def question(verb: Verb, state: RunState, tasks: Sequence[TaskId]) -> tuple[str, str] | None:
    """Return what to ask before obeying, and what a yes does; None for a verb that can be taken back."""
    task = tasks[0]
    match verb:
        case Verb.STOP if len(tasks) > 1:
            names = f"{listed(tasks)}. Those that have not begun will not start. Worktrees and branches stay."
            return f"Stop {len(tasks)} tasks?", names
        case Verb.WITHDRAW if len(tasks) > 1:
            names = f"{listed(tasks)}. They will not land. Their branches stay."
            return f"Withdraw {len(tasks)} tasks from the merge queue?", names
        case Verb.STOP if state.tasks[task].status is TaskStatus.PENDING:
            return f"Take {task} out?", "It will not start, nor will what comes after it, until you retry it."
        case Verb.STOP:
            return f"Stop {task}?", "Its processes are told to end, then made to. Its worktree stays."
        case Verb.WITHDRAW:
            return f"Withdraw {task} from the merge queue?", "It will not land. Its branch stays."
        case Verb.PAUSE | Verb.PAUSE_ALL | Verb.RETRY | Verb.REQUEUE:
            return None
        case _:
            assert_never(verb)
