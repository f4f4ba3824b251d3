"""Watches which tasks would conflict, in a thread of its own; telemetry, but for a plan that orders by it.

Between looks only file times are read. A look costs a few git processes for each task at work, to
count what it has not committed, and one more that merges every pair nobody has asked for before.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from porch_tui.core.analysis.prediction import (
    Prediction,
    among_waiting,
    concerned,
    in_each_others_way,
    target_ref,
    worth_telling,
    yet_to_write,
)
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Order, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
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
from porch_tui.git.worktree.task_result import changed_paths
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


def _grounds(state: RunState, commits: Mapping[str, str]) -> dict[str, str]:
    """Return what each of the tasks was begun from: what is in there is not its own work."""
    attempts = {task: one.attempt for task, one in state.tasks.items() if task in commits}
    return {task: attempt.base for task, attempt in attempts.items() if attempt is not None}


def _has_just_begun(state: RunState, task: TaskId) -> bool:
    """Whether a task began so short a time ago that it hardly has changed anything: then git is not asked.

    That is when the worktrees of others are still being made, which keeps the disk busy.
    """
    attempt = state.tasks[task].attempt
    if attempt is None or attempt.keep_worktree or attempt.started_at is None:
        return False
    return 0 <= time.time() - attempt.started_at < SOONEST_S


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
        self._ask(pairs)
        grounds = _grounds(state, commits)
        inherited = {
            pair for a, b in _to_merge(commits, state) for pair in self._in_doubt(commits, grounds, a, b)
        }
        self._ask(inherited)
        self._known = {pair: self._known[pair] for pair in pairs | inherited}
        self._tell(state, commits, grounds)

    def _ask(self, pairs: Iterable[Pair]) -> None:
        """Find out of each pair that was not asked for before how it would merge."""
        fresh = sorted(set(pairs) - self._known.keys())
        self._known |= predict(self._tools.repository, self._scratch, self._objects, fresh)

    def _in_doubt(
        self, commits: Mapping[str, str], grounds: Mapping[str, str], a: str, b: str
    ) -> Iterator[Pair]:
        """Yield what tells whether a conflict is one's own, or was there in what it was begun from."""
        if self._known[commits[a], commits[b]].verdict is not Verdict.CONFLICT:
            return
        for one, other in ((a, b), (b, a)):
            if one in grounds and grounds.get(other) != grounds[one]:
                yield commits[other], grounds[one]

    def _own(
        self, commits: Mapping[str, str], grounds: Mapping[str, str], a: str, b: str
    ) -> tuple[str, ...] | None:
        """Return the conflicted paths of two that both had a part in; None if there is no such conflict."""
        paths = self._known[commits[a], commits[b]].paths
        for one, other in ((a, b), (b, a)):
            ground = grounds.get(one)
            before = self._known.get((commits[other], ground)) if ground is not None else None
            if ground is None or before is None or before.verdict is not Verdict.CONFLICT:
                continue
            git = self._tools.repository.main.git_with(quarantine(self._tools.repository, self._objects))
            changed = frozenset(changed_paths(git, ground, commits[one]))
            if not changed:
                return None
            left = tuple(path for path in paths if path in changed or path not in before.paths)
            if paths and not left:
                return None
            paths = left
        return paths

    @property
    def _scratch(self) -> Path:
        return self._tools.rundir.scratch

    def _commits(self, state: RunState, tasks: tuple[TaskId, ...]) -> dict[str, str]:
        """Return the commits to be compared by name: the target first, for its attributes are in force."""
        ref = target_ref(state)
        works = self._works_of(state, tasks)
        commits: dict[str, str] = {ref: refs.read(self._tools.repository, ref) or state.tip}
        if works:
            with suppress(RepositoryError, OSError):
                changed = branch_commit_now(self._tools.repository, state.target, self._objects)
                commits |= {UNCOMMITTED: changed} if changed is not None else {}
        return commits | works

    def _works_of(self, state: RunState, tasks: tuple[TaskId, ...]) -> dict[str, str]:
        """Return what each task that has changed something has by now."""
        works: dict[str, str] = {}
        for task in tasks:
            entry = state.entries.get(task)
            commit = entry.head if entry is not None else self._work(state, task)
            attempt = state.tasks[task].attempt
            # what has changed nothing so far conflicts with nobody
            if commit is not None and (attempt is None or commit != attempt.base):
                works[task] = commit
        return works

    def _work(self, state: RunState, task: TaskId) -> str | None:
        """Return what the task at work has by now, or had when last it could be told."""
        if _has_just_begun(state, task):
            self._works.pop(task, None)  # of an earlier attempt
        elif not self._is_over.is_set():
            with suppress(RepositoryError, OSError):
                worktree = self._tools.worktree(state, task)
                work = task_commit_now(self._tools.repository, worktree, self._objects)
                if work is not None:
                    self._works[task] = work
        return self._works.get(task)

    def _tell(self, state: RunState, commits: Mapping[str, str], grounds: Mapping[str, str]) -> None:
        found: list[Prediction] = []
        ref = target_ref(state)
        for a, b in _to_merge(commits, state):
            forecast = self._known[commits[a], commits[b]]
            if forecast.verdict is not Verdict.CONFLICT:
                continue
            own = self._own(commits, grounds, a, b)
            paths = None if own is None else worth_telling(own, state.plan.predict_ignore)
            if paths is None:
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
