"""The attempts that failed, and what else there was to know of attempts."""

from __future__ import annotations

from porch_tui.present.amounts import duration
from porch_tui.present.explain import ended_text
from porch_tui.present.summary import Summary, wall_s
from porch_tui.report.forms.page import Block, Section, listed_or, listing


def failures_section(summary: Summary) -> Section:
    """Return every attempt that failed, what else there was to know of attempts, and where the rest is."""
    failed, limited, stray, ended, left = [], [], [], [], []
    for attempt in (one for task in summary.state.tasks.values() for one in task.attempts):
        if failure := attempt.failure:
            took = f" after {duration(wall_s(attempt))}" if attempt.ended_at is not None else ""
            failed.append(f"{attempt.id} {failure.kind.value.replace('-', ' ')}{took}: {failure.text}")
        if attempt.limit:
            limited.append(f"{attempt.id} waited for its agent's account: {attempt.limit}")
        if paths := attempt.undeclared_paths:
            stray.append(f"{attempt.id} wrote outside its declared paths: {', '.join(paths)}")
        if attempt.left_running:
            ended.append(f"{attempt.id} {ended_text(attempt.left_running)}")
        if attempt.leftover_ref:
            left.append(f"{attempt.id}: leftover work is kept: git show {attempt.leftover_ref}")
    noticed = limited + stray + ended + [f"{one.attempt} {one.notice}" for one in summary.notices]
    more: tuple[Block, ...] = tuple(listing(lines) for lines in (noticed, left) if lines)
    return Section("Failures", (listed_or(failed, "No attempt failed."), *more))
