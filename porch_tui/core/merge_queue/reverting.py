"""Taking a landing back by a new commit: a task that is added to the run, and goes through its queue.

It is for what `undo` refuses: what others have built upon, or have fetched. The task
begins at the landing itself, where a revert cannot conflict; with what came after, it
is merged like any other work.
"""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus

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
        entry = state.entries.get(task)
        is_going = entry is not None and entry.status is EntryStatus.UNDOING
        return f"{task} is being undone already" if is_going else f"{task} has not landed"
    done = reverted(state).get(task)
    if done is not None:
        return f"{done} has reverted it already"
    commit = state.entries[task].landed
    under_way = (spec.id for spec in reverts(state) if spec.reverts == commit)
    # one that has landed and was itself reverted has done its work: another may begin
    there = next((one for one in under_way if not _has_landed(state, one)), None)
    return f"{there} is there to take it back; porch status tells where it stands" if there else None


def reverted(state: RunState) -> Mapping[TaskId, TaskId]:
    """Return the landed tasks whose landing was taken back by a new commit, and by which task.

    A revert that was itself reverted, or undone, counts no more.
    """
    landings = {entry.landed: task for task, entry in state.entries.items() if _has_landed(state, task)}
    by: dict[TaskId, TaskId] = {}
    for spec in reversed(reverts(state)):  # the last one first: it may revert a revert
        if spec.reverts in landings and _has_landed(state, spec.id) and spec.id not in by:
            by.setdefault(landings[spec.reverts], spec.id)
    return by


def is_needless(state: RunState, task: TaskId) -> bool:
    """Say whether the task would take back what is not on the target any more."""
    commit = state.specs[task].reverts
    return commit is not None and commit not in {
        state.entries[one].landed for one in state.target.landed if one in state.entries
    }


def command_to_revert(task: TaskId) -> str:
    """Return what to type to have a landing taken back by a new commit."""
    return f"porch undo {task} --revert"


@once("specs")
def reverts(state: RunState) -> list[TaskSpec]:
    """Return the tasks that take a landing back, in the order they were added."""
    return [spec for spec in state.specs.values() if spec.reverts is not None]


def _has_landed(state: RunState, task: TaskId) -> bool:
    entry = state.entries.get(task)
    return entry is not None and entry.status is EntryStatus.LANDED


def _free_id(state: RunState, task: TaskId) -> TaskId:
    """Return `revert-<task>`, with a number if that is taken; it becomes a branch and a folder."""
    number, name = 1, _shortened(f"revert-{task}", LONGEST_ID)
    while name in state.tasks:
        number += 1
        suffix = f"-{number}"
        name = _shortened(f"revert-{task}", LONGEST_ID - len(suffix)) + suffix
    return TaskId(name)


def _shortened(name: str, length: int) -> str:
    """Return the beginning of a task's id that is one itself: none ends in a dot or in `.lock`."""
    return name if len(name) <= length else name[:length].rstrip(".").removesuffix(".lock")
