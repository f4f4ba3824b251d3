"""Worktrees of checks that have just passed, and changed nothing in them, for the next checks.

To make a worktree takes longer than many a check. So one in which nothing has changed since its check began
is moved to where that of the next check should be, if this begins at the same commit. It becomes that check's
in every way, and the one before has none any more, which is reported. Only those of short checks pass on, and
only at once: no one has begun to look around in them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import Isolation, Kind, TaskId
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.executor import Job
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.worktree.passing_on import Move, Picture, is_untouched, picture, pictured_again
from porch_tui.process import liveness
from porch_tui.process.supervisor import kernel

SHORT_S = 2.0
"""A check that takes longer gains nothing by it."""
GOOD_FOR_S = 2.0
"""So long a worktree waits for the next check."""
MOST_CHANGED = 3
"""After so many checks in a row that have changed their worktree, those after them are taken to do so too."""


class Spare(Struct, frozen=True):
    """A worktree at a commit in which nothing else is."""

    task: TaskId
    """Whose it was."""
    base: str
    move: Move
    picture: Picture
    until: float
    """Monotonic seconds."""


class SpareWorktrees:
    """Those of one engine's checks. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._pictures: dict[Path, Picture] = {}
        """Of the worktrees in which checks are at work."""
        self._spares: list[Spare] = []
        self._being_moved: set[Path] = set()
        self._changed_in_a_row = 0
        self._condition = threading.Condition()

    @contextmanager
    def for_job(self, job: Job) -> Iterator[Spare | None]:
        """Yield a worktree for an attempt that is being prepared, if there is one.

        Afterwards the attempt's worktree, made or moved, is one that may pass on in turn.
        """
        path = job.checkout.path.resolve()
        with self._condition:  # of an earlier attempt: it is not spare any more
            self._pictures.pop(path, None)
            self._spares = [one for one in self._spares if one.move.source != path]
            self._condition.wait_for(lambda: path not in self._being_moved)
        if not self._may_pass_on(job):
            yield None
            return
        spare = self._taken(job.checkout.base)
        try:
            yield spare
        finally:
            if spare is not None:
                with self._condition:
                    self._being_moved.discard(spare.move.source)
                    self._condition.notify_all()
        self._note(path, spare)

    def give(self, job: Job, exit_: liveness.Exit) -> None:
        """Take the worktree of an attempt that has passed. Its end is reported."""
        path = job.checkout.path.resolve()
        with self._condition:
            known = self._pictures.pop(path, None)
        admin = linked_git_dir(path) if known is not None else None
        is_left_alone = not (exit_.stragglers or exit_.killed or exit_.unended) and exit_.wall_s <= SHORT_S
        if known is None or admin is None or not is_left_alone:
            return
        move = Move(path, admin)
        spare = Spare(job.attempt.task, job.checkout.base, move, known, time.monotonic() + GOOD_FOR_S)
        with self._condition:
            self._spares.append(spare)

    def _may_pass_on(self, job: Job) -> bool:
        """Say whether nothing but the files of a commit is in the attempt's worktree when it begins."""
        spec, checkout = job.spec, job.checkout
        is_plain = (
            type(checkout) is TaskCheckout
            and checkout.isolation is Isolation.WORKTREE
            and not (job.setup or checkout.copy or job.agent or spec.wrap)
            and checkout.pool_keep is None
        )
        is_check = spec.kind is Kind.CHECK and spec.of is None and not spec.needs_review
        is_first = job.attempt.number == 1 and not job.keep_worktree
        # elsewhere what leaves the process group of a step may still be at work
        return kernel.IS_LINUX and is_plain and is_check and is_first and self._is_worthwhile

    @property
    def _is_worthwhile(self) -> bool:
        return self._changed_in_a_row < MOST_CHANGED

    def _taken(self, base: str) -> Spare | None:
        """Return a worktree in which nothing has changed, and have no one else use it meanwhile."""
        while True:
            with self._condition:
                now = time.monotonic()
                self._spares = [one for one in self._spares if one.until > now]
                spare = next((one for one in self._spares if one.base == base), None)
                if spare is None:
                    return None
                self._spares.remove(spare)
                self._being_moved.add(spare.move.source)
            is_good = is_untouched(spare.picture, spare.move.source, spare.move.admin)
            with self._condition:
                self._changed_in_a_row = 0 if is_good else self._changed_in_a_row + 1
                if is_good:
                    return spare
                self._being_moved.discard(spare.move.source)
                self._condition.notify_all()

    def _note(self, path: Path, spare: Spare | None) -> None:
        """Remember what the worktree looks like in which an attempt is to begin."""
        admin = linked_git_dir(path)
        if admin is None:
            return
        is_moved = spare is not None and admin == spare.move.admin
        try:
            found = pictured_again(spare.picture, path, admin) if spare and is_moved else picture(path, admin)
        except OSError:  # it is used as it is, and does not pass on
            return
        if found is not None:
            with self._condition:
                self._pictures[path] = found
