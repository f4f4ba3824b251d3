"""What runs of a plan have shown about it: undeclared paths, conflicts, estimates that are far off.

A run leaves what was observed of its tasks (`Observed`); lessons are derived from that and the plan as it is
now. So nothing has to be forgotten on purpose: what the plan says by now, or no longer has, is no lesson.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct, field

from porch_tui.core.advice.edits import Edit, Key
from porch_tui.core.files.globs import matches, outside
from porch_tui.core.model.plan import Kind, Plan, RunId, TaskId, TaskSpec
from porch_tui.core.model.wording import all_of, listed
from porch_tui.core.relations.relations import Cause, Evidence, Level
from porch_tui.core.tasks.growing_order import GrowingOrder

MOST_PATTERNS = 6
"""What a task is advised to declare; more than this says too little."""
FILES_OF_A_FOLDER = 3
"""From so many changed files in one folder on, the folder is declared."""
MOST_COMPARED = 20
"""Of the tasks that wrote one path."""
FAR_OFF, FAR_OFF_S = 2.0, 60.0
"""An estimate is far off from this factor and this difference on: below, no one would plan differently."""


class Clash(Struct, frozen=True):
    """A task that could not be combined with others."""

    task: TaskId
    others: tuple[TaskId, ...]
    paths: tuple[str, ...] = ()
    """In which they conflict; empty: it merges, passes alone, and fails on top of the others."""


class Disturbance(Struct, frozen=True):
    """A failed attempt that says that something it shares with others was in use."""

    task: TaskId
    text: str
    """The line of its output, such as `OSError: [Errno 98] Address already in use`."""
    lock: str
    """What a lock for it would be called, such as `port`."""
    beside: tuple[TaskId, ...]
    """What ran at that time."""


class Observed(Struct, frozen=True):
    """What a run has shown of its tasks, as far as it may teach something about their plan."""

    run: RunId
    plan: str
    """The plan's name."""
    at: float
    """Seconds since the epoch."""
    took_s: Mapping[TaskId, float] = field(default_factory=dict)
    """Of each task that ended well: how long its last attempt took, without pauses."""
    wrote: Mapping[TaskId, tuple[str, ...]] = field(default_factory=dict)
    """The paths that each of them has changed; of one that changed very many, nothing."""
    clashes: tuple[Clash, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()


class Lesson(Struct, frozen=True):
    """One thing that a run has shown and the plan does not say."""

    text: str
    """One sentence, without its full stop."""
    run: RunId
    edits: tuple[Edit, ...] = ()
    """What the plan would say; empty: nothing it has a key for."""
    is_minor: bool = False
    """Advice for the next check, and no news of the run: nothing went wrong for it."""


def lessons(plan: Plan, observed: Iterable[Observed]) -> tuple[Lesson, ...]:
    """Return what the plan does not say although its runs, the newest first, have shown it.

    A task is judged by the last run in which it ended well, two tasks by the last in which both did.
    """
    runs = tuple(one for one in observed if one.plan == plan.name)
    if not runs:
        return ()
    history = _History(plan, runs)
    return (*_clashes(history), *_disturbances(history), *_undeclared(history), *_estimates(history))


class _History:
    """A plan and its runs, the newest first."""

    def __init__(self, plan: Plan, runs: tuple[Observed, ...]) -> None:
        self.plan, self.runs = plan, runs
        self.specs = {spec.id: spec for spec in plan.tasks}
        self.declared = GrowingOrder(plan)
        self.order = GrowingOrder(plan)
        """With what lessons add to it."""

    def is_last_of(self, run: Observed, *tasks: TaskId) -> bool:
        """Say whether no later run had all of these tasks end well, and the plan still has them."""
        later = self.runs[: self.runs.index(run)]
        return all(task in self.specs for task in tasks) and not any(
            one.took_s.keys() >= {*tasks} for one in later
        )

    def last(self, task: TaskId) -> Observed | None:
        """Return the last run in which a task ended well."""
        return next((run for run in self.runs if task in run.took_s), None)


def _clashes(history: _History) -> Iterator[Lesson]:
    """Yield which tasks could not be combined when they last ran side by side."""
    for run in history.runs:
        for clash in run.clashes:
            others = [one for one in clash.others if history.is_last_of(run, clash.task, one)]
            if earlier := [one for one in others if history.order.add(clash.task, one)]:
                yield _clash_lesson(run, clash, earlier)


def _clash_lesson(run: Observed, clash: Clash, earlier: Sequence[TaskId]) -> Lesson:
    others = all_of(earlier)
    text = f"{clash.task} passed alone, and failed on top of {others}"
    if clash.paths:
        text = f"{clash.task} conflicted with {others} in {listed(clash.paths)}"
    thing = next(iter(clash.paths), "the combined state")
    evidence = Evidence(Level.HISTORY, Cause.OVERLAP, f"{text}, in run {run.run}", thing)
    reason = f"{text} in an earlier run; after {others} it starts from what has landed"
    return Lesson(text, run.run, (Edit(clash.task, Key.AFTER, tuple(earlier), reason, (evidence,)),))


def _disturbances(history: _History) -> Iterator[Lesson]:
    """Yield which tasks failed since something they share with others was in use."""
    for run in history.runs:
        for one in run.disturbances:
            beside = [task for task in one.beside if history.is_last_of(run, one.task, task)]
            apart = [task for task in beside if not _is_kept_apart(history, one.task, task)]
            if apart:
                yield _disturbance_lesson(run, one, apart)


def _is_kept_apart(history: _History, a: TaskId, b: TaskId) -> bool:
    locks = [set(history.specs[task].locks) for task in (a, b)]
    return bool(locks[0] & locks[1]) or history.order.is_ordered(a, b)


def _disturbance_lesson(run: Observed, one: Disturbance, beside: Sequence[TaskId]) -> Lesson:
    text = f"{one.task} failed while {all_of(beside)} ran: {one.text}"
    if len(beside) > 1:  # which of them it was is not known
        return Lesson(f"{text}; a lock keeps apart what cannot run side by side", run.run)
    evidence = Evidence(Level.HISTORY, Cause.SHARED_STATE, f"{text} (run {run.run})", one.lock)
    reason = f"{text}, in an earlier run"
    tasks = (one.task, *beside)
    return Lesson(
        text, run.run, tuple(Edit(task, Key.LOCKS, (one.lock,), reason, (evidence,)) for task in tasks)
    )


def _undeclared(history: _History) -> Iterator[Lesson]:
    """Yield what tasks have written and do not declare: first what several wrote, then what only one did."""
    undeclared = {spec.id: paths for spec in history.plan.tasks if (paths := _undeclared_by(history, spec))}
    edits = {task: edit for task, paths in undeclared.items() if (edit := _paths_edit(history, task, paths))}
    shared = _shared(history, undeclared)

    def lesson(text: str, tasks: Sequence[TaskId], *, is_minor: bool = False) -> Lesson:
        run = history.last(tasks[0])
        assert run is not None  # what it wrote is known from there
        return Lesson(text, run.run, tuple(edits[task] for task in tasks if task in edits), is_minor)

    for writers, paths in shared.items():
        blamed = [task for task in writers if not undeclared.get(task, frozenset()).isdisjoint(paths)]
        both, two = ("both ", "neither declares") if len(writers) == 2 else ("", "none of them declares")
        who = two if len(blamed) == len(writers) else f"{all_of(blamed)} did not declare"
        yield lesson(f"{all_of(writers)} {both}wrote {listed(sorted(paths))}, which {who}", blamed)
    reported = frozenset[str]().union(*shared.values())
    for task, paths in undeclared.items():
        if history.specs[task].paths and (own := paths - reported):
            yield lesson(f"{task} wrote {listed(sorted(own))}, which it did not declare", [task])
    if quiet := [task for task in edits if not history.specs[task].paths]:
        who = "it" if len(quiet) == 1 else "they"
        text = f"{all_of(quiet)} declared no paths; what {who} wrote is known now"
        yield lesson(text, quiet, is_minor=True)


def _undeclared_by(history: _History, spec: TaskSpec) -> frozenset[str]:
    """Return what a task wrote last time and does not declare."""
    run = history.last(spec.id)
    if run is None or spec.kind is not Kind.CHANGE:
        return frozenset()
    return frozenset(outside(spec.paths, outside(history.plan.predict_ignore, run.wrote.get(spec.id, ()))))


def _shared(
    history: _History, undeclared: Mapping[TaskId, frozenset[str]]
) -> dict[tuple[TaskId, ...], frozenset[str]]:
    """Return by writers what several tasks wrote that nothing orders, and not all of them declare."""
    writers: dict[str, list[TaskId]] = defaultdict(list)
    for spec in history.plan.tasks:
        run = history.last(spec.id)
        for path in run.wrote.get(spec.id, ()) if run is not None and spec.kind is Kind.CHANGE else ():
            writers[path].append(spec.id)
    found: dict[tuple[TaskId, ...], frozenset[str]] = {}
    for path in frozenset[str]().union(*undeclared.values()):
        tasks = tuple(writers[path])
        if any(not history.declared.is_ordered(*pair) for pair in combinations(tasks[:MOST_COMPARED], 2)):
            found[tasks] = found.get(tasks, frozenset()) | {path}
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), sorted(item[1]))))


def _paths_edit(history: _History, task: TaskId, paths: frozenset[str]) -> Edit | None:
    """Return what a task should declare; None if no few patterns say it."""
    patterns = patterns_for(paths)
    if not patterns:
        return None
    text = f"{task} wrote {listed(sorted(paths))} in an earlier run"
    return Edit(task, Key.PATHS, patterns, text, (Evidence(Level.HISTORY, Cause.OVERLAP, text, patterns[0]),))


def patterns_for(paths: Iterable[str]) -> tuple[str, ...]:
    """Return a few patterns that cover the paths, folders where they say it better; nothing if few cannot."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_folder[path.rpartition("/")[0]].append(path)
    patterns: list[str] = []
    for folder, inside in by_folder.items():
        patterns += [f"{folder}/**"] if folder and len(inside) >= FILES_OF_A_FOLDER else inside
    patterns = [one for one in patterns if not any(matches(other, one) for other in patterns if other != one)]
    is_text = all(one.isprintable() and one == one.strip() for one in patterns)
    return tuple(patterns) if is_text and len(patterns) <= MOST_PATTERNS else ()


def _estimates(history: _History) -> Iterator[Lesson]:
    """Yield which estimates of the plan are far off."""
    for spec in history.plan.tasks:
        run = history.last(spec.id)
        if run is None or not spec.estimate_s:
            continue
        took, said = run.took_s[spec.id], spec.estimate_s
        if max(took, said) >= FAR_OFF * min(took, said) and abs(took - said) >= FAR_OFF_S:
            yield Lesson(f"{spec.id} took {took:.0f} s; its estimate is {said:.0f} s", run.run)
