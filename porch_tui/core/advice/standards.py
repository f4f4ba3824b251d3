"""What a good cut of work asks of a plan: tasks that can be tested alone, and no file that all of them need.

Of a plan that keeps these standards nothing is said. Whether running side by side pays is another question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from porch_tui.core.advice.edits import Edit, Key
from porch_tui.core.files.globs import matches
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec
from porch_tui.core.model.wording import all_of, counted
from porch_tui.core.relations.pairs import Relations
from porch_tui.core.relations.schema_changes import schema_changes
from porch_tui.core.tasks.growing_order import GrowingOrder

CROWD = 3
"""From so many tasks on that write one file, that file decides how they run."""
MOST_COMPARED = 20


class Remark(Struct, frozen=True):
    """One standard that a plan does not keep, and what to do about it."""

    task: TaskId
    """The first that it is about."""
    key: str
    """Of the task, where that stands."""
    text: str
    """One sentence."""


def remarks(
    plan: Plan, related: Relations, tracked: Collection[str], edits: Iterable[Edit]
) -> tuple[Remark, ...]:
    """Return which standards the plan does not keep.

    `related` says how its tasks are related, `tracked` are the paths of the files at the base, and `edits` is
    the advice for the plan.
    """
    order = GrowingOrder(plan)
    series = schema_changes(related.uses, tracked)
    return (*_untested(edits), *_schema_at_once(series, order), *_crowded(plan, order))


def _untested(edits: Iterable[Edit]) -> Iterator[Remark]:
    """Yield which tasks cannot be judged alone although there are tests that could."""
    tests = {edit.task: edit.add[0] for edit in edits if edit.key is Key.CHECKS}
    if not tests:
        return
    first, who, is_one = next(iter(tests)), all_of(list(tests)), len(tests) == 1
    fit = f"this would fit: {tests[first]}" if is_one else f"for {first} this would fit: {tests[first]}"
    have = "has" if is_one else "have"
    text = f"{who} {have} no checks, so only the combined state is tested; {fit} (porch check --fix)"
    yield Remark(first, "checks", text)


def _schema_at_once(series: Mapping[str, Sequence[TaskId]], order: GrowingOrder) -> Iterator[Remark]:
    """Yield which tasks change a schema side by side."""
    for name, tasks in series.items():
        at_once = [later for earlier, later in pairwise(tasks) if not order.is_ordered(earlier, later)]
        if at_once:
            yield Remark(
                at_once[0],
                "after",
                f"{all_of(tasks)} add to {name} side by side; each migration is built on the previous one,"
                " so have them come after one another (porch check --fix)",
            )


def _crowded(plan: Plan, order: GrowingOrder) -> Iterator[Remark]:
    """Yield what many tasks write at once: it should be out of their scope."""
    writers: dict[str, list[TaskSpec]] = defaultdict(list)
    for spec in plan.tasks:
        for path in spec.paths if spec.kind is Kind.CHANGE else ():
            writers[path].append(spec)
    for path, specs in writers.items():
        if len(specs) < CROWD or any(matches(pattern, path) for pattern in plan.predict_ignore):
            continue
        apart = _side_by_side(specs[:MOST_COMPARED], order)
        if len(apart) >= CROWD:
            who = all_of([spec.id for spec in specs])
            yield Remark(
                specs[0].id,
                "paths",
                f"{counted(len(specs), 'task')} say they write {path} ({who}), so they wait for each other or"
                " conflict: let one task do there what all need, and the others come after it",
            )


def _side_by_side(specs: Sequence[TaskSpec], order: GrowingOrder) -> list[TaskId]:
    """Return tasks of which no two are ordered or take turns for a lock."""
    apart: list[TaskSpec] = []
    for spec in specs:
        if not any(order.is_ordered(spec.id, one.id) or {*spec.locks} & {*one.locks} for one in apart):
            apart.append(spec)
    return [spec.id for spec in apart]
