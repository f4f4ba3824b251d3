"""Which row of the list the cursor is on, and which groups are open."""

from __future__ import annotations

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.tui.model.groups import group_in, group_of, groups, representative, row_of
from porch_tui.tui.model.view import View


class ListCursor:
    """The row under the cursor, of a task or of a group; it changes as the person moves it."""

    def __init__(self, state: RunState) -> None:
        first = next(iter(state.tasks), None)
        group = group_of(state, first)
        self.row = first if group is None else row_of(group)
        self.opened: frozenset[str] = frozenset()
        """The groups whose tasks are listed."""

    @property
    def is_open(self) -> bool:
        """Whether it is on the row of a group that is open."""
        return group_in(self.row) in self.opened

    def members(self, state: RunState) -> tuple[TaskId, ...]:
        """Return the tasks of the group whose row it is on; none if that is a task's."""
        group = group_in(self.row)
        return groups(state)[group] if group is not None else ()

    def move(self, view: View, row: TaskId, *, is_filtered: bool) -> TaskId:
        """Go to a row and return the task whose log belongs to it; a group around a task is opened.

        While the list is filtered there are no rows of groups.
        """
        self.row = row
        if members := self.members(view.state):
            return representative(members, view.derived.signs)
        if not is_filtered and (group := group_of(view.state, row)) is not None:
            self.opened |= {group}
        return row

    def fit(self, state: RunState, task: TaskId | None, *, is_filtered: bool) -> None:
        """Stay on a task, or the row of its group, when the list is filtered or no longer is."""
        group = group_of(state, task)
        if is_filtered or group is None:
            self.row = task
        elif group_in(self.row) is None:  # the task was found by a filter
            self.opened |= {group}

    def fold(self, state: RunState, is_open: bool | None = None) -> bool:
        """Open or close the group of the row, None: the other of the two; say whether it is in a group."""
        group = group_in(self.row) or group_of(state, self.row)
        if group is None:
            return False
        if is_open or (is_open is None and group not in self.opened):
            self.opened |= {group}
        else:
            self.opened -= {group}
            self.row = row_of(group)
        return True
