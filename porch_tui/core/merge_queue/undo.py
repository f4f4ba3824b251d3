"""How a landing is taken back: by moving the target back (undo), or by a new commit (revert).

Only the last landing can be undone, and only while nothing is based on it: an attempt that
started there has it in its own branch, and would bring it back. A revert is for all else:
what others have built on or fetched. It is a task that is added to the run and goes through
the queue like any work. It starts at the landing itself, where a revert cannot conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model.commands import RevertLanding, UndoLanding, command_line
from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.model.wording import predicate

LANDING_NOW = "something is landing this very moment"

UNDER_WAY = ON_TRAIN | {EntryStatus.CONFLICTED, EntryStatus.RESOLVING, EntryStatus.BLOCKED, EntryStatus.HELD}
"""Entries that may land without another command."""


def why_not_undone(state: RunState, task_id: TaskId) -> str | None:
    """Return why the task's landing cannot be taken back now; None if it can."""
    if not _has_landed(state, task_id):
        return _why_not_landed(state, task_id)
    commit = state.entries[task_id].landed
    if state.target.landed[-1] != task_id:
        later = state.target.landed[state.target.landed.index(task_id) + 1 :]
        return (
            f"{', '.join(reversed(later))} landed after {task_id}; undo {state.target.landed[-1]} first, "
            f"or take it back alone: {command_line(reverting(task_id))}"
        )
    if state.target.tip != commit:
        return (
            f"{state.target.name} moved to {state.target.tip[:10]} after {task_id} landed; "
            f"{command_line(reverting(task_id))} takes it back there"
        )
    if landable(state):
        return LANDING_NOW
    return _who_stands_on(state, state.target.tip)


def undoing(state: RunState, task_id: TaskId) -> UndoLanding | RevertLanding:
    """Return the command that takes a landing back, and no other with it."""
    is_last = state.target.landed[-1:] == (task_id,) and state.entries[task_id].landed == state.target.tip
    return UndoLanding("", task_id) if is_last else reverting(task_id)


def down_to(state: RunState, task_id: TaskId | None) -> tuple[TaskId, ...]:
    """Return the landings to take back until this task's is, last first; None: the last one."""
    if task_id is None:
        return state.target.landed[-1:]
    if task_id not in state.target.landed:
        return (task_id,)
    return tuple(reversed(state.target.landed[state.target.landed.index(task_id) :]))


@once("target", "entries")
def not_landed_any_more(state: RunState) -> frozenset[Sha]:
    """Return the commits of landings that were taken back, and are not known to be on the target again."""
    if not state.target.undone:
        return frozenset()
    return frozenset(state.target.undone) - {
        state.target.tip,
        *(state.entries[task].landed for task in state.target.landed),
    }


def started_from_undone(state: RunState, task_id: TaskId) -> bool:
    """Say whether the task's last attempt started from a landing that is no longer on the target."""
    attempt = state.tasks[task_id].attempt
    # asked of every entry at every step: nearly always nothing was ever undone
    return bool(state.target.undone) and attempt is not None and attempt.base in not_landed_any_more(state)


def _who_stands_on(state: RunState, commit: Sha) -> str | None:
    for name, task in state.tasks.items():
        if state.specs[name].reverts == commit and task.status is TaskStatus.PENDING:
            return f"{name} takes it back by a new commit; stop it first"
        if task.attempt is None or task.attempt.base != commit:
            continue
        if task.is_active:
            return f"{name} started from it and {predicate(task.status)}; stop it first"
        entry = state.entries.get(name)
        if entry is not None and entry.status in UNDER_WAY:
            return f"{name} started from it and is in the merge queue; withdraw it first"
    return None


LONGEST_ID = 64


def spec_for(state: RunState, task: TaskId) -> TaskSpec:
    """Return the task that takes this one's landing back; it has landed."""
    commit = state.entries[task].landed
    assert commit is not None  # it has landed
    mainline = () if state.plan.squash else ("-m", "1")
    return TaskSpec(
        id=_free_id(state, task),
        title=f'Revert "{state.specs[task].title}"',
        command=("git", "revert", "--no-edit", *mainline, commit),
        reverts=commit,
    )


def why_not_reverted(state: RunState, task: TaskId) -> str | None:
    """Return why the task's landing cannot be taken back by a new commit now; None if it can."""
    if not _has_landed(state, task):
        return _why_not_landed(state, task)
    done = reverted(state).get(task)
    if done is not None:
        return f"{done} has reverted it already"
    commit = state.entries[task].landed
    under_way = (spec.id for spec in reverts(state) if spec.reverts == commit)
    # one that has landed and was itself reverted has done its work: another may begin
    there = next((one for one in under_way if not _has_landed(state, one)), None)
    return f"{there} takes it back already" if there else None


def reverted(state: RunState) -> Mapping[TaskId, TaskId]:
    """Return the landed tasks whose landing was taken back by a new commit, and by which task.

    A revert that was itself reverted, or undone, does not count.
    """
    landings = {entry.landed: task for task, entry in state.entries.items() if _has_landed(state, task)}
    by: dict[TaskId, TaskId] = {}
    for spec in reversed(reverts(state)):  # the last one first: it may revert a revert
        if spec.reverts in landings and _has_landed(state, spec.id) and spec.id not in by:
            by.setdefault(landings[spec.reverts], spec.id)
    return by


def is_needless(state: RunState, task: TaskId) -> bool:
    """Say whether the task would take back what is no longer on the target."""
    commit = state.specs[task].reverts
    return commit is not None and commit not in {
        state.entries[one].landed for one in state.target.landed if one in state.entries
    }


def reverting(task: TaskId) -> RevertLanding:
    """Return the command that takes a landing back by a new commit."""
    return RevertLanding("", task)


@once("specs")
def reverts(state: RunState) -> list[TaskSpec]:
    """Return the tasks that take a landing back, in the order they were added."""
    return [spec for spec in state.specs.values() if spec.reverts is not None]


def _has_landed(state: RunState, task: TaskId) -> bool:
    entry = state.entries.get(task)
    return entry is not None and entry.status is EntryStatus.LANDED


def _why_not_landed(state: RunState, task: TaskId) -> str:
    entry = state.entries.get(task)
    is_going = entry is not None and entry.status is EntryStatus.UNDOING
    return f"{task} is being undone already" if is_going else f"{task} has not landed"


def _free_id(state: RunState, task: TaskId) -> TaskId:
    """Return `revert-<task>`, with a number if that is taken; it becomes a branch and a folder."""
    suffixes = ("" if number == 1 else f"-{number}" for number in count(1))
    return next(free for suffix in suffixes if (free := _shortened(task, suffix)) not in state.tasks)


def _shortened(task: TaskId, suffix: str) -> TaskId:
    name, room = f"revert-{task}", LONGEST_ID - len(suffix)
    if len(name) > room:  # no id ends in a dot or in `.lock`
        name = name[:room].rstrip(".").removesuffix(".lock")
    return TaskId(name + suffix)


def why_it_stays_reverted(state: RunState, task: TaskId) -> str:
    """Return why a task whose landing was reverted cannot land again."""
    by = reverted(state)[task]
    return (
        f"{task} has landed and {by} has reverted that, so git takes its work for merged; "
        f"{command_line(reverting(by))} brings it back"
    )
