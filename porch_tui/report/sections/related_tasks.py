"""How the tasks of a plan relate to each other, so that it can be read for thirty of them too.

What is independent is counted; what more than two tasks have in common takes one line, not one for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb

from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.relations.pairs import Relations
from porch_tui.core.relations.relations import Cause, Evidence, Pair, Relation
from porch_tui.core.tasks import graph
from porch_tui.report.forms.page import Block, Item, Listing, Paragraph

PAIRS_SHOWN, CAUTIONS_SHOWN = 40, 3
"""More lines than this are counted; the JSON lists them all."""
TASKS_SHOWN = 12
IN_COMMON = {Cause.OVERLAP: "all write {}", Cause.LOCK: "all hold the lock {}"}

Thing = tuple[Cause, str]


def pairs_blocks(found: Relations | None, plan: Plan, plan_path: str) -> tuple[Block, ...]:
    """Return how the tasks relate to each other: what matters in full, the others counted."""
    if found is None:
        return (Listing((Item("So many tasks are compared by the check alone", "porch check"),)),)
    counts = found.counts
    clear, total = counts[Relation.INDEPENDENT], counted(sum(counts.values()), "pair")
    blocks: list[Block] = [Paragraph(f"{clear} of {total} of tasks are independent.")]
    if unknown := counts[Relation.UNKNOWN]:
        blocks.append(Paragraph(f"{counted(unknown, 'pair')}: not known to be independent; {_why(found)}."))
    things = _common_things(found)
    points = [*_groups(things, plan_path), *_single_pairs(found, plan, plan_path, things)]
    if points:
        blocks.append(Listing(tuple(_first(points, PAIRS_SHOWN, found.left_out))))
    cautions = [
        Item(f"{pair.a} + {pair.b}: {'; '.join(one.text for one in ties)}")
        for pair in found.pairs
        if len(ties := [one for one in pair.evidence if one.is_caution]) > 1
    ]
    if cautions:  # an import alone is in every other pair of a package; the JSON has those too
        blocks.append(Paragraph("Worth knowing, though it keeps no tasks apart:"))
        blocks.append(Listing(tuple(_first(cautions, CAUTIONS_SHOWN))))
    return tuple(blocks)


def some_of(tasks: Sequence[TaskId]) -> str:
    """Return names of tasks, the last ones only counted if they are many."""
    rest = len(tasks) - TASKS_SHOWN
    return ", ".join(tasks[:TASKS_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _first(points: list[Item], most: int, left_out: int = 0) -> list[Item]:
    rest = max(len(points) - most, 0) + left_out
    return [*points[:most], Item(f"and {rest} more", "porch check --json")] if rest else points


def _why(found: Relations) -> str:
    """Return of which tasks too little is known, and what would tell."""
    quiet = [one.spec.id for one in found.uses if not one.is_understood and not one.is_declared]
    names = listed(quiet) if len(quiet) <= TASKS_SHOWN else counted(len(quiet), "task")
    return f"what {names} will write is not known (declare 'paths')"


def _groups(things: dict[Thing, list[Pair]], plan_path: str) -> Iterator[Item]:
    for (cause, thing), pairs in things.items():
        tasks = _tasks_of(pairs)
        evidence = next(one for one in pairs[0].evidence if (one.cause, one.thing) == (cause, thing))
        what = IN_COMMON.get(cause, "all use {}").format(thing)
        yield Item(f"{some_of(tasks)} (conflicting: {cause}): {what}{_places(evidence, plan_path)}")


def _common_things(found: Relations) -> dict[Thing, list[Pair]]:
    """Return the things that relate at least three tasks, each two of them, with those pairs."""
    things: dict[Thing, list[Pair]] = {}
    for pair in found.pairs:
        if pair.relation is Relation.CONFLICTING:
            for key in dict.fromkeys((one.cause, one.thing) for one in pair.evidence if not one.is_caution):
                things.setdefault(key, []).append(pair)
    return {
        key: pairs
        for key, pairs in things.items()
        if len(pairs) > 2 and comb(len(_tasks_of(pairs)), 2) == len(pairs)
    }


def _tasks_of(pairs: Sequence[Pair]) -> list[TaskId]:
    return list(dict.fromkeys(task for pair in pairs for task in (pair.a, pair.b)))


def _single_pairs(
    found: Relations, plan: Plan, plan_path: str, things: dict[Thing, list[Pair]]
) -> Iterator[Item]:
    """Yield the related pairs that no group has; of the ordered ones those that name each other."""
    after = graph.after_of(plan.tasks)
    for pair in found.pairs:
        evidence = [
            one for one in pair.evidence if not one.is_caution and (one.cause, one.thing) not in things
        ]
        texts = "; ".join(f"{one.text}{_places(one, plan_path)}" for one in evidence)
        if pair.relation is Relation.ORDERED and (pair.a in after[pair.b] or pair.b in after[pair.a]):
            yield Item(f"{pair.a} + {pair.b} (ordered): {texts}")
        elif pair.relation is Relation.CONFLICTING and evidence:
            causes = ", ".join(dict.fromkeys(one.cause.value for one in evidence))
            yield Item(f"{pair.a} + {pair.b} (conflicting: {causes}): {texts}")


def _places(evidence: Evidence, plan_path: str) -> str:
    """Return where the lines are that say so, in parentheses; nothing if that is not known."""
    places = (f"{quote.file or plan_path}:{quote.line}" for quote in evidence.quotes if quote.line)
    text = ", ".join(dict.fromkeys(places))
    return f" ({text})" if text else ""
