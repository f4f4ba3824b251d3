"""A refused command reads as an English sentence, whatever the status of the task or of its entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.model.wording import predicate
from porch_tui.core.rules.decide import decide
from porch_tui.present.command_texts import refused_text
from tests.builders import board, fold, land, opened, plan

A = TaskId("a")
UNBUILT = opened(plan("a", "b"))
QUEUED = board(UNBUILT, "a")

OF_ONE_TASK: tuple[Callable[[str, TaskId], c.AnyCommand], ...] = (
    c.PauseTask, c.ResumeTask, c.StopTask, c.RetryTask, c.RequeueEntry, c.WithdrawEntry, c.HoldEntry,
    c.ReleaseEntry, c.StopValidation, c.UndoLanding, c.RevertLanding, c.RefuseProposal,
    lambda id, task: c.ValidateEntry(id, task, ()),
    lambda id, task: c.MoveEntry(id, task, c.Spot.FIRST),
    lambda id, task: c.ResolveConflict(id, task, "record-1"),
)  # fmt: skip


def refusals(state: RunState) -> Iterator[str]:
    """Yield what is said of each command that is refused for task a."""
    for command in (kind("1", A) for kind in OF_ONE_TASK):
        for event in decide(state, command):
            if isinstance(event, e.CommandRefused):
                yield refused_text(command, event.why)


def with_task(status: TaskStatus) -> RunState:
    return replace(UNBUILT, tasks={**UNBUILT.tasks, A: replace(UNBUILT.tasks[A], status=status)})


def with_entry(status: EntryStatus) -> RunState:
    state = land(QUEUED, "a") if status in (EntryStatus.LANDED, EntryStatus.UNDOING) else QUEUED
    return replace(state, entries={A: replace(state.entries[A], status=status)})


@pytest.mark.parametrize(
    "state", [*map(with_task, TaskStatus), *map(with_entry, EntryStatus)], ids=[*TaskStatus, *EntryStatus]
)
def test_no_refusal_names_a_status_as_the_json_does(state: RunState) -> None:
    said = list(refusals(state))

    assert said
    for status in (*TaskStatus, *EntryStatus):
        if f"is {status}" not in predicate(status):
            assert not [text for text in said if f"is {status}" in text or f": {status}" in text]


@pytest.mark.parametrize(
    ("state", "command", "sentence"),
    [
        (with_task(TaskStatus.SUCCEEDED), c.PauseTask("1", A), "Can't pause a: already finished"),
        (with_task(TaskStatus.PENDING), c.RetryTask("1", A), "Can't retry a: not started yet"),
        (
            with_task(TaskStatus.FAILED),
            c.ValidateEntry("1", A, ()),
            "Can't validate a: it has failed, so it has no head yet that could be validated",
        ),
        (
            with_task(TaskStatus.CANCELLED),
            c.HoldEntry("1", A),
            "Can't hold a: it was cancelled and is not in the merge queue",
        ),
        (
            with_entry(EntryStatus.VALIDATION_STOPPED),
            c.ResolveConflict("1", A, "record-1"),
            "Can't resolve a: it left the merge queue when its validation was cancelled",
        ),
        (
            with_entry(EntryStatus.NOTHING_TO_LAND),
            c.MoveEntry("1", A, c.Spot.FIRST),
            "Can't move a --first: it had nothing to land, so nothing is about to merge it",
        ),
        (
            with_entry(EntryStatus.CONFLICTED),
            c.ReleaseEntry("1", A),
            "Can't release a: it is not held; it is in conflict",
        ),
        (
            fold(QUEUED, e.EntryWithdrawn(A)),
            c.WithdrawEntry("1", A),
            "Can't withdraw a: it was withdrawn from the merge queue",
        ),
    ],
)
def test_a_refusal_is_a_sentence(state: RunState, command: c.AnyCommand, sentence: str) -> None:
    (refused,) = decide(state, command)

    assert isinstance(refused, e.CommandRefused)
    assert sentence == refused_text(command, refused.why)
