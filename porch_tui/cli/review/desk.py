"""Shows and approves the work of tasks on the screen: implements `tui.model.outside.Reviewing`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from porch_tui.cli.foreground import run_there
from porch_tui.cli.person import name_of_person
from porch_tui.cli.review.approval import keep_result, refuse_other, result_now
from porch_tui.cli.review.comments import comments_on, keep_comments
from porch_tui.cli.review.task_diff import TaskDiff, task_diff
from porch_tui.core.model.commands import ApproveTask
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal.inbox import new_command_id
from porch_tui.journal.reviewing import remember_shown
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.model.comments import Comment
from porch_tui.tui.model.outside import LEAST_CONTEXT, ShownDiff

MOST_BYTES = 8 << 20
"""Of a patch on the screen; the pager shows all of it."""


class ReviewDesk:
    """The work of one run's tasks, and what was said about it. For several threads, as `read` is."""

    def __init__(self, repository: Repository, rundir: RunDir, read: Callable[[], Session]) -> None:
        self._repository = repository
        self._rundir = rundir
        self._read = read

    def diff(self, task: TaskId, context: int = LEAST_CONTEXT) -> ShownDiff:
        """Return what the task changes, and remember that it was shown; RefusedError if it has not begun."""
        state = self._read().state
        with task_diff(self._repository, state, task) as found:
            patch = found.patch(*([f"--unified={context}"] if context > LEAST_CONTEXT else []))
            if found.head is not None and awaits_review(state, task):
                remember_shown(self._rundir, task, found.head)
            is_cut = len(patch) > MOST_BYTES
            head, result = found.head, state.tasks[task].head
            return ShownDiff(found.about, found.hints, head, result, patch[:MOST_BYTES], is_cut=is_cut)

    def page(self, task: TaskId) -> None:
        """Show what the task changes in git's pager."""
        with task_diff(self._repository, self._read().state, task) as found:
            page(found, [])

    def approval(self, task: TaskId, shown: ShownDiff) -> ApproveTask:
        """Return the command that approves what was shown, and keep that alive; RefusedError if it is old."""
        if shown.head is None or shown.result is None:
            raise RefusedError(f"{task} has left nothing yet that could be approved")
        state = self._read().state
        if awaits_review(state, task) and state.tasks[task].head == shown.result:
            refuse_other(task, result_now(self._repository, state, task) or shown.head, shown.head)
            keep_result(self._repository, state, task, shown.head)
        by = name_of_person(self._repository)
        return ApproveTask(new_command_id(), task, shown.result, shown.head, by)

    def comments(self, task: TaskId) -> tuple[Comment, ...]:
        """Return what was said about the task and not sent yet."""
        return comments_on(self._rundir, task)

    def keep_comments(self, task: TaskId, comments: Sequence[Comment]) -> None:
        """Keep what was said, for as long as it is not sent; RefusedError if it cannot be written."""
        keep_comments(self._rundir, task, comments)


def page(diff: TaskDiff, options: Sequence[str]) -> None:
    """Show a difference as git shows it on this terminal."""
    command = ["git", "--paginate", "diff", *options, diff.before, diff.after]
    run_there(command, diff.git.cwd, diff.git.additions)
