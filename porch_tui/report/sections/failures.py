"""The attempts that failed, and what else there was to know of attempts."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.state import Attempt, RunState
from porch_tui.present.amounts import duration
from porch_tui.present.explain import ended_text
from porch_tui.present.summary import Summary, wall_s
from porch_tui.report.forms.page import Block, Section, listed_or, listing


def failures_section(summary: Summary) -> Section:
    """Return every attempt that failed, what else there was to know of attempts, and where the rest is."""
    state = summary.state
    stray = [
        f"{attempt.id} wrote outside its declared paths: {', '.join(attempt.undeclared_paths)}"
        for attempt in _attempts(state)
        if attempt.undeclared_paths
    ]
    failed = [_failure_text(attempt) for attempt in _attempts(state) if attempt.failure]
    ended = [
        f"{attempt.id} {ended_text(attempt.left_running)}"
        for attempt in _attempts(state)
        if attempt.left_running
    ]
    noticed = stray + ended + [f"{one.attempt} {one.notice}" for one in summary.notices]
    left = [
        f"{attempt.id}: leftover work is kept: git show {attempt.leftover_ref}"
        for attempt in _attempts(state)
        if attempt.leftover_ref
    ]
    more: tuple[Block, ...] = tuple(listing(lines) for lines in (noticed, left) if lines)
    return Section("Failures", (listed_or(failed, "No attempt failed."), *more))


def _attempts(state: RunState) -> Iterator[Attempt]:
    for task in state.tasks.values():
        yield from task.attempts


def _failure_text(attempt: Attempt) -> str:
    assert attempt.failure is not None  # the caller has looked
    took = f" after {duration(wall_s(attempt))}" if attempt.ended_at is not None else ""
    kind = attempt.failure.kind.value.replace("-", " ")
    return f"{attempt.id} {kind}{took}: {attempt.failure.text}"
