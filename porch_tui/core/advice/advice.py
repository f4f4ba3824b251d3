"""What to change in a plan, as edits: from what relates its tasks, what its runs have shown, and its tests.

An edit says no more than its evidence. A lock is for what worktrees do not separate; `after` for what another
task makes, and for what merges badly; `paths` for what is known to be written; `checks` for tests that are
there. Tasks that are in order or take turns already need nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import pairwise

from porch_tui.core.advice.edits import Edit, Key, values_of, with_edits
from porch_tui.core.advice.lessons import MOST_PATTERNS, Lesson
from porch_tui.core.files.globs import may_meet
from porch_tui.core.files.near_tests import NearTests, runs_tests
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec
from porch_tui.core.model.wording import all_of, listed
from porch_tui.core.relations.pairs import Relations
from porch_tui.core.relations.relations import Cause, Evidence, Level, Pair, Quote, Relation
from porch_tui.core.relations.schema_changes import schema_changes
from porch_tui.core.relations.task_uses import Mention
from porch_tui.core.tasks.growing_order import GrowingOrder

MOST_TESTED = 1000
"""Tasks of a plan for which tests are searched: more were written by a program."""
LOCK_LENGTH = 40
MERGES_BADLY = (
    "*.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "bun.lockb", "go.sum",
    "Gemfile.lock", "composer.lock", "*.snap", "*.min.js",
)  # fmt: skip
"""Names of files that programs write as a whole: two versions of one conflict nearly always."""


def advise(
    plan: Plan, related: Relations, tracked: Collection[str], learned: Iterable[Lesson] = ()
) -> tuple[Edit, ...]:
    """Return edits of the plan, the surest first, none of which says what another one or the plan says.

    `related` says how its tasks are related, `tracked` are the paths of the files at the base. With all edits
    the plan is still free of cycles.
    """
    found = _Advice(plan, related)
    edits = [
        *found.of_lessons(learned),
        *found.of_schema(tracked),
        *found.of_order(),
        *found.of_locks(),
        *found.of_paths(),
    ]
    edits += found.of_checks(tracked, edits)
    return tuple(_without_repetitions(plan, edits))


def _without_repetitions(plan: Plan, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits without values that the plan or an earlier edit has; of several `checks`, the first.

    What `each` makes is written once for all, so only locks can be advised for it.
    """
    specs = {spec.id: spec for spec in plan.tasks}
    known: dict[tuple[TaskId, Key], set[str]] = {}
    for edit in edits:
        there = known.setdefault((edit.task, edit.key), set(values_of(specs[edit.task], edit.key)))
        new = tuple(value for value in dict.fromkeys(edit.add) if value not in there)
        if specs[edit.task].group and edit.key is not Key.LOCKS:
            continue
        if new and not (edit.key is Key.CHECKS and there):
            there.update(new)
            yield Edit(edit.task, edit.key, new, edit.reason, edit.evidence)


class _Advice:
    """The rules, and the order of tasks as it grows with their edits."""

    def __init__(self, plan: Plan, related: Relations) -> None:
        self._plan = plan
        self._specs = {spec.id: spec for spec in plan.tasks}
        self._order = GrowingOrder(plan)
        self._uses = related.uses
        self._pairs = [pair for pair in related.pairs if pair.relation is Relation.CONFLICTING]

    def of_lessons(self, learned: Iterable[Lesson]) -> Iterator[Edit]:
        """Yield what earlier runs have shown."""
        for edit in (edit for lesson in learned for edit in lesson.edits):
            if edit.key is not Key.AFTER:
                yield edit
            elif earlier := tuple(one for one in edit.add if self._order.add(edit.task, TaskId(one))):
                yield Edit(edit.task, edit.key, earlier, edit.reason, edit.evidence)

    def of_schema(self, tracked: Collection[str]) -> Iterator[Edit]:
        """Yield a sequence of the tasks that add to one series of migrations."""
        for series, tasks in schema_changes(self._uses, tracked).items():
            text = f"{all_of(tasks)} add to {series}"
            for earlier, later in pairwise(tasks):
                if self._order.add(later, earlier):
                    evidence = Evidence(Level.TEXT, Cause.SHARED_STATE, text, series)
                    reason = f"{text}: each migration is built on the previous one"
                    yield Edit(later, Key.AFTER, (earlier,), reason, (evidence,))

    def of_order(self) -> Iterator[Edit]:
        """Yield which tasks should come after which: readers after writers, and what would merge badly."""
        for pair, one in self._evidence():
            if one.cause is Cause.READS:
                earlier, later = self._writer_first(pair, one)
                reason = f"{one.text}; after {earlier}, {later} reads what has landed"
            elif one.cause is Cause.SHARED_STATE and self._both_add_migrations(pair, one):
                earlier, later = pair.a, pair.b
                reason = f"{one.text}: each migration is built on the previous one"
            elif one.cause is Cause.OVERLAP and _merges_badly(one.thing):
                earlier, later = pair.a, pair.b
                reason = f"{one.text}, which a program writes as a whole: two versions of it conflict"
            else:
                continue
            if self._order.add(later, earlier):
                yield Edit(later, Key.AFTER, (earlier,), reason, (one,))

    def of_locks(self) -> Iterator[Edit]:
        """Yield locks for what worktrees do not separate."""
        users: dict[str, dict[TaskId, Evidence]] = {}
        for pair, one in self._evidence():
            if one.cause is Cause.SHARED_STATE and not self._order.is_ordered(pair.a, pair.b):
                for task in (pair.a, pair.b):
                    users.setdefault(one.thing, {}).setdefault(task, one)
        for thing, tasks in users.items():
            lock = self._lock_for(thing, tasks)
            who = f"{all_of(list(tasks))} {'both ' if len(tasks) == 2 else ''}use {thing}"
            for task, one in tasks.items():
                yield Edit(task, Key.LOCKS, (lock,), f"{who}, which worktrees do not separate", (one,))

    def of_paths(self) -> Iterator[Edit]:
        """Yield what tasks are seen to write and do not declare.

        What a command alone writes is read from its text each time, and needs no declaration unless others
        write it too, or the task declares something else.
        """
        common = {
            (task, one.thing)
            for pair, one in self._evidence()
            if one.cause is Cause.OVERLAP
            for task in (pair.a, pair.b)
        }
        for task in self._uses:
            spec, found = task.spec, dict[str, Mention]()
            is_plain = task.is_understood and not spec.paths
            for one in task.writes if spec.kind is Kind.CHANGE else ():
                is_new = not any(may_meet(pattern, one.use.name) for pattern in spec.paths)
                is_needed = not is_plain or (spec.id, one.use.name) in common
                if is_new and is_needed and _can_be_declared(one.use.name):
                    found.setdefault(one.use.name, one)
            if found and len(found) <= MOST_PATTERNS:
                how = "is asked to write" if spec.prompt else "writes"
                text = f"{spec.id} {how} {listed(list(found))}"
                quotes = tuple(_quote(spec, one) for one in found.values())
                evidence = Evidence(Level.TEXT, Cause.OVERLAP, text, next(iter(found)), quotes)
                yield Edit(spec.id, Key.PATHS, tuple(found), f"{text}, and does not declare it", (evidence,))

    def of_checks(self, tracked: Collection[str], edits: Iterable[Edit]) -> Iterator[Edit]:
        """Yield tests for tasks that have none of their own; `edits` may say what more they write."""
        tasks = with_edits(self._plan, (edit for edit in edits if edit.key is Key.PATHS)).tasks
        untested = [spec for spec in tasks if is_untested(spec)][:MOST_TESTED]
        near = NearTests(self._plan, tracked) if untested and tracked else None
        for spec in untested if near else ():
            if near and (command := near.command_for(spec.paths)):
                reason = f"{spec.id} has no checks, and these tests belong to what it writes"
                yield Edit(spec.id, Key.CHECKS, (command,), reason)

    def _evidence(self) -> Iterator[tuple[Pair, Evidence]]:
        """Yield what relates tasks that no lock keeps apart and nothing orders."""
        for pair in self._pairs:
            if not pair.has(Cause.LOCK):
                yield from ((pair, one) for one in pair.evidence if not one.is_caution)

    def _writer_first(self, pair: Pair, one: Evidence) -> tuple[TaskId, TaskId]:
        """Return the two tasks, first the one that writes what the other reads: its quote comes first."""
        writer = one.quotes[0].task if one.quotes else pair.a
        return (pair.a, pair.b) if writer == pair.a else (pair.b, pair.a)

    def _both_add_migrations(self, pair: Pair, one: Evidence) -> bool:
        kinds = {self._specs[task].kind for task in (pair.a, pair.b)}
        return kinds == {Kind.CHANGE} and "migration" in one.thing

    def _lock_for(self, thing: str, tasks: Mapping[TaskId, Evidence]) -> str:
        """Return the name of a lock for a thing: one of the plan if the tasks have one that says it."""
        words = set(re.findall(r"\w+", thing.lower()))
        held = [lock for task in tasks for lock in self._specs[task].locks if lock.lower() in words]
        return held[0] if held else lock_name(thing)


def is_untested(spec: TaskSpec) -> bool:
    """Say whether a task's work is merged, and nothing tests it before that."""
    return spec.kind is Kind.CHANGE and not spec.checks and bool(spec.paths) and not runs_tests(spec)


def lock_name(thing: str) -> str:
    """Return a name for a lock on something: `port-8123` for `the port 8123`."""
    words = thing.partition(",")[0].removeprefix("the ")
    return re.sub(r"[^A-Za-z0-9._]+", "-", words).strip("-.")[:LOCK_LENGTH].strip("-.") or "shared"


def _can_be_declared(path: str) -> bool:
    """Say whether a path that was read in a text says something as a pattern of a plan."""
    return path.isprintable() and path == path.strip() and not path.startswith(("*", "/", ".."))


def _quote(spec: TaskSpec, one: Mention) -> Quote:
    line = one.use.line if one.use.file else spec.line
    return Quote(spec.id, one.use.quote, one.key, one.use.file, line)


def _merges_badly(thing: str) -> bool:
    name = thing.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in MERGES_BADLY)
