"""Watches which tasks would conflict, in a thread of its own; telemetry, but for a plan that orders by it.

Between looks only file times are read. A look costs a few git processes for each task at work, to
count what it has not committed, and one more that merges every pair nobody has asked for before.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from porch_tui.core import events as e
from porch_tui.core.plan import Order, TaskId
from porch_tui.core.prediction import Prediction, among_waiting, concerned, target_ref, worth_telling
from porch_tui.core.state import RunState
from porch_tui.engine.tools import Tools
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.prediction import Forecast, Pair, Verdict, predict, work_of
from porch_tui.git.stamps import branch_stamps, stamp, worktree_stamps
from porch_tui.journal import predictions
from porch_tui.journal.rundir import OUTPUT

POLL_S = 1.0
SOONEST_S = 2.0
"""From one look to the next, however much goes on."""
SHARE_BUSY, SHARE_QUIET = 10, 100
"""Looks take a tenth of one core at most while things change, and a hundredth while nothing seems to:
files that are edited and not staged show in no stamp."""
MOST_TASKS = 32
"""Of more, only those at work and the first in line: pairs grow with the square, at about 1 ms each."""
LOOKS_KEPT = 100
"""After so many looks the quarantine is emptied: it grows by a few objects a merge."""


class ConflictWatch:
    """Writes what it sees coming into the run's directory, until `end`."""

    def __init__(self, tools: Tools, state: Callable[[], RunState]) -> None:
        self._tools = tools
        self._state = state
        self._objects = tools.rundir.scratch / "predicted"
        self._seen: object = None
        self._looked_at, self._took_s = float("-inf"), 0.0
        self._looks = 0
        self._works: dict[TaskId, str] = {}
        """What each task at work was last seen to have."""
        self._known: dict[Pair, Forecast] = {}
        self._told: tuple[Prediction, ...] = ()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="predictions", daemon=True)

    def begin(self) -> None:
        """Start watching."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching; returns when the thread is gone."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()
        shutil.rmtree(self._objects, ignore_errors=True)

    def _watch(self) -> None:
        while not self._is_over.wait(POLL_S):
            # a full disk or a file that went away may cost predictions, never the run
            with suppress(RepositoryError, OSError):
                self.look_if_due()

    def look_if_due(self) -> None:
        """Look, unless nothing seems to have changed, or the last look was too short a time ago."""
        state = self._state()
        tasks = concerned(state)[:MOST_TASKS]
        if not tasks or state.closed_at is not None:
            return
        seen, at_work = self._stamps(state, tasks), any(state.tasks[task].is_active for task in tasks)
        if seen == self._seen and not at_work:
            return
        share = SHARE_QUIET if seen == self._seen else SHARE_BUSY
        began = time.monotonic()
        if began < self._looked_at + max(SOONEST_S, share * self._took_s):
            return
        try:
            self._look(state, tasks)
            self._seen = seen
        finally:
            self._looked_at = time.monotonic()
            self._took_s = self._looked_at - began

    def _stamps(self, state: RunState, tasks: tuple[TaskId, ...]) -> object:
        """Return a value that differs when there may be something new to predict."""
        seen: list[object] = [tasks, branch_stamps(self._tools.repository, state.target)]
        for task in tasks:
            attempt = state.tasks[task].attempt
            if state.tasks[task].is_active and attempt is not None:
                seen.append(worktree_stamps(self._tools.worktree(state, task)))
                seen.append(stamp(self._tools.rundir.attempt(str(attempt.id)) / OUTPUT))
            else:
                seen.append(state.entries[task].head)
        return seen

    def _look(self, state: RunState, tasks: tuple[TaskId, ...]) -> None:
        self._looks += 1
        if self._looks % LOOKS_KEPT == 0:
            shutil.rmtree(self._objects, ignore_errors=True)
            self._works.clear()
        commits = self._commits(state, tasks)
        if self._is_over.is_set():
            return
        pairs = {(commits[a], commits[b]) for a, b in combinations(commits, 2)}
        self._known = {pair: known for pair, known in self._known.items() if pair in pairs}
        fresh = sorted(pairs - self._known.keys())
        self._known |= predict(self._tools.repository, self._scratch, self._objects, fresh)
        self._tell(state, commits)

    @property
    def _scratch(self) -> Path:
        return self._tools.rundir.scratch

    def _commits(self, state: RunState, tasks: tuple[TaskId, ...]) -> dict[str, str]:
        """Return the commits to be compared by name: the target first, for its attributes are in force."""
        ref = target_ref(state)
        commits: dict[str, str] = {ref: refs.read(self._tools.repository, ref) or state.tip}
        for task in tasks:
            entry = state.entries.get(task)
            commit = entry.head if entry is not None else self._work(state, task)
            if commit is not None:
                commits[task] = commit
        return commits

    def _work(self, state: RunState, task: TaskId) -> str | None:
        """Return what the task at work has by now, or had when last it could be told."""
        if not self._is_over.is_set():
            with suppress(RepositoryError, OSError):
                worktree = self._tools.worktree(state, task)
                work = work_of(self._tools.repository, worktree, self._objects)
                if work is not None:
                    self._works[task] = work
        return self._works.get(task)

    def _tell(self, state: RunState, commits: Mapping[str, str]) -> None:
        found = []
        for a, b in combinations(commits, 2):
            forecast = self._known[commits[a], commits[b]]
            paths = worth_telling(forecast.paths, state.plan.predict_ignore)
            if forecast.verdict is Verdict.CONFLICT and paths is not None:
                is_target = a == target_ref(state)
                found.append(Prediction(b if is_target else a, a if is_target else b, paths))
        if tuple(found) != self._told:
            predictions.write(self._tools.rundir, tuple(found))
            self._told = tuple(found)
        pairs = among_waiting(state, found)
        if state.plan.order is Order.FEWEST_CONFLICTS and pairs != state.predicted:
            self._tools.offer(e.ConflictsPredicted(pairs))
