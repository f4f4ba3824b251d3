"""Predicts which tasks will conflict, for display and for plans that order tasks by it.

Between looks only file times are read. A look costs a few git processes per running task, to include its
uncommitted work, and one more that merges every new pair.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import combinations

from porch_tui.core.merge_queue.prediction import (
    Prediction,
    among_waiting,
    concerned,
    in_each_others_way,
    target_ref,
    worth_reporting,
    yet_to_write,
)
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Order, TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.changes import changed_paths
from porch_tui.git.fingerprints import branch_stamps, stamp, worktree_stamps
from porch_tui.git.merge.prediction import (
    Forecast,
    Pair,
    Verdict,
    branch_commit_now,
    predict,
    task_commit_now,
)
from porch_tui.git.objects import quarantine
from porch_tui.git.runner import Git
from porch_tui.journal import predictions
from porch_tui.journal.rundir import OUTPUT

LEAST_PAUSE_S = 2.0
"""Between two looks."""
BUSY_FACTOR, QUIET_FACTOR, IDLE_FACTOR = 10, 100, 1000
"""A look is followed by a pause of this many times its duration: 10 while stamps change, 100 while they do
not (edits that are not staged show in no stamp), 1000 while no task uses the CPU."""
MOST_TASKS = 32
"""Of more, only running tasks and the first in the queue: pairs grow with the square, at about 1 ms each."""
EMPTY_EVERY = 100
"""Looks, after which the quarantine is emptied: it grows by a few objects per merge."""

UNCOMMITTED = ":uncommitted"
"""In place of a task's id: the target with the person's uncommitted changes."""


class ConflictWatch(Watcher):
    """Writes predicted conflicts into the run's directory."""

    def __init__(
        self,
        tools: Tools,
        state: Callable[[], RunState],
        samples: Callable[[], Mapping[str, Sample]] = dict,
    ) -> None:
        """`samples` are the last of each attempt; without any, every task counts as busy."""
        self._tools = tools
        self._state = state
        self._samples = samples
        self._used: Mapping[str, float] = {}
        self._objects = tools.rundir.scratch / "predicted"
        self._seen: object = None
        self._looked_at, self._took_s = float("-inf"), 0.0
        self._looks = 0
        self._works: dict[TaskId, str] = {}
        """The last known commit of each running task."""
        self._known: dict[Pair, Forecast] = {}
        self._written: tuple[Prediction, ...] = ()
        super().__init__("predictions", period_s=1.0)

    def end(self) -> None:
        """Stop watching, and delete the objects."""
        super().end()
        shutil.rmtree(self._objects, ignore_errors=True)

    def look(self) -> None:
        """Predict, unless nothing seems to have changed, or the last look was too recent."""
        # a full disk or a file that went away may cost predictions, never the run
        with suppress(RepositoryError, OSError):
            self._look_if_due()

    def _look_if_due(self) -> None:
        state = self._state()
        tasks = concerned(state)[:MOST_TASKS]
        if not tasks or state.closed_at is not None:
            return
        seen, at_work = self._stamps(state, tasks), any(state.tasks[task].is_active for task in tasks)
        if seen == self._seen and not at_work:
            return
        used = {attempt: sample.cpu_s for attempt, sample in self._samples().items()}
        quiet = IDLE_FACTOR if used and used == self._used else QUIET_FACTOR
        factor = quiet if seen == self._seen else BUSY_FACTOR
        began = time.monotonic()
        if began < self._looked_at + max(LEAST_PAUSE_S, factor * self._took_s):
            return
        try:
            self._predict(state, tasks)
            self._seen, self._used = seen, used
        finally:
            self._looked_at = time.monotonic()
            self._took_s = self._looked_at - began

    def _stamps(self, state: RunState, tasks: tuple[TaskId, ...]) -> object:
        """Return a value that changes when there may be something new to predict."""
        repository = self._tools.repository
        target = branch_stamps(repository, state.target.name), stamp(repository.common_dir / "index")
        seen: list[object] = [tasks, tuple(yet_to_write(state)), target]
        for task in tasks:
            attempt = state.tasks[task].attempt
            if state.tasks[task].is_active and attempt is not None and attempt.place:
                seen.append(self._so_far(attempt))
            elif state.tasks[task].is_active and attempt is not None:
                seen.append(worktree_stamps(self._tools.worktree(state, task)))
                seen.append(stamp(self._tools.rundir.attempt(str(attempt.id)) / OUTPUT))
            else:
                seen.append(state.entries[task].head)
        return seen

    def _predict(self, state: RunState, tasks: tuple[TaskId, ...]) -> None:
        self._looks += 1
        if self._looks % EMPTY_EVERY == 0:
            shutil.rmtree(self._objects, ignore_errors=True)
            self._works.clear()
        commits = self._commits(state, tasks)
        if self._is_over.is_set():
            return
        with_itself = (target_ref(state), UNCOMMITTED)
        names = [pair for pair in combinations(commits, 2) if pair != with_itself]
        attempts = {task: one.attempt for task, one in state.tasks.items() if task in commits}
        # what a task started from is not its own work
        bases: dict[str, str] = {task: one.base for task, one in attempts.items() if one is not None}
        pairs = {(commits[a], commits[b]) for a, b in names}
        self._merge(pairs)
        conflicts = [
            (a, b) for a, b in names if self._known[commits[a], commits[b]].verdict is Verdict.CONFLICT
        ]
        base_pairs = {
            (commits[other], bases[one])
            for a, b in conflicts
            for one, other in ((a, b), (b, a))
            if one in bases and bases.get(other) != bases[one]
        }  # these tell whether a conflict is a task's own, or was in its base already
        self._merge(base_pairs)
        self._known = {pair: self._known[pair] for pair in pairs | base_pairs}
        found = tuple(self._predictions(state, commits, bases, conflicts))
        if found != self._written:
            predictions.write(self._tools.rundir, found)
            self._written = found
        waiting = among_waiting(state, found) if state.plan.order is Order.FEWEST_CONFLICTS else ()
        changed = {
            TaskId(task): changed_paths(self._git, base, commits[task])
            for task, base in (bases.items() if yet_to_write(state) else ())
        }
        ordered = tuple(sorted({*waiting, *in_each_others_way(state, changed)}))
        if ordered != state.predictions.pairs:
            self._tools.offer(e.ConflictsPredicted(ordered))

    def _merge(self, pairs: Iterable[Pair]) -> None:
        """Merge each new pair."""
        new = sorted(set(pairs) - self._known.keys())
        self._known |= predict(self._tools.repository, self._tools.rundir.scratch, self._objects, new)

    def _predictions(
        self,
        state: RunState,
        commits: Mapping[str, str],
        bases: Mapping[str, str],
        conflicts: Iterable[tuple[str, str]],
    ) -> list[Prediction]:
        found: list[Prediction] = []
        ref = target_ref(state)
        for a, b in conflicts:
            own = self._own(commits, bases, a, b)
            paths = None if own is None else worth_reporting(own, state.plan.predict_ignore)
            if paths is None:
                continue
            if a == UNCOMMITTED:
                known = {path for one in found if (one.a, one.b) == (b, ref) for path in one.paths}
                paths = tuple(path for path in paths if path not in known)
                found += [Prediction(b, ref, paths, is_uncommitted=True)] if paths else []
            else:
                found.append(Prediction(b, a, paths) if a == ref else Prediction(a, b, paths))
        return found

    def _own(
        self, commits: Mapping[str, str], bases: Mapping[str, str], a: str, b: str
    ) -> tuple[str, ...] | None:
        """Return the conflicted paths that both of two have changed; None if there is no such conflict."""
        paths = self._known[commits[a], commits[b]].paths
        for one, other in ((a, b), (b, a)):
            base = bases.get(one)
            before = self._known.get((commits[other], base)) if base is not None else None
            if base is None or before is None or before.verdict is not Verdict.CONFLICT:
                continue
            changed = frozenset(changed_paths(self._git, base, commits[one]))
            if not changed:
                return None
            left = tuple(path for path in paths if path in changed or path not in before.paths)
            if paths and not left:
                return None
            paths = left
        return paths

    def _commits(self, state: RunState, tasks: tuple[TaskId, ...]) -> dict[str, str]:
        """Return the commits to compare by name. The target comes first: its attributes apply."""
        works: dict[str, str] = {}
        for task in tasks:
            entry, attempt = state.entries.get(task), state.tasks[task].attempt
            commit = entry.head if entry is not None else self._work(state, task)
            if commit is not None and (attempt is None or commit != attempt.base):
                works[task] = commit
        ref = target_ref(state)
        commits: dict[str, str] = {ref: refs.read(self._tools.repository, ref) or state.target.tip}
        if works:
            with suppress(RepositoryError, OSError):
                changed = branch_commit_now(self._tools.repository, state.target.name, self._objects)
                commits |= {UNCOMMITTED: changed} if changed is not None else {}
        return commits | works

    def _work(self, state: RunState, task: TaskId) -> str | None:
        """Return the present commit of a running task, or the last known one.

        Git is not asked about one that has just started and has hardly changed anything: the worktrees of
        other tasks are being created at that time, which keeps the disk busy.
        """
        attempt = state.tasks[task].attempt
        if attempt is not None and attempt.place:
            return self._so_far(attempt)
        began = None if attempt is None or attempt.keep_worktree else attempt.started_at
        if began is not None and 0 <= time.time() - began < LEAST_PAUSE_S:
            self._works.pop(task, None)  # of an earlier attempt
        elif not self._is_over.is_set():
            with suppress(RepositoryError, OSError):
                worktree = self._tools.worktree(state, task)
                work = task_commit_now(self._tools.repository, worktree, self._objects)
                if work is not None:
                    self._works[task] = work
        return self._works.get(task)

    def _so_far(self, attempt: Attempt) -> str | None:
        """Return what a running attempt elsewhere has done, as its host last offered; None: not yet."""
        ref = self._tools.refs.so_far(attempt.id.task, attempt.id.number)
        return refs.read(self._tools.repository, ref)

    @property
    def _git(self) -> Git:
        """Git that sees the predicted merges."""
        return self._tools.repository.main.git_with(quarantine(self._tools.repository, self._objects))
