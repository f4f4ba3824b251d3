"""Performs ValidateCandidate: runs the validation commands on a combined state, in a worktree of its own.

A validation is owned by a shim like an attempt is: it outlives the engine, and
the next one adopts it or collects what it found.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.core.scheduling.slots import most_slots
from porch_tui.engine.effects import hooks, verdict_cache
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validation_worktrees import GRACE_S, ValidationWorktrees
from porch_tui.executors.attempt import SETUP, step
from porch_tui.executors.orders import Orders, reporter, wait_for_end
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import submodules
from porch_tui.git.worktree.task_result import tracked_state
from porch_tui.process import control, liveness, spawn
from porch_tui.process.environment import task_environment

VALIDATE = "validate"
CANNOT_TELL = 125
"""The exit code by which a command says so, as `git bisect run` has it."""


def validate_candidate(
    effect: ValidateCandidate,
    state: RunState,
    tools: Tools,
    pool: ValidationWorktrees,
    orders: Orders,
) -> e.AnyEvent | None:
    """Return ValidationPassed or ValidationFailed; None if it was called off."""
    directory = tools.rundir.validation(effect.tree, effect.number)
    found = liveness.find(directory)
    earlier = verdict_cache.lookup(effect, state, tools)
    offers = hooks.pending(effect, state, tools)
    if isinstance(found, liveness.NotStarted) and _says_it_all(earlier, offers):
        return earlier
    worktree = pool.acquire(found, directory, state)
    is_late = isinstance(found, liveness.Ended)
    try:
        if isinstance(found, liveness.NotStarted):
            setup = pool.prepare(effect, state, worktree)
            tree = tools.repository.at(worktree)
            steps = (*setup, *_steps(effect, state, earlier is not None, offers, directory, tree=tree))
            spawn.start(_assignment(effect, state, tools, worktree, steps))
        who = f"the validation of {listed(effect.tasks) or 'the base'}"
        found = wait_for_end(directory, orders, reporter(who, tools.offer))
        judged = None if orders.is_stopped else _judge(effect, found, worktree, tools, is_late=is_late)
        if isinstance(judged, e.ValidationPassed) and isinstance(earlier, e.ValidationPassed):
            return earlier  # but for the messages it was known
        if isinstance(judged, e.ValidationPassed | e.ValidationFailed):
            verdict_cache.store(judged, state, tools)
        return judged
    finally:
        pool.release(worktree)


def _says_it_all(earlier: verdict_cache.Judged | None, offers: Sequence[hooks.Offer]) -> bool:
    """Say whether what an earlier run found is the answer: a pass says nothing of this run's messages."""
    return isinstance(earlier, e.ValidationFailed) or (earlier is not None and not offers)


def _steps(
    effect: ValidateCandidate,
    state: RunState,
    is_known: bool,
    offers: Sequence[hooks.Offer],
    directory: Path,
    *,
    tree: WorkingTree,
) -> tuple[spawn.Step, ...]:
    """Return what is run after the setup; of a state that is known to pass, only what sees the messages."""
    validate = [] if is_known else [step(VALIDATE, command) for command in state.plan.validate]
    if not state.plan.runs_hooks:
        return tuple(validate)
    of_state, of_messages = hooks.steps(effect, state, offers, directory, tree)
    first = () if is_known else (of_state,)
    return (*first, *([of_messages] if of_messages else []), *validate)


def _assignment(
    effect: ValidateCandidate,
    state: RunState,
    tools: Tools,
    worktree: Path,
    steps: tuple[spawn.Step, ...],
) -> spawn.Assignment:
    additions = {
        **dict(state.plan.env),
        "PORCH_RUN": state.run,
        "PORCH_TASKS": " ".join(effect.tasks),
        "PORCH_COMMIT": effect.commit,
        "PORCH_BASE": state.base,
        "PORCH_WORKTREE": str(worktree),
        "PORCH_SLOT": str(max(state.slots, most_slots(state)) + int(worktree.name.rpartition("-")[2])),
    }
    env = task_environment(os.environ, additions)
    directory = tools.rundir.validation(effect.tree, effect.number)
    return spawn.Assignment(directory, steps, worktree, env, state.plan.validate_timeout_s, GRACE_S)


def _judge(
    effect: ValidateCandidate, found: liveness.Liveness, worktree: Path, tools: Tools, *, is_late: bool
) -> e.AnyEvent:
    """Return what the end of a validation says; `is_late`: it had ended before anybody here looked."""
    if not isinstance(found, liveness.Ended):
        control.end_leftovers(tools.rundir.validation(effect.tree, effect.number))
        why = f"its supervisor was lost: {found.why}" if isinstance(found, liveness.Lost) else "it vanished"
        return e.ValidationFailed(effect.tree, effect.number, why, None)
    exit_ = found.exit
    used = e.Used(exit_.wall_s, exit_.paused_s, exit_.cpu_s, exit_.max_rss_bytes)
    if exit_.cause is liveness.Cause.STOPPED:
        return e.ValidationDropped(effect.tree, effect.number)  # an engine that left stopped it: ask again
    hooks.accept(exit_, tools.rundir.validation(effect.tree, effect.number), tools)
    if not exit_.has_succeeded:
        text = f"exit {exit_.code}" if exit_.cause is liveness.Cause.EXIT else exit_.detail
        text = "the command cannot tell (exit 125)" if exit_.code == CANNOT_TELL else text
        code = exit_.code if exit_.cause is liveness.Cause.EXIT else None
        where = f"{exit_.step}: " if exit_.step in (SETUP, *hooks.NAMES) else ""
        outdated = (
            submodules.outdated(tools.repository.at(worktree)) if exit_.step == SETUP and not is_late else ()
        )
        if outdated:  # no verdict: a submodule may be out of reach for a reason of its own
            where, code = (
                f"could not be validated: no submodule {listed(outdated)} at its commit; {where}",
                None,
            )
        return e.ValidationFailed(effect.tree, effect.number, f"{where}{text}", code, used)
    head, changed = tracked_state(tools.repository.at(worktree))
    # another state may be in there by now if it had ended long ago: whether it changed this one, no one knows
    if head != effect.commit and is_late:
        return e.ValidationDropped(effect.tree, effect.number)
    # what was tested would not be what lands
    if head != effect.commit:
        text = f"it passed, but moved HEAD to {head[:10]}"
        return e.ValidationFailed(effect.tree, effect.number, text, None, used)
    if changed:
        text = f"it passed, but changed tracked files: {', '.join(changed[:3])}"
        return e.ValidationFailed(effect.tree, effect.number, text, None, used)
    return e.ValidationPassed(effect.tree, effect.number, used)
