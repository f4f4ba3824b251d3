"""Watches over what worktrees share and what lies beside them: stashes, and whose files were written by whom.

Nothing is prevented, and nothing is put back. What is seen is told once, with the tasks that may have
done it: one that was at work in the place is named; else only who ran, for it may have been the person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
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
from porch_tui.process import liveness
from porch_tui.process.processes import working_directories

POLL_S = 0.2
"""A stash that is popped sooner is not seen; between stashes this costs a `stat`."""
SOONEST_S = 2.0
"""From one look at the files to the next."""
SHARE = 20
"""Looks take a twentieth of one core at most (`git status`: 4 ms in a small tree, 170 in a large one),"""
QUIET = 5
"""and a fifth of that while nothing runs."""
MOST_PLACES = 16
"""Worktrees of tasks that have ended, the latest first."""

Place = TaskId | None
"""Whose worktree; None is the main one."""


class OutsideChangesWatch(Watcher):
    """Offers what it sees, in a thread of its own, until `end`."""

    def __init__(self, tools: Tools, state: Callable[[], RunState]) -> None:
        self._tools = tools
        self._state = state
        self._stash: object = None
        self._prints: dict[Place, Fingerprint] = {}
        self._looked_at, self._took_s = 0.0, 0.0
        self._told: dict[Place, set[str]] = {}
        super().__init__("guard")

    def _watch(self) -> None:
        is_last = False  # once it is over, what is new by now is told as well
        while True:
            # a full disk or a file that went away may cost a warning, never the run
            self._tools.configuration.look()
            with suppress(RepositoryError, OSError):
                self.look_at_stashes()
            with suppress(RepositoryError, OSError):
                self.look_around(is_last)
            if is_last:
                return
            is_last = self._is_over.wait(POLL_S)

    def look_at_stashes(self) -> None:
        """Keep the stashes that were made since the run began."""
        state, seen = self._state(), stashes.stamp(self._tools.repository)
        if seen == self._stash or state.closed_at is not None:
            return
        for stash in stashes.made_since(self._tools.repository, state.opened_at):
            ref = stashes.keep(self._tools.repository, state.run, stash)
            if ref is not None:
                text = (
                    f"somebody stashed ({stash.message}); all worktrees share stashes, so another may pop it"
                )
                self._tools.offer(e.Noticed(f"{text}: it is kept as {ref}"))
        self._stash = seen

    def look_around(self, is_last: bool = False) -> None:
        """Compare the main worktree, and those of tasks that do not run, with the last look, when due."""
        state, began = self._state(), time.time()
        ran = _ran_since(state, self._looked_at)
        pause_s = max(SOONEST_S, SHARE * self._took_s) * (1 if ran else QUIET)
        # what the last tasks did is looked at while their work is validated: at the end someone waits for it
        is_due = began >= self._looked_at + pause_s or (ran and (is_last or not state.active))
        if not is_due:
            return
        repository = self._tools.repository
        # a landing is half done in the checkout for a moment, and that is nobody's writing
        with exclusive(landing_lock(repository), "look at the checkout", wait_s=0.0):
            places = self._places(state)
            if all(known.status is TaskStatus.SUCCEEDED for known in state.tasks.values()):
                # nothing runs any more: what is not known yet will not be compared with anything
                places = {place: tree for place, tree in places.items() if place in self._prints}
            prints = {place: fingerprint(tree) for place, tree in places.items()}
        known = {place: now for place, now in prints.items() if place in self._prints} if ran else {}
        news = {place: paths for place, now in known.items() if (paths := changed(self._prints[place], now))}
        # all processes are gone through for each task: only once there is something to explain
        visits = self._visits(state) if news else {}
        for place, paths in news.items():
            self._tell(state, place, paths, ran, visits)
        self._prints, self._looked_at, self._took_s = prints, began, time.time() - began

    def _places(self, state: RunState) -> dict[Place, WorkingTree]:
        ended = [task for task, known in state.tasks.items() if known.attempts and not known.is_active]
        ended.sort(key=lambda task: state.tasks[task].attempts[-1].ended_at or 0.0, reverse=True)
        found: dict[Place, WorkingTree] = {None: self._tools.repository.main}
        for task in ended[:MOST_PLACES]:
            with suppress(NotItsFolderError):  # it is gone, or somebody's own by now
                found[task] = self._tools.repository.at(self._tools.worktree(state, task))
        return found

    def _visits(self, state: RunState) -> dict[TaskId, set[Path]]:
        """Return where each task at work has processes this moment."""
        found = {}
        for task in state.active:
            attempt = state.tasks[task].attempt
            assert attempt is not None  # it is active
            living = liveness.find(self._tools.rundir.attempt(str(attempt.id)))
            if isinstance(living, liveness.Running):
                found[task] = working_directories(living.shim_pid)
        return found

    def _tell(
        self,
        state: RunState,
        place: Place,
        paths: tuple[str, ...],
        ran: tuple[TaskId, ...],
        visits: Mapping[TaskId, set[Path]],
    ) -> None:
        news = [path for path in paths if path not in self._told.setdefault(place, set())]
        if not news:
            return
        self._told[place].update(news)
        root = self._tools.repository.root if place is None else self._tools.worktree(state, place)
        at_work = tuple(task for task in visits if any(one.is_relative_to(root) for one in visits[task]))
        where = "your own checkout" if place is None else f"the worktree of {place}, which is not running,"
        text = f"{where} changed: {listed(news)}"
        if at_work:
            told = f"{text}; {listed(at_work)} had processes at work there"
        else:
            told = f"{text}, while {listed(ran)} ran; it cannot be told whether that was a task or you"
        who = at_work[0] if len(at_work) == 1 else None
        self._tools.offer(e.Noticed(told, who))
        attempt = state.tasks[who].attempt if who is not None else None
        if attempt is not None:
            text = f"was at work outside its worktree: in {where.rstrip(',')}, where {listed(news)} changed"
            self._tools.offer(e.AttemptEscaped(attempt.id, text))


def _ran_since(state: RunState, at: float) -> tuple[TaskId, ...]:
    """Return the tasks that run, or have ended since then."""
    return tuple(
        task
        for task, known in state.tasks.items()
        if known.is_active or (known.attempts and (known.attempts[-1].ended_at or 0.0) >= at > 0)
    )
