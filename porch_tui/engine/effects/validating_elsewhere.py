"""Validates a combined state on another machine: an order to its host like an attempt's, with a verdict."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Isolation, Kind, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.core.tasks.history import ask_for_history
from porch_tui.engine.effects import verdict_cache
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validating import HAS_NO_VERDICT, UNDECIDED
from porch_tui.engine.effects.validation_worktrees import GRACE_S
from porch_tui.executors.attempt import VALIDATE
from porch_tui.executors.executor import End, Executor, Job
from porch_tui.executors.orders import Orders
from porch_tui.executors.validating import ValidatesElsewhere
from porch_tui.executors.validation_checkout import ValidationCheckout, validation_name
from porch_tui.journal.rundir import TREE_DIGITS


def validate_elsewhere(
    effect: ValidateCandidate, state: RunState, tools: Tools, executor: ValidatesElsewhere, orders: Orders
) -> e.AnyEvent | None:
    """Return ValidationPassed or ValidationFailed, or ValidationDropped; None if it was cancelled."""
    job = _job(effect, state, tools)
    if not job.directory.exists() and (cached := verdict_cache.lookup(effect, state, tools)) is not None:
        return cached
    end = executor.validate(job, orders)
    if end is None:
        return None
    verdict = _verdict(effect, end)
    if isinstance(verdict, e.ValidationPassed | e.ValidationFailed):
        verdict_cache.store(verdict, state, tools)
    return verdict


def end_earlier(before: RunState, tools: Tools, executor: Executor) -> None:
    """End validations that an earlier engine left at places: they run again, and these need no slot.

    `before` is the state in which that engine left the run.
    """
    for flight in before.validations.in_flight.values():
        if flight.place:
            where = flight.place, flight.boot
            effect = ValidateCandidate(flight.tree, flight.number, flight.commit, flight.tasks, *where)
            executor.stop(_job(effect, before, tools), GRACE_S)


def _job(effect: ValidateCandidate, state: RunState, tools: Tools) -> Job:
    plan, place = state.plan, state.places[effect.place]
    attempt = validation_name(effect.tree[:TREE_DIGITS], effect.number)
    first, *others = plan.validate
    spec = TaskSpec(
        attempt.task,
        f"validate {listed(effect.tasks) or 'the base'}",
        first,
        kind=Kind.CHECK,
        checks=tuple(others),
        timeout_s=plan.validate_timeout_s,
        # those who asked for it there may have done so for the tests that tasks and validations run
        has_full_history=any(task.has_full_history for task in plan.tasks)
        or ask_for_history((*plan.setup, *plan.validate)),
    )
    directory = tools.rundir.validation(effect.tree, effect.number)
    checkout = ValidationCheckout(
        tools.repository,
        path=directory,  # the host has its own
        branch="",
        base=effect.commit,
        isolation=Isolation.WORKTREE,
        head_ref=f"{tools.refs.prefix}none",
        leftover_ref=f"{tools.refs.prefix}none",
        clone_refs=f"{tools.refs.prefix}none",
        pins=f"{tools.refs.prefix}none",
        copy=plan.copy,
        setup=plan.setup,
        keep=plan.validate_keep,
    )
    slots = place.slots or (place.resources.slots if place.resources else 0)
    return Job(
        run=state.run,
        attempt=attempt,
        spec=spec,
        slot=slots,  # numbers after those of attempts there
        directory=directory,
        checkout=checkout,
        setup=plan.setup,
        keep_worktree=False,
        env={
            **dict(plan.env),
            "PORCH_TASKS": " ".join(effect.tasks),
            "PORCH_COMMIT": effect.commit,
            "PORCH_BASE": state.target.base,
        },
        place=effect.place,
        boot=effect.boot,
        lease_s=place.lease_s,
    )


def _verdict(effect: ValidateCandidate, end: End) -> e.AnyEvent:
    """Return what the end of the order means for the state that was validated."""
    tree, number = effect.tree, effect.number
    match end:
        case e.AttemptSucceeded():
            return e.ValidationPassed(tree, number, end.used)
        case e.AttemptFailed() if end.failure.kind is e.FailureKind.LOST and end.used.wall_s:
            return e.ValidationDropped(tree, number)  # its lease was over: no engine was there for long
        case e.AttemptFailed():
            return _failed(effect, end.failure, end.used)
        case _:  # stopped, by an earlier engine: it is run again
            return e.ValidationDropped(tree, number)


def _failed(effect: ValidateCandidate, failure: e.Failure, used: e.Used) -> e.ValidationFailed:
    text = failure.text.removeprefix(f"{VALIDATE}: ")
    code = failure.exit_code
    if code is not None and not text.endswith(f"exit {code}"):
        code = None  # a signal, or a timeout
    if code == UNDECIDED:
        text = text.replace(f"exit {code}", HAS_NO_VERDICT)
    if failure.kind is e.FailureKind.NOT_STARTED and not used.wall_s:  # else one of its commands could not be
        text = f"it could not be run: {text}"
    return e.ValidationFailed(effect.tree, effect.number, text, code, used)
