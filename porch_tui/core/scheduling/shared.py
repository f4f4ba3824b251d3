"""The worktrees that checks share: which check runs in which, and when one is set up.

All checks of a group that begin at one commit run in one worktree, which is made once and never reset. What
`setup` makes there is made by the first of them, while the others wait.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.events import FailureKind
from porch_tui.core.model.place import WORKTREES, FarWorktree, PlaceName
from porch_tui.core.model.plan import RunId, Sha, TaskId, TaskSpec
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import TaskStatus

HEX = 10
"""Digits of a commit in a name."""
BEFORE_SETUP = (FailureKind.NOT_STARTED, FailureKind.LOST)
"""Failures after which it is not known whether the setup has been run."""


def shared_place(group: str, base: Sha) -> str:
    """Return the name of the worktree for shared checks that begin at `base`; no task's id has an `@`."""
    name = f"shared-{group}" if group else "shared"
    return f"{name}@{base[:HEX]}"


def place_of(state: RunState, task: TaskId) -> str | None:
    """Return the name of the shared worktree of a task's last attempt; None if it has none such."""
    spec = state.specs.get(task)  # None: it is only about to be added
    attempt = state.tasks[task].attempt if spec is not None and spec.is_shared else None
    return shared_place(spec.group, attempt.base) if spec is not None and attempt is not None else None


@once("specs")
def groups(state: RunState) -> Mapping[str, Mapping[TaskId, None]]:
    """Return the shared checks by the name of their group, in plan order."""
    found: dict[str, dict[TaskId, None]] = {}
    for spec in state.specs.values():
        if spec.is_shared:
            found.setdefault(spec.group, {})[spec.id] = None
    return found


def _members(state: RunState, spec: TaskSpec) -> Mapping[TaskId, None]:
    return groups(state)[spec.group]


def first_base(state: RunState, spec: TaskSpec) -> Sha | None:
    """Return the commit that the first check of a group began at; None if none has begun.

    Of those that come after the same tasks, and were in the plan or added at the same time: what has landed
    of these, or was there when they were added, is in it.
    """
    added_at = state.tasks[spec.id].added_at
    alike = (
        task
        for task in _members(state, spec)
        if state.specs[task].after == spec.after and state.tasks[task].added_at == added_at
    )
    begun = (state.tasks[task].attempts for task in alike)
    return next((attempts[0].base for attempts in begun if attempts), None)


def awaited_setup(state: RunState, spec: TaskSpec) -> TaskId | None:
    """Return the check that is setting up the worktree of its group; None if none does."""
    if not (spec.is_shared and state.plan.setup):
        return None
    members = _members(state, spec)
    at_work = ((task, one) for task, one in state.active_attempts.items() if task in members)
    return next((task for task, one in at_work if not is_set_up(state, spec, one.base, one.place)), None)


def is_set_up(state: RunState, spec: TaskSpec, base: Sha, place: PlaceName) -> bool:
    """Say whether a check has got past the setup of the worktree at a place that begins at `base`."""
    return any(
        (attempt.base, attempt.place) == (base, place) and _has_run(state.tasks[task].status, attempt)
        for task in _members(state, spec)
        for attempt in state.tasks[task].attempts
    )


def _has_run(status: TaskStatus, attempt: Attempt) -> bool:
    failure = attempt.failure
    if failure is None:
        return attempt.ended_at is not None and status is TaskStatus.SUCCEEDED
    return not failure.is_setup and failure.kind not in BEFORE_SETUP


def worktree_place(state: RunState, task: TaskId, repository: str) -> str:
    """Return a task's worktree, relative to the repository's root unless the plan's template is absolute.

    `repository` is the name of the repository's folder.
    """
    place = place_of(state, task)
    if place is None:
        return state.plan.worktree_of(task, repository, state.run)
    return shared_path(place, repository, state.run)


def far_worktree(state: RunState, task: TaskId) -> FarWorktree | None:
    """Return where on another machine the worktree of a task's last attempt is; None: it is on this one."""
    attempt = state.tasks[task].attempt
    if attempt is None or not attempt.place:
        return None
    known = state.places.get(attempt.place)
    folder = known.resources.folder if known is not None and known.resources is not None else ""
    name = posixpath.basename(worktree_place(state, task, posixpath.basename(state.root)))
    return FarWorktree(attempt.place, f"{folder}/{WORKTREES}/{state.run}/{name}" if folder else "")


def shared_path(place: str, repository: str, run: RunId) -> str:
    """Return the path of a shared worktree, relative to the repository's root: with those of validations."""
    return f"../{repository}.porch/{run}/{place}"


def branch_of(state: RunState, task: TaskId) -> str | None:
    """Return the branch of a task, without `refs/heads/`; None for a check that shares a worktree."""
    return None if state.specs[task].is_shared else state.plan.branch_of(task, state.run)
