"""What the person is told about what they asked for: in which words, and until when it is worth reading.

Pure. A message is about something, and goes when that has moved on, or when it was there long enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.rules.decide import spoken
from porch_tui.tui.model.view import View


def _is_never_over(view: View) -> bool:
    return False


class Message(Struct, frozen=True):
    """A text, and what ends it besides time."""

    text: str
    is_over: Callable[[View], bool] = _is_never_over
    """Says of a later view whether what the text is about has moved on."""


def about(view: View, text: str, *tasks: TaskId) -> Message:
    """Return a message about tasks: it goes when one of them, or its entry in the queue, has changed."""
    known = [(task, view.state.tasks.get(task), view.state.entries.get(task)) for task in tasks]

    def is_over(later: View) -> bool:
        tasks, entries = later.state.tasks, later.state.entries
        return any(tasks.get(id) is not task or entries.get(id) is not entry for id, task, entry in known)

    return Message(text, is_over)


class _Words(Struct, frozen=True):
    """How a command is spoken of."""

    done: str
    """Begins the sentence that says that it was obeyed, as far as that has gone: `Stopping 2 tasks`."""
    participle: str
    """For what cannot be: `2 can't be stopped now`."""


_WORDS: dict[type[c.Command], _Words] = {
    c.PauseTask: _Words("Paused", "paused"),
    c.ResumeTask: _Words("Resumed", "resumed"),
    c.RetryTask: _Words("Retrying", "retried"),
    c.StopTask: _Words("Stopping", "stopped"),
    c.RequeueEntry: _Words("Requeued", "requeued"),
    c.WithdrawEntry: _Words("Withdrew", "withdrawn"),
    c.HoldEntry: _Words("Held", "held"),
    c.ReleaseEntry: _Words("Released", "released"),
    c.MoveEntry: _Words("Moved", "moved"),
    c.ValidateEntry: _Words("Validating", "validated"),
    c.StopValidation: _Words("Cancelled the validation of", "found in a validation"),
    c.UndoLanding: _Words("Undoing", "undone"),
    c.RevertLanding: _Words("Reverting", "reverted"),
}


def outcome_of(obeyed: Sequence[c.AnyCommand], refused: Sequence[c.AnyCommand]) -> str:
    """Return what became of commands for several tasks: `Paused 1 task; 1 can't be paused now`."""
    done = Counter(_words(command).done for command in obeyed)
    left = Counter(_words(command).participle for command in refused)
    if not done:
        return "; ".join(f"None of the {count} tasks can be {how} now" for how, count in left.items())
    told = [f"{what} {_counted(count)}" for what, count in done.items()]
    return "; ".join([*told, *(f"{count} can't be {how} now" for how, count in left.items())])


def cannot(command: c.AnyCommand, why: str) -> str:
    """Return that a command was refused: `Can't retry auth: it is running`."""
    task = getattr(command, "task", None)
    if task is not None:
        for before, after in ((f"{task} is ", "it is "), (f"{task} has ", "it has ")):
            if why.startswith(before):
                why = after + why.removeprefix(before)
    return f"Can't {_asked(command)}: {_PLAIN.get(why, why)}"


_PLAIN = {
    "it is succeeded": "it has already finished",
    "it is failed": "it has already ended",
    "it is cancelled": "it has already ended",
    "it is pending": "it has not started yet",
}


def _asked(command: c.AnyCommand) -> str:
    match command:
        case c.PauseRun():
            return "pause all"
        case c.ResumeRun():
            return "resume all"
        case c.ResumeTask():
            return f"resume {command.task}"
        case c.StopValidation():
            return f"stop the validation of {command.task}"
        case c.StopValidations():
            return "stop validations"
        case c.RevertLanding():
            return f"revert {command.task}"
        case _:
            return spoken(command)


def _words(command: c.AnyCommand) -> _Words:
    return _WORDS.get(type(command), _Words("Asked for", "done"))


def _counted(count: int) -> str:
    return f"{count} task" if count == 1 else f"{count} tasks"
