"""What checks have changed in the worktree that they share, found out after the last of them."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import InspectShared
from porch_tui.core.scheduling.shared import place_of
from porch_tui.engine.effects.tools import Tools
from porch_tui.executors.checkout import shared_worktree
from porch_tui.git.worktree import removal

MOST_NAMED = 3
"""Where more checks ran while a file changed, it is not known which it was."""
SLACK_S = 0.02
"""Between the clock that stamps files and that of records."""


def inspect_shared(effect: InspectShared, state: RunState, tools: Tools) -> tuple[e.AnyEvent, ...]:
    """Compare a shared worktree with its commit, and report what differs. Raises GitError or OSError."""
    path = shared_worktree(tools.repository, state, effect.place)
    if not path.exists():  # a person has removed it since
        return (e.SharedInspected(effect.place, effect.attempts),)
    tree, attempts = tools.repository.at(path), _attempts_in(state, effect.place)
    changed = tuple(
        one for one in removal.uncommitted_paths(tree) if not _is_of_setup(state, path / one, attempts)
    )
    texts = [f"{one}{_while(path / one, attempts)}" for one in changed[:MOST_NAMED]]
    if len(changed) > MOST_NAMED:
        texts.append(f"and {len(changed) - MOST_NAMED} more")
    head = tree.git.text("rev-parse", "HEAD")
    if head != effect.base:
        texts.insert(0, f"it is at another commit, {head[:10]}")
    found = e.SharedInspected(effect.place, effect.attempts, changed)
    if not texts:
        return (found,)
    where = f"checks changed the worktree they share, {path}"
    return (e.Noticed(f"{where}: {'; '.join(texts)}. Those that write need their own"), found)


def _attempts_in(state: RunState, place: str) -> dict[TaskId, Attempt]:
    """Return the last attempts of the checks that share a worktree, first to last."""
    found = {
        task: known.attempt
        for task, known in state.tasks.items()
        if known.attempt is not None and place_of(state, task) == place
    }
    return dict(sorted(found.items(), key=lambda one: one[1].scheduled_at))


def _is_of_setup(state: RunState, path: Path, attempts: dict[TaskId, Attempt]) -> bool:
    """Say whether a file is as old as what the setup made: no check had begun when the first one ended."""
    ends = [one.ended_at for one in attempts.values() if one.ended_at is not None]
    return bool(state.plan.setup and ends) and _written_at(path) <= min(ends)


def _while(path: Path, attempts: dict[TaskId, Attempt]) -> str:
    """Return which checks ran when a file was last written, if they are few."""
    at = _written_at(path)
    ran = [
        task
        for task, one in attempts.items()
        if (one.started_at or one.scheduled_at) - SLACK_S <= at <= (one.ended_at or at) + SLACK_S
    ]
    return f", while {listed(ran)} ran" if 0 < len(ran) <= MOST_NAMED else ""


def _written_at(path: Path) -> float:
    """Return when a file was last written; of one that was deleted, when its folder was changed."""
    while not path.is_symlink() and not path.exists():
        path = path.parent
    return path.lstat().st_mtime
