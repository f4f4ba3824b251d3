"""What a person has written about a task's lines and not sent yet: read, kept, and sent with a retry."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.errors import RefusedError
from porch_tui.journal.reviewing import read_comments, write_comments
from porch_tui.journal.rundir import RunDir
from porch_tui.tui.model.comments import Comment, sends_back, with_said

_COMMENTS = msgspec.json.Decoder(tuple[Comment, ...])


def comments_on(rundir: RunDir, task: TaskId) -> tuple[Comment, ...]:
    """Return what was said about the task and not sent yet."""
    try:
        return _COMMENTS.decode(read_comments(rundir, task) or b"[]")
    except msgspec.DecodeError:  # written by another porch
        return ()


def keep_comments(rundir: RunDir, task: TaskId, comments: Sequence[Comment]) -> None:
    """Keep what was said, for as long as it is not sent; RefusedError if it cannot be written."""
    try:
        write_comments(rundir, task, msgspec.json.encode(comments))
    except (OSError, UnicodeEncodeError) as error:
        raise RefusedError(f"the comments cannot be kept: {error}") from error


def with_comments(rundir: RunDir, state: RunState, asked: RetryTask) -> RetryTask:
    """Return a retry with what was said about the work that it sends back."""
    return with_said(asked, comments_on(rundir, asked.task)) if sends_back(state, asked) else asked
