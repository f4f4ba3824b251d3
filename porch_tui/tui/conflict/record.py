"""A conflict while the screen has it: merged in a thread, kept on disk at every key, merged again if moved.

The record may be written elsewhere meanwhile, and the target may move; what was
chosen speaks of texts and not of commits, so it stays. What is drawn of it is the
screen's business.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual import on, work
from textual.message import Message

from porch_tui.core.conflict.conflict import ConflictRecord, Step
from porch_tui.core.conflict.parked import Parked
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import PorchError
from porch_tui.tui.conflict.viewpoint import Viewpoint, opened
from porch_tui.tui.model.outside import Mark
from porch_tui.tui.model.status_label import status_label
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext

LOOKING = "looking at the conflict…"
MOVED = "merged again, for something moved; what was chosen is kept where it still fits"
ELSEWHERE = "something was chosen elsewhere; this is how it stands now"


class ConflictFollower(LiveScreen):
    """A screen that holds one task's conflict and the record of what is chosen in it."""

    class Merged(Message):
        """The task was merged again: this is in the way, or this is why nothing can be shown."""

        def __init__(self, serial: int, found: tuple[Parked, Mapping[str, bytes]] | str, told: str) -> None:
            super().__init__()
            self.serial, self.found, self.told = serial, found, told

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context)
        self.task_id = task
        self.viewpoint: Viewpoint | None = None
        """None while nothing can be chosen."""
        self.why_not = LOOKING if task is not None else "no task is chosen"
        """Why nothing can be chosen."""
        self._serial = 0
        self._is_merging = False
        self._seen: object = None
        self._mark: Mark = ()

    @property
    def chosen(self) -> TaskId | None:
        """The task whose conflict it is."""
        return self.task_id

    def show_conflict(self) -> None:
        """Draw what is before the person now."""

    # --- what happens to it

    def draw_body(self, view: View) -> None:
        """Have the task merged again if it is in another conflict than was drawn, or in none."""
        entry = view.state.entries.get(self.task_id) if self.task_id is not None else None
        is_parked = entry is not None and entry.status is EntryStatus.CONFLICTED
        seen = (entry.onto, entry.head, entry.proposal) if entry is not None and is_parked else None
        if self.task_id is not None and not is_parked:
            word = status_label(view, self.task_id).word
            self._lose(f"{self.task_id} is not in conflict, it is: {word}. What was chosen for it is kept.")
        elif seen != self._seen:
            self.merge_again(MOVED if self._seen is not None else "")
        self._seen = seen
        self.show_conflict()

    def tick_body(self) -> None:
        """See whether the record was written elsewhere, by `porch resolve`."""
        if self.task_id is None or self.viewpoint is None or self._is_merging:
            return
        if self.context.outside.conflicts.mark(self.task_id) != self._mark:
            self.merge_again(ELSEWHERE)

    def merge_again(self, told: str = "") -> None:
        """Have the task merged as it is by now; `told` is what to say if that makes a difference."""
        if self.task_id is not None:
            self._serial += 1
            self._is_merging = True
            self._mark = self.context.outside.conflicts.mark(self.task_id)
            self._merge(self.task_id, self._serial, told)

    @work(thread=True, exclusive=True, group="merge")
    def _merge(self, task: TaskId, serial: int, told: str) -> None:
        conflicts = self.context.outside.conflicts
        try:
            parked = conflicts.parked(task)
            found: tuple[Parked, Mapping[str, bytes]] | str = (parked, conflicts.versions(parked.conflict))
        except PorchError as error:
            found = str(error)
        self.post_message(self.Merged(serial, found, told))

    @on(Merged)
    def _take(self, message: Merged) -> None:
        if message.serial != self._serial:
            return  # it was merged once more since
        self._is_merging = False
        if isinstance(message.found, str):
            self._lose(message.found)
        else:
            parked, versions = message.found
            before = self.viewpoint
            self.viewpoint = before.upon(parked, versions) if before else opened(parked, versions)
            if before is not None and message.told and before.parked != parked:
                self.post_message(self.Notify(message.told))
        self.show_conflict()

    def _lose(self, why: str) -> None:
        self._serial += 1
        self._is_merging = False
        self.viewpoint, self.why_not = None, why

    # --- what the person does to it

    def keep(self, step: Step) -> bool:
        """Decide; say whether it is on disk. A step that changes nothing is done already."""
        return not step or (
            self.viewpoint is not None and self.keep_record(self.viewpoint.record.with_step(step))
        )

    def keep_record(self, record: ConflictRecord) -> bool:
        """Have these choices in place of those shown, and on disk; say whether they are."""
        view, task = self.viewpoint, self.task_id
        if view is None or task is None:
            return False
        conflicts = self.context.outside.conflicts
        try:
            conflicts.keep(task, view.record, record)
        except PorchError as error:
            self.post_message(self.Notify(str(error)))
            self.merge_again()
            return False
        self._mark = conflicts.mark(task)
        self.viewpoint = view.with_record(record)
        if self._is_merging:
            self.merge_again(MOVED)  # what is under way may have read the record of before
        self.show_conflict()
        return True
