"""What is wrong with a draft: by the reader of plan files, and by what `porch check` finds out about it.

A mistake keeps it from being a plan. An objection does not: the plan works, and is not cut well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from porch_tui.core.model.plan import Plan
from porch_tui.core.model.wording import listed
from porch_tui.core.relations.pairs import relations
from porch_tui.core.relations.relations import Cause, Relation
from porch_tui.core.tasks.graph import waves
from porch_tui.planfile.read import plan_from
from porch_tui.planfile.text.mistakes import PlanMistakes
from porch_tui.planning.draft import Draft, plan_text
from porch_tui.planning.tracked import TrackedFiles

LEAST_CHAIN = 3
"""Tasks one after the other; two may well be right."""
_MOST = 12
"""Of one kind: more would bury the others."""


class Criticism(Struct, frozen=True):
    """Sentences for who made the draft."""

    mistakes: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()


def criticism(draft: Draft, tracked: TrackedFiles, most_tasks: int | None) -> Criticism:
    """Return what is wrong with a draft."""
    try:
        plan = plan_from(plan_text(draft).encode(), "plan", "plan").plan
    except PlanMistakes as error:
        found = (f"{one.key}: {one.text}" if one.key else one.text for one in error.mistakes[:_MOST])
        return Criticism(tuple(found))
    too_many = f"{len(plan.tasks)} tasks; expected at most {most_tasks}" if most_tasks else ""
    return Criticism(
        objections=(
            *([too_many] if most_tasks and len(plan.tasks) > most_tasks else []),
            *_without_paths(plan),
            *_leading_nowhere(plan, tracked),
            *_unordered(plan),
            *_chain(plan),
        )
    )


def _without_paths(plan: Plan) -> Iterator[str]:
    without = [spec.id for spec in plan.tasks if not spec.paths]
    if without:
        yield f"no paths for {listed(without)}; expected globs of all files that each will write"


def _leading_nowhere(plan: Plan, tracked: TrackedFiles) -> Iterator[str]:
    """Yield paths of which not even the first folder is there: the planner has not looked."""
    wrong = [(spec.id, path) for spec in plan.tasks for path in spec.paths if tracked.leads_nowhere(path)]
    for task, path in wrong[:_MOST]:
        top = path.partition("/")[0]
        yield f"task {task}: there is no folder {top}/ in the repository, which {path} leads into"


def _chain(plan: Plan) -> Iterator[str]:
    """Yield that nothing runs side by side, if so: agents like to write down steps."""
    if len(plan.tasks) >= LEAST_CHAIN and all(len(wave) == 1 for wave in waves(plan)):
        yield (
            f"all {len(plan.tasks)} tasks wait for each other, so nothing runs side by side: name in `after`"
            " only what a task cannot begin without, or make one task of what belongs together"
        )


def _unordered(plan: Plan) -> Iterator[str]:
    """Yield tasks that would write the same files side by side."""
    overlapping = (
        (pair, one)
        for pair in relations(plan).pairs
        if pair.relation is Relation.CONFLICTING
        for one in pair.evidence
        if one.cause is Cause.OVERLAP and not one.is_caution
    )
    for pair, one in islice(overlapping, _MOST):
        yield f"tasks {pair.a} and {pair.b}: {one.text}; give that to one, or let one come after the other"
