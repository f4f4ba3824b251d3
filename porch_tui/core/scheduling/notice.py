"""Notices about a running task: it has been silent for long, or uses much more memory than expected.

They never end a task. A notice is an event, because the report mentions it as well: one when it begins to
apply, and one when it no longer does.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample

OVER_DECLARED = 1.1
"""Times the declared memory, from which a task uses too much."""
LARGE_SHARE = 0.5
"""Of the machine's memory, from which a task that declares none uses much."""
RELIEF_FACTOR = 0.8
"""Of either limit, below which the notice no longer applies."""
MIB = 1 << 20


class Quiet(Struct, frozen=True):
    """For how long an attempt has shown no sign of life."""

    for_s: float
    """Since its log last grew, or it last used some processor time; time paused does not count."""
    is_known: bool
    """It has shown one since this engine watches it; before that, its silence is not known."""


class NoticeKind(StrEnum):
    """What a notice is about: how its text begins, which is what the journal keeps of it."""

    SILENT = "silent: "
    SWOLLEN = "swells: "
    WAITS = "waits for"
    """Of what follows, whatever the attempt uses, its end is waited for."""
    RUNS_ELSEWHERE = "still runs"
    NOT_HELD = "is not paused behind its fence, and runs on"
    STAYS_HELD = "stays paused behind its fence"


def kind_of(notice: str) -> NoticeKind | None:
    """Return what a notice is about; None if there is none."""
    return next((kind for kind in NoticeKind if notice.startswith(kind)), None)


def is_about_the_wait(notice: str) -> bool:
    """Say whether a notice stays true of an attempt that is paused, or is being stopped."""
    return kind_of(notice) not in (None, NoticeKind.SILENT, NoticeKind.SWOLLEN)


def noticed(
    state: RunState, task: TaskId, sample: Sample, quiet: Quiet, memory_bytes: int
) -> e.AttemptNoticed | None:
    """Return the notice that applies to a running task, if it differs from the last one.

    `memory_bytes` is the machine's memory; 0 if it is not known.
    """
    attempt = state.tasks[task].attempt
    if attempt is None or state.tasks[task].status is not TaskStatus.RUNNING:
        return None
    if is_about_the_wait(attempt.notice):
        return None
    spec, current, notice = state.specs[task], kind_of(attempt.notice), ""
    # who waits for a person is silent, and that is known already
    if spec.silence_s is not None and quiet.for_s >= spec.silence_s and attempt.waits_since is None:
        minutes, rest = divmod(round(spec.silence_s), 60)
        duration = f"{minutes} min" if minutes and not rest else f"{spec.silence_s:g} s"
        notice = f"{NoticeKind.SILENT}no output and no processor time for {duration}"
    elif spec.silence_s is not None and current is NoticeKind.SILENT and not quiet.is_known:
        notice = attempt.notice
    share = RELIEF_FACTOR if current is NoticeKind.SWOLLEN else 1.0
    held = f"{NoticeKind.SWOLLEN}it holds {sample.rss_bytes // MIB} MiB"
    if spec.memory_bytes:
        if sample.rss_bytes > share * OVER_DECLARED * spec.memory_bytes:
            notice = f"{held}, and declared {spec.memory_bytes // MIB} MiB"
    elif 0 < share * LARGE_SHARE * memory_bytes < sample.rss_bytes:
        notice = f"{held} of the machine's {memory_bytes // MIB} MiB"
    # the amounts in it change all the time, and stay as they were when it was raised
    is_same = bool(notice) == bool(attempt.notice) and kind_of(notice) is current
    return None if is_same else e.AttemptNoticed(attempt.id, notice)
