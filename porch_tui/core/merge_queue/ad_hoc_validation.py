"""Ad-hoc validations: a person asks whether a task's head passes, alone or on top of others.

They are beside the train: what they find is reported, and nothing lands by it. They wait
only for a validation worker that the train does not need, and are never dropped. An
ad-hoc validation is about heads: once one of them has moved, its result says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from porch_tui.core.merge_queue.train import Prefix
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL, wants_verdict
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import AdHocValidation, RunState, Verdict
from porch_tui.core.model.wording import predicate

STOPPED = Verdict(False, 0, (), "it was stopped", None)
"""The result of one that a person has stopped: not known."""


class Finding(StrEnum):
    """What an ad-hoc validation has found."""

    PENDING = "pending"
    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot-tell"
    """A signal, a time-out, or the command's own exit code for it."""
    IMPOSSIBLE = "impossible"
    """There is no such state: the heads do not merge."""


def finding(validation: AdHocValidation) -> Finding:
    """Return what has been found so far."""
    verdict = validation.verdict
    if validation.why:
        return Finding.IMPOSSIBLE
    if verdict is None:
        return Finding.PENDING
    if verdict.has_passed:
        return Finding.PASSES
    return Finding.CANNOT_TELL if verdict.exit_code in CANNOT_TELL else Finding.FAILS


def described(validation: AdHocValidation) -> str:
    """Return what has been found, as the rest of a sentence about the task."""
    ground = f"on top of {', '.join(validation.on_top_of)}" if validation.on_top_of else "alone"
    text = validation.verdict.text if validation.verdict else ""
    match finding(validation):
        case Finding.PENDING:
            return f"is being validated {ground}"
        case Finding.PASSES:
            return f"passes {ground}"
        case Finding.FAILS:
            return f"fails {ground}: {text}"
        case Finding.CANNOT_TELL:
            return f"cannot be judged {ground}: {text}"
        case Finding.IMPOSSIBLE:
            return validation.why


def why_not(state: RunState, task: TaskId, on_top_of: tuple[TaskId, ...]) -> str | None:
    """Return why this cannot be validated now; None if it can. All tasks are the run's."""
    if not state.plan.validate:
        return "the plan has no validate:, so there is nothing to find out"
    if task in on_top_of:
        return f"{task} cannot be validated on top of itself"
    lacking = next((one for one in (task, *on_top_of) if one not in state.entries), None)
    if lacking is None:
        return None
    if state.specs[lacking].kind is not Kind.CHANGE:
        return f"{lacking} is a check: it has no work that could be merged"
    if awaits_review(state, lacking):
        return f"{lacking} waits for your review, and joins the queue once it is approved"
    status = state.tasks[lacking].status
    return f"{lacking} {predicate(status)}, so it has no head yet that could be validated"


def heads(state: RunState, tasks: Iterable[TaskId]) -> tuple[Sha, ...]:
    """Return the heads of these tasks, each of which has an entry."""
    return tuple(state.entries[task].head for task in tasks)


def of_task(state: RunState, task: TaskId) -> Iterator[AdHocValidation]:
    """Yield those of the task's current head, in the order they were first asked for."""
    return (one for one in current(state) if one.task == task)


def current(state: RunState) -> Iterator[AdHocValidation]:
    """Yield those whose heads are still the heads of their tasks."""
    for one in state.ad_hoc_validations:
        tasks = (*one.on_top_of, one.task)
        if all(task in state.entries for task in tasks) and heads(state, tasks) == one.heads:
            yield one


def unbuilt(state: RunState) -> Iterator[AdHocValidation]:
    """Yield those whose state does not exist yet."""
    return (one for one in current(state) if one.tree is None and finding(one) is Finding.PENDING)


def unjudged(state: RunState) -> Iterator[Prefix]:
    """Yield the states that exist and are not validated yet."""
    for one in current(state):
        if one.tree and one.commit and finding(one) is Finding.PENDING:
            yield Prefix(one.tree, one.commit, (*one.on_top_of, one.task))


def is_awaited(state: RunState, event: e.AdHocValidationBuilt | e.AdHocValidationImpossible) -> bool:
    """Say whether what is reported of a state is still to be known."""
    return any(_key(one) == _key(event) for one in unbuilt(state))


def requested(state: RunState, event: e.AdHocValidationRequested) -> tuple[AdHocValidation, ...]:
    """Return the run's ad-hoc validations with one more.

    What was found before is found again; one that is under way already is not begun twice.
    """
    key = event.task, event.on_top_of
    rest = tuple(one for one in state.ad_hoc_validations if (one.task, one.on_top_of) != key)
    earlier = next((one for one in state.ad_hoc_validations if _key(one) == _key(event)), None)
    if earlier is None:
        return (*rest, AdHocValidation(event.task, event.on_top_of, event.heads))
    if finding(earlier) is Finding.PENDING:
        return state.ad_hoc_validations
    return (*rest, replace(earlier, conflicts=(), why="", verdict=None, number=0, is_again=True))


def answered(
    state: RunState, event: e.AdHocValidationBuilt | e.AdHocValidationImpossible
) -> tuple[AdHocValidation, ...]:
    """Return the run's ad-hoc validations after the state of one was made, or could not be.

    What is known of its tree by now is the result, unless it was asked for again.
    """

    def after(one: AdHocValidation) -> AdHocValidation:
        if _key(one) != _key(event):
            return one
        if isinstance(event, e.AdHocValidationImpossible):
            return replace(one, conflicts=event.paths, why=event.why)
        one = replace(one, commit=event.commit, tree=event.tree)
        if one.is_again or wants_verdict(state, event.tree):
            return one
        known = state.validations
        return replace(one, verdict=known.verdicts[event.tree], number=known.begun.get(event.tree, 0))

    return tuple(map(after, state.ad_hoc_validations))


def judged(state: RunState, tree: Sha, verdict: Verdict, number: int) -> tuple[AdHocValidation, ...]:
    """Return the run's ad-hoc validations after the tree's `number`-th validation came to this verdict."""
    return tuple(
        replace(one, verdict=verdict, number=number)
        if one.tree == tree and finding(one) is Finding.PENDING
        else one
        for one in state.ad_hoc_validations
    )


def _key(of: AdHocValidation | e.OfAdHocValidation) -> tuple[object, ...]:
    return of.task, of.on_top_of, of.heads
