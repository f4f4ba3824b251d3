"""A plain retry of work that waits for a review takes along what the person has commented on."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model import commands as c
from porch_tui.core.model.state import RunState
from porch_tui.errors import PorchError
from porch_tui.tui.model.actions import refusal
from porch_tui.tui.model.comments import sends_back, with_said
from porch_tui.tui.model.outside import Reviewing


def with_comments(asked: Sequence[c.AnyCommand], state: RunState, reviewing: Reviewing) -> list[c.AnyCommand]:
    """Return the commands, retries of reviewed work with what was said about it."""
    return [
        with_said(one, reviewing.comments(one.task))
        if isinstance(one, c.RetryTask) and _sends_back_plainly(one, state)
        else one
        for one in asked
    ]


def after_sending(
    asked: Sequence[c.AnyCommand], sent: Sequence[c.AnyCommand], state: RunState, reviewing: Reviewing
) -> str:
    """Forget the comments that were sent; return what the person should know, or nothing.

    `asked` became `sent`, in the same order; `state` is that before.
    """
    for one, command in zip(asked, sent, strict=True):
        if not isinstance(one, c.RetryTask) or not _sends_back_plainly(one, state):
            continue
        if command == one:
            return f"{one.task} runs again, and its agent gets no reason; in the diff you can send it one"
        try:
            reviewing.keep_comments(one.task, ())
        except PorchError as error:
            return str(error)
    return ""


def _sends_back_plainly(one: c.RetryTask, state: RunState) -> bool:
    """Say whether a retry sends work back, and says nothing of why."""
    is_plain = not one.say and not one.command
    return is_plain and sends_back(state, one) and refusal(state, one) is None
