"""Watches which tasks would conflict, in a thread of its own; telemetry, but for a plan that orders by it.

Between looks only file times are read. A look costs a few git processes for each task at work, to
count what it has not committed, and one more that merges every pair nobody has asked for before.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from porch_tui.core import events as e
from porch_tui.core.plan import Order, TaskId
from porch_tui.core.prediction import (
    Prediction,
    among_waiting,
    concerned,
    in_each_others_way,
    target_ref,
    worth_telling,
    yet_to_write,
)
from porch_tui.core.state import RunState
from porch_tui.core.telemetry import Sample
from porch_tui.engine.tools import Tools
from porch_tui.engine.watcher import Watcher
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.collecting import changed_paths
from porch_tui.git.prediction import Forecast, Pair, Verdict, predict, work_of, work_on
from porch_tui.git.quarantine import quarantine
from porch_tui.git.stamps import branch_stamps, stamp, worktree_stamps
from porch_tui.journal import predictions
from porch_tui.journal.rundir import OUTPUT

POLL_S = 1.0
SOONEST_S = 2.0
"""From one look to the next, however much goes on."""
SHARE_BUSY, SHARE_QUIET, SHARE_ASLEEP = 10, 100, 1000
"""Looks take a tenth of one core at most while things change, and a hundredth while nothing seems to:
files that are edited and not staged show in no stamp. Where no task has used the processor since, it takes
somebody from outside to edit them."""
MOST_TASKS = 32
"""Of more, only those at work and the first in line: pairs grow with the square, at about 1 ms each."""
LOOKS_KEPT = 100
"""After so many looks the quarantine is emptied: it grows by a few objects a merge."""


UNCOMMITTED = ":uncommitted"
"""Instead of a task's id: the target with what a person has changed in its checkout."""


def _to_merge(commits: Iterable[str], state: RunState) -> list[tuple[str, str]]:
    """Return the names of what is to be merged into what: all pairs, but the target with itself."""
    aside = (target_ref(state), UNCOMMITTED)
    return [pair for pair in combinations(commits, 2) if pair != aside]


class ConflictWatch(Watcher):
    """Writes what it sees coming into the run's directory, until `end`."""

    def __init__(
        self,
        tools: Tools,
        state: Callable[[], RunState],
        samples: Callable[[], Mapping[str, Sample]] = dict,
    ) -> None:
        """`samples` are the last of each attempt; without any, every task may be at work."""
        self._tools = tools
        self._state = state
        self._samples = samples
        self._used: Mapping[str, float] = {}
        self._objects = tools.rundir.scratch / "predicted"
        self._seen: object = None
        self._looked_at, self._took_s = float("-inf"), 0.0
        self._looks = 0
        self._works: dict[TaskId, str] = {}
        """What each task at work was last seen to have."""
        self._known: dict[Pair, Forecast] = {}
        self._told: tuple[Prediction, ...] = ()
        super().__init__("predictions")

    def end(self) -> None:
        """Stop watching, and leave no objects behind."""
        super().end()
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
        used = {attempt: sample.cpu_s for attempt, sample in self._samples().items()}
        quiet = SHARE_ASLEEP if used and used == self._used else SHARE_QUIET
        share = quiet if seen == self._seen else SHARE_BUSY
        began = time.monotonic()
        if began < self._looked_at + max(SOONEST_S, share * self._took_s):
            return
        try:
            self._look(state, tasks)
            self._seen, self._used = seen, used
        finally:
            self._looked_at = time.monotonic()
            self._took_s = self._looked_at - began

    def _stamps(self, state: RunState, tasks: tuple[TaskId, ...]) -> object:
        """Return a value that differs when there may be something new to predict."""
        repository = self._tools.repository
        target = branch_stamps(repository, state.target), stamp(repository.common_dir / "index")
        seen: list[object] = [tasks, tuple(yet_to_write(state)), target]
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
        pairs = {(commits[a], commits[b]) for a, b in _to_merge(commits, state)}
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
        with suppress(RepositoryError, OSError):
            changed = work_on(self._tools.repository, state.target, self._objects)
            commits |= {UNCOMMITTED: changed} if changed is not None else {}
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
        found: list[Prediction] = []
        ref = target_ref(state)
        for a, b in _to_merge(commits, state):
            forecast = self._known[commits[a], commits[b]]
            paths = worth_telling(forecast.paths, state.plan.predict_ignore)
            if forecast.verdict is not Verdict.CONFLICT or paths is None:
                continue
            if a == UNCOMMITTED:
                told = {path for one in found if (one.a, one.b) == (b, ref) for path in one.paths}
                paths = tuple(path for path in paths if path not in told)
                found += [Prediction(b, ref, paths, is_uncommitted=True)] if paths else []
            else:
                found.append(Prediction(b, a, paths) if a == ref else Prediction(a, b, paths))
        if tuple(found) != self._told:
            predictions.write(self._tools.rundir, tuple(found))
            self._told = tuple(found)
        in_line = among_waiting(state, found) if state.plan.order is Order.FEWEST_CONFLICTS else ()
        pairs = tuple(sorted({*in_line, *in_each_others_way(state, self._changed(state, commits))}))
        if pairs != state.predicted:
            self._tools.offer(e.ConflictsPredicted(pairs))

    def _changed(self, state: RunState, commits: Mapping[str, str]) -> dict[TaskId, tuple[str, ...]]:
        """Return what each task that is compared has changed by now; of nobody, if no task waits to write."""
        if not yet_to_write(state):
            return {}
        tasks = [task for task in state.tasks if task in commits]
        git = self._tools.repository.main.git_with(quarantine(self._tools.repository, self._objects))
        return {
            task: changed_paths(git, attempt.base, commits[task])
            for task in tasks
            if (attempt := state.tasks[task].attempt) is not None
        }
