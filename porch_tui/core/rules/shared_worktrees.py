"""When a worktree that checks shared is looked at: after the last of them, and again after a retry.

Those on other machines are not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.progress import is_decided
from porch_tui.core.scheduling.shared import groups, shared_place


def uninspected(state: RunState) -> Iterator[tuple[str, Sha, int]]:
    """Yield the shared worktrees whose last check has ended since they were looked at.

    Each with its commit and the number of attempts in it.
    """
    for group, tasks in groups(state).items():
        if not all(is_decided(state, task) for task in reversed(list(tasks))):
            continue  # mostly the last ones are under way, or wait
        attempts = (attempt for task in tasks for attempt in state.tasks[task].attempts)
        counts = Counter[Sha](attempt.base for attempt in attempts if not attempt.place)
        for base, count in counts.items():
            place = shared_place(group, base)
            if state.inspected.get(place) != count:
                yield place, base, count
