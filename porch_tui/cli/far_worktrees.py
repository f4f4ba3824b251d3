"""What can be done about a worktree that is on another machine: a shell there, or the command for one."""

from __future__ import annotations

import shlex

from porch_tui.core.model.place import FarWorktree, PlaceStatus, boot_id
from porch_tui.core.model.plan import CommandLine, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.shared import far_worktree
from porch_tui.errors import RefusedError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.places.carriers.box import box_name, filled
from porch_tui.places.carriers.shells import shell_at, shell_in
from porch_tui.places.near.by_place import known_id
from porch_tui.process.supervisor import kernel


def shell_there(repository: Repository, state: RunState, task: TaskId, far: FarWorktree) -> CommandLine:
    """Return the command for a shell in the worktree. Raises RefusedError where there is no way to it."""
    known = state.places[far.place]
    if known.status is not PlaceStatus.UP:
        raise RefusedError(
            f"the worktree of {task} is on {far.place}, which cannot be reached now: porch places"
        )
    command = _command(repository, state, far)
    if not command:
        where = f", in {far.path}" if far.path else ""
        raise RefusedError(
            f"the worktree of {task} is on {far.place}{where}; porch knows no way to a shell on a machine of "
            "a cluster: open one there"
        )
    return command


def refuse_far(repository: Repository, state: RunState, task: TaskId) -> None:
    """Raise RefusedError, with what to type instead, if the worktree of a task is on another machine."""
    if (far := far_worktree(state, task)) is not None:
        there = shlex.join(shell_there(repository, state, task, far))
        raise RefusedError(f"the worktree of {task} is on {far.place}; a shell in it: {there}")


def _command(repository: Repository, state: RunState, far: FarWorktree) -> CommandLine:
    entry = state.places[far.place].member_of
    spec = next((one for one in state.plan.places if one.name == entry), None)
    if spec is None or not far.path:
        return ()
    if (
        spec.is_cluster and boot_id(state.places[far.place].boot) == kernel.boot_id()
    ):  # a worker on this machine
        return shell_in(far.path)
    return shell_at(spec, filled(spec.run, box_name(known_id(repository), spec.name)), far.path)


def look_there(repository: Repository, state: RunState, task: TaskId, far: FarWorktree) -> str:
    """Return what to type to look into the worktree, as the end of a sentence; empty: nothing helps."""
    if state.places[far.place].status is not PlaceStatus.UP:
        return ""
    command = _command(repository, state, far)
    return f"; to look there now: {shlex.join(command)}" if command else ""


def left_of(repository: Repository, state: RunState, task: TaskId) -> str | None:
    """Return what an attempt elsewhere left, with what was uncommitted, as a commit; None: it runs."""
    known = state.tasks[task]
    if known.attempt is None or known.is_active:
        return None
    leftover = known.attempt.leftover_ref
    kept = refs.read(repository, leftover) if leftover else None
    return kept or known.head or refs.read(repository, f"refs/heads/{state.plan.branch_of(task, state.run)}")
