"""Which log is shown: of an attempt of the task under the cursor, or of its validation."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.shared import far_worktree, worktree_place
from porch_tui.present.amounts import short
from porch_tui.session.session import Session
from porch_tui.tui.log.line_times import LineTimes, line_times
from porch_tui.tui.model.view import View, validation_of


class LogChoice(Struct, frozen=True):
    """The log a person looks at; for another task it is that of the newest attempt."""

    task: TaskId | None = None
    attempt: int | None = None
    """From 1; None is always the newest one."""
    is_validation: bool = False

    def stepped(self, view: View, step: int) -> LogChoice:
        """Go to an earlier (-1) or later (1) attempt, as far as there are any."""
        count = attempts(view, self.task)
        number = min(max(1, (self.attempt or count) + step), count)
        return replace(self, attempt=None if number >= count else number, is_validation=False)

    def toggled(self) -> LogChoice:
        """Go to the log of the validation, or back."""
        return replace(self, is_validation=not self.is_validation)


def attempts(view: View, task: TaskId | None) -> int:
    """Return how many attempts the task has had."""
    return len(view.state.tasks[task].attempts) if task is not None else 0


def validation_shown(view: View, choice: LogChoice) -> tuple[Sha, int] | None:
    """Return tree and number of the validation to show; None to show the task's own log."""
    if choice.task is None or not choice.is_validation:
        return None
    return validation_of(view.state, choice.task)


def worktree_of(state: RunState, task: TaskId) -> Path | None:
    """Return where the worktree of a task is, or would be; None: on another machine."""
    if far_worktree(state, task) is not None:
        return None
    root = Path(state.root)
    return root / worktree_place(state, task, root.name)


def title_of(view: View, choice: LogChoice) -> str:
    """Return the title of the log."""
    if choice.task is None:
        return ""
    validation = validation_shown(view, choice)
    if validation is not None:
        tree, number = validation
        verdict = view.state.validations.verdicts.get(tree)
        if tree in view.state.validations.in_flight:
            result = ": running"
        elif verdict is not None:
            result = ": passed" if verdict.has_passed else f": {verdict.text}"
        else:
            result = ""
        return f"validation {number} of tree {short(tree)} with {choice.task}{result}"
    count = attempts(view, choice.task)
    if not count:
        return f"{choice.task} has not run yet"
    if count == 1:
        return f"{choice.task} output"
    return f"{choice.task} output, attempt {choice.attempt or count} of {count}"


def times_of(session: Session, choice: LogChoice) -> LineTimes:
    """Return when the lines of an attempt's log were written, as far as known. Reads the samples."""
    tries = session.state.tasks[choice.task].attempts if choice.task is not None else ()
    if choice.task is None or not tries:
        return LineTimes()
    attempt = tries[(choice.attempt or len(tries)) - 1]
    began_at = attempt.started_at or attempt.scheduled_at
    return line_times(began_at, session.history(attempt.id), attempt.ended_at)
