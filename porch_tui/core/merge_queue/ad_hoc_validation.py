"""Trials: validations that a person asks for by hand, of a task's head alone or upon those of others.

They are beside the train: what they find is told, and nothing lands by it. They
wait only for a validation's worker that the train does not want, and are never
dropped. A trial is about heads: once one of them is another, what was found
says nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from porch_tui.core.merge_queue.train import Prefix
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL, wants_verdict
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import (
    AdHocValidationBuilt,
    AdHocValidationImpossible,
    AdHocValidationRequested,
)
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import AdHocValidation, RunState, Verdict

STOPPED = Verdict(False, 0, (), "it was stopped", None)
"""What a trial comes to that a person has stopped: nobody knows."""


class Finding(StrEnum):
    """What a trial has found."""

    PENDING = "pending"
    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot-tell"
    """A signal, a time-out, or the command's own word for it."""
    IMPOSSIBLE = "impossible"
    """There is no such state: the heads do not merge."""


def finding(trial: AdHocValidation) -> Finding:
    """Return what the trial has found so far."""
    if trial.why:
        return Finding.IMPOSSIBLE
    verdict = trial.verdict
    if verdict is None:
        return Finding.PENDING
    if verdict.has_passed:
        return Finding.PASSES
    return Finding.CANNOT_TELL if verdict.exit_code in CANNOT_TELL else Finding.FAILS


def described(trial: AdHocValidation) -> str:
    """Return what the trial has found, as the rest of a sentence about its task."""
    ground = f"upon {', '.join(trial.on_top_of)}" if trial.on_top_of else "alone"
    text = trial.verdict.text if trial.verdict else ""
    match finding(trial):
        case Finding.PENDING:
            return f"is being validated {ground}"
        case Finding.PASSES:
            return f"passes {ground}"
        case Finding.FAILS:
            return f"fails {ground}: {text}"
        case Finding.CANNOT_TELL:
            return f"cannot be judged {ground}: {text}"
        case Finding.IMPOSSIBLE:
            return trial.why


def why_not(state: RunState, task: TaskId, on_top_of: tuple[TaskId, ...]) -> str | None:
    """Return why this cannot be tried now; None if it can. All tasks are the run's."""
    if not state.plan.validate:
        return "the plan has no validate:, so there is nothing to find out"
    if task in on_top_of:
        return f"{task} cannot be validated upon itself"
    lacking = next((one for one in (task, *on_top_of) if one not in state.entries), None)
    if lacking is None:
        return None
    if state.specs[lacking].kind is not Kind.CHANGE:
        return f"{lacking} is a check: it has no work that could be merged"
    return f"{lacking} is {state.tasks[lacking].status}: it has no head yet that could be validated"


def heads(state: RunState, tasks: Iterable[TaskId]) -> tuple[Sha, ...]:
    """Return where the work of these tasks stands, each of which has an entry."""
    return tuple(state.entries[task].head for task in tasks)


def of_task(state: RunState, task: TaskId) -> Iterator[AdHocValidation]:
    """Yield the trials of the task's work as it is now, in the order they were first asked for."""
    return (trial for trial in current(state) if trial.task == task)


def current(state: RunState) -> Iterator[AdHocValidation]:
    """Yield the trials whose heads are still those of their tasks."""
    for trial in state.ad_hoc_validations:
        tasks = (*trial.on_top_of, trial.task)
        if all(task in state.entries for task in tasks) and heads(state, tasks) == trial.heads:
            yield trial


def unbuilt(state: RunState) -> Iterator[AdHocValidation]:
    """Yield the trials whose state is still to be made."""
    return (one for one in current(state) if one.tree is None and finding(one) is Finding.PENDING)


def unjudged(state: RunState) -> Iterator[Prefix]:
    """Yield the states of trials that are still to be validated."""
    for trial in current(state):
        if trial.tree and trial.commit and finding(trial) is Finding.PENDING:
            yield Prefix(trial.tree, trial.commit, (*trial.on_top_of, trial.task))


def is_awaited(state: RunState, event: AdHocValidationBuilt | AdHocValidationImpossible) -> bool:
    """Say whether what is reported of a trial's state is still to be known."""
    return any(_key(trial) == _key(event) for trial in unbuilt(state))


def asked(state: RunState, event: AdHocValidationRequested) -> tuple[AdHocValidation, ...]:
    """Return the run's trials with one more; what was found before is found out again.

    One that is under way already is simply waited for by one more.
    """
    rest = tuple(
        one for one in state.ad_hoc_validations if (one.task, one.on_top_of) != (event.task, event.on_top_of)
    )
    earlier = next((one for one in state.ad_hoc_validations if _key(one) == _key(event)), None)
    if earlier is None:
        return (*rest, AdHocValidation(event.task, event.on_top_of, event.heads))
    if finding(earlier) is Finding.PENDING:
        return state.ad_hoc_validations
    again = replace(earlier, conflicts=(), why="", verdict=None, number=0, is_again=True)
    return (*rest, again)


def answered(
    state: RunState, event: AdHocValidationBuilt | AdHocValidationImpossible
) -> tuple[AdHocValidation, ...]:
    """Return the run's trials after one's state was made, or could not be.

    What is known of its tree by now is the answer, unless it is asked for again.
    """

    def after(trial: AdHocValidation) -> AdHocValidation:
        if _key(trial) != _key(event):
            return trial
        if isinstance(event, AdHocValidationImpossible):
            return replace(trial, conflicts=event.paths, why=event.why)
        trial = replace(trial, commit=event.commit, tree=event.tree)
        if trial.is_again or wants_verdict(state, event.tree):
            return trial
        number = state.validations.begun.get(event.tree, 0)
        return replace(trial, verdict=state.validations.verdicts[event.tree], number=number)

    return tuple(map(after, state.ad_hoc_validations))


def judged(state: RunState, tree: Sha, verdict: Verdict, number: int) -> tuple[AdHocValidation, ...]:
    """Return the run's trials after the tree's `number`-th validation came to this verdict."""
    return tuple(
        replace(trial, verdict=verdict, number=number)
        if trial.tree == tree and finding(trial) is Finding.PENDING
        else trial
        for trial in state.ad_hoc_validations
    )


def _key(
    of: AdHocValidation | AdHocValidationRequested | AdHocValidationBuilt | AdHocValidationImpossible,
) -> tuple[object, ...]:
    return of.task, of.on_top_of, of.heads
