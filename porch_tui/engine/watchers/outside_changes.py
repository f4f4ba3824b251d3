"""Watches what tasks change outside their worktrees: stashes, the main worktree, other tasks' worktrees.

Nothing is prevented, and nothing is restored. A change is reported once. If a task had processes in the
changed folder, or its command or output names a file that changed, it is named; otherwise only the tasks that
ran, because it may have been the person.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.errors import RepositoryError
from porch_tui.git.fingerprints import Fingerprint, changed, fingerprint
from porch_tui.git.landing.recovery import landing_lock
from porch_tui.git.locks import exclusive
from porch_tui.git.rescue import stashes
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import liveness, output
from porch_tui.process.processes import working_directories

POLL_S = 0.2
"""A stash that is popped sooner is missed; without a new stash this costs a `stat`."""
FILES_PERIOD_S = 2.0
"""From one look at the files to the next, at least."""
PAUSE_FACTOR = 20
"""A look is followed by a pause of this many times its duration: it takes at most a twentieth of one core
(`git status` takes 4 ms in a small tree, 170 ms in a large one)."""
QUIET_FACTOR = 5
"""Longer while nothing runs."""
NAMING_BYTES = 4 * 1024 * 1024
"""Of the end of a task's output, for the names of files in it."""
MOST_NAMED = 100
"""Files that are looked for there."""
MOST_PLACES = 16
"""How many worktrees of tasks that have ended are watched, the latest first."""

Place = TaskId | None
"""Whose worktree; None is the main one."""


class OutsideChangesWatch(Watcher):
    """Reports changes outside the worktrees of running tasks."""

    def __init__(self, tools: Tools, state: Callable[[], RunState]) -> None:
        self._tools = tools
        self._state = state
        self._stash: object = None
        self._prints: dict[Place, Fingerprint] = {}
        self._looked_at, self._took_s = 0.0, 0.0
        self._reported: dict[Place, set[str]] = {}
        super().__init__("outside changes", POLL_S)

    def _watch(self) -> None:
        self.look()
        super()._watch()
        self.look()

    def look(self) -> None:
        """Check configuration and stashes, and files when due; the last time in any case."""
        # a full disk or a file that went away may cost a warning, never the run
        self._tools.configuration.look()
        with suppress(RepositoryError, OSError):
            self._look_at_stashes()
        with suppress(RepositoryError, OSError):
            self._look_at_files()

    def _look_at_stashes(self) -> None:
        """Keep the stashes that were made since the run began."""
        state, seen = self._state(), stashes.stamp(self._tools.repository)
        if seen == self._stash or state.closed_at is not None:
            return
        for stash in stashes.made_since(self._tools.repository, state.opened_at):
            ref = stashes.keep(self._tools.repository, state.run, stash)
            if ref is not None:
                shared = "all worktrees share stashes, so another task may pop it"
                text = f"a stash was made ({stash.message}); {shared}: it is kept as {ref}"
                self._tools.offer(e.Noticed(text))
        self._stash = seen

    def _look_at_files(self) -> None:
        """Compare the main worktree, and those of tasks that have ended, with the last look, when due."""
        state, began = self._state(), time.time()
        ran = tuple(task for task in state.ran_since(self._looked_at) if _is_here(state, task))
        pause_s = max(FILES_PERIOD_S, PAUSE_FACTOR * self._took_s) * (1 if ran else QUIET_FACTOR)
        # the last tasks' changes are examined while their work is validated, to save time at the end
        is_last = self._is_over.is_set() or not state.active
        if began < self._looked_at + pause_s and not (ran and is_last):
            return
        repository = self._tools.repository
        # a landing changes the checkout, too
        with exclusive(landing_lock(repository), "look at the checkout", wait_s=0.0):
            places = self._places(state)
            if all(known.status is TaskStatus.SUCCEEDED for known in state.tasks.values()):
                # nothing runs any more: a new fingerprint would never be compared
                places = {place: tree for place, tree in places.items() if place in self._prints}
            prints = {place: fingerprint(tree) for place, tree in places.items()}
            # one that was removed meanwhile has lost its files, and no one changed them
            prints = {place: one for place, one in prints.items() if places[place].path.exists()}
        known = [place for place in prints if place in self._prints] if ran else []
        changes = {place: changed(self._prints[place], prints[place]) for place in known}
        news = {place: paths for place, paths in changes.items() if paths}
        visits = dict[TaskId, set[Path]]()
        for task, attempt in state.active_attempts.items() if news else ():
            living = liveness.find(self._tools.rundir.attempt(str(attempt.id)))
            if isinstance(living, liveness.Running):  # expensive: lists all processes for each task
                visits[task] = working_directories(living.shim_pid)
        for place, paths in news.items():
            self._report(state, place, paths, ran, visits)
        self._prints, self._looked_at, self._took_s = prints, began, time.time() - began

    def _places(self, state: RunState) -> dict[Place, WorkingTree]:
        # a worktree that checks share is looked at when the last of them has ended
        ended = [
            task
            for task, known in state.tasks.items()
            if known.attempts
            and not known.is_active
            and not state.specs[task].is_shared
            and _is_here(state, task)
        ]
        ended.sort(key=lambda task: state.tasks[task].attempts[-1].ended_at or 0.0, reverse=True)
        found: dict[Place, WorkingTree] = {None: self._tools.repository.main}
        for task in ended[:MOST_PLACES]:
            with suppress(NotItsFolderError):  # it is gone, or no longer porch's
                found[task] = self._tools.repository.at(self._tools.worktree(state, task))
        return found

    def _report(
        self,
        state: RunState,
        place: Place,
        paths: tuple[str, ...],
        ran: tuple[TaskId, ...],
        visits: Mapping[TaskId, set[Path]],
    ) -> None:
        news = [path for path in paths if path not in self._reported.setdefault(place, set())]
        if not news:
            return
        self._reported[place].update(news)
        root = self._tools.repository.root if place is None else self._tools.worktree(state, place)
        at_work = tuple(task for task in visits if any(one.is_relative_to(root) for one in visits[task]))
        where = "your own checkout" if place is None else f"the worktree of {place}, which is not running,"
        suspects = f", while {listed(ran)} ran; this may have been a task or you"
        naming = () if at_work else tuple(task for task in ran if self._names(state, task, root, news))
        if at_work:
            suspects = f"; {listed(at_work)} had processes in that folder"
        elif naming:
            suspects = f"; {listed(naming)} names that in its command or output"
        found = at_work or naming
        who = found[0] if len(found) == 1 else None
        self._tools.offer(e.Noticed(f"{where} changed: {listed(news)}{suspects}", who))
        attempt = state.tasks[who].attempt if who is not None else None
        if attempt is not None:
            text = f"was at work outside its worktree: in {where.rstrip(',')}, where {listed(news)} changed"
            self._tools.offer(e.AttemptEscaped(attempt.id, text))

    def _names(self, state: RunState, task: TaskId, root: Path, paths: Sequence[str]) -> bool:
        """Say whether the command or the output of a task names one of the files, or their folder itself."""
        attempt = state.tasks[task].attempt
        if attempt is None:
            return False
        log = self._tools.rundir.attempt(str(attempt.id)) / OUTPUT
        written = output.read_range(log, output.size(log) - NAMING_BYTES, output.size(log))
        said = os.fsencode("\n".join(state.specs[task].command)) + b"\n" + written
        files = [root / path for path in paths[:MOST_NAMED]]
        worktree = self._tools.worktree(state, task)
        names = [*map(str, files), *(os.path.relpath(file, worktree) for file in files)]
        folders = b"|".join(
            re.escape(os.fsencode(one)) for one in (str(root), os.path.relpath(root, worktree))
        )
        is_there = re.search(rb"(?<![\w./~-])(?:%s)/?(?![\w./-])" % folders, said) is not None
        return is_there or any(os.fsencode(name) in said for name in names)


def _is_here(state: RunState, task: TaskId) -> bool:
    """Say whether the last attempt of a task was on this machine, whose files it can change."""
    attempt = state.tasks[task].attempt
    return attempt is not None and not attempt.place
