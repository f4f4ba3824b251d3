"""Validates a combined state: runs the plan's validation commands on it, in a worktree of its own.

A shim owns a validation, like an attempt: it outlives the engine, and the next one adopts it or collects its
verdict.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.core.scheduling.slots import most_slots
from porch_tui.engine.effects import hooks, verdict_cache
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validation_worktrees import GRACE_S, ValidationWorktrees
from porch_tui.executors.attempt import SETUP, VALIDATE, step
from porch_tui.executors.exit_text import exit_text
from porch_tui.executors.fence import Fence
from porch_tui.executors.orders import Orders, reporter, wait_for_end, why_lost
from porch_tui.executors.step_times import steps_used
from porch_tui.git.worktree import fenced_git, submodules
from porch_tui.git.worktree.task_result import tracked_state
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import liveness, spawn
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.environment import task_environment

UNDECIDED = 125
"""The exit code of a command that has no verdict, as in `git bisect run`."""
HAS_NO_VERDICT = f"the command cannot tell (exit {UNDECIDED})"


def validate_candidate(
    effect: ValidateCandidate, state: RunState, tools: Tools, pool: ValidationWorktrees, orders: Orders
) -> e.AnyEvent | None:
    """Return ValidationPassed or ValidationFailed; None if it was cancelled."""
    directory = tools.rundir.validation(effect.tree, effect.number)
    found = liveness.find(directory)
    cached = verdict_cache.lookup(effect, state, tools)
    messages = hooks.pending(effect, state, tools)
    # a cached pass says nothing about this run's messages
    is_answered = isinstance(cached, e.ValidationFailed) or (cached is not None and not messages)
    if isinstance(found, liveness.NotStarted) and is_answered:
        return cached
    worktree = pool.acquire(found, directory, state)
    validation = _Validation(effect, state, tools, directory, worktree)
    is_late = isinstance(found, liveness.Ended)
    try:
        if isinstance(found, liveness.NotStarted):
            setup = pool.prepare(effect, state, worktree, validation.fence)
            validation.fence.prepare()
            spawn.start(validation.assignment(setup, messages, is_cached=cached is not None))
        who = f"the validation of {listed(effect.tasks) or 'the base'}"
        found = wait_for_end(directory, orders, reporter(who, tools.offer))
        fenced_git.disarm(validation.fence.private_git, worktree)
        fenced_git.bring_home(tools.repository, validation.fence.private_git)
        verdict = None if orders.is_stopped else validation.verdict(found, is_late=is_late)
        if isinstance(verdict, e.ValidationPassed) and isinstance(cached, e.ValidationPassed):
            return cached  # only the messages were checked
        if isinstance(verdict, e.ValidationPassed | e.ValidationFailed):
            verdict_cache.store(verdict, state, tools)
        return verdict
    finally:
        pool.release(worktree)


class _Validation(Struct, frozen=True):
    """A validation with its worktree."""

    effect: ValidateCandidate
    state: RunState
    tools: Tools
    directory: Path
    worktree: Path

    @property
    def fence(self) -> Fence:
        """What is put before its commands; the person's hooks stay outside."""
        common_dir = self.tools.repository.common_dir
        return Fence(self.state.plan.validate_wrap, self.directory, self.worktree, common_dir)

    def assignment(
        self, setup: tuple[Step, ...], messages: tuple[hooks.Message, ...], *, is_cached: bool
    ) -> Assignment:
        """Return what its shim must run; for a state that is known to pass, only the messages' check."""
        effect, state, plan = self.effect, self.state, self.state.plan
        steps = [*setup]
        if plan.runs_hooks:
            tree = self.tools.repository.at(self.worktree)
            of_state, of_messages = hooks.steps(effect, state, messages, self.directory, tree)
            steps += [] if is_cached else [of_state]
            steps += [of_messages] if of_messages else []
        if not is_cached:
            steps += (self.fence.around(step(VALIDATE, command)) for command in plan.validate)
        number = int(self.worktree.name.rpartition("-")[2])
        additions = {
            **dict(plan.env),
            "PORCH_RUN": state.run,
            "PORCH_TASKS": " ".join(effect.tasks),
            "PORCH_COMMIT": effect.commit,
            "PORCH_BASE": state.target.base,
            "PORCH_WORKTREE": str(self.worktree),
            "PORCH_SLOT": str(max(state.slots.count, most_slots(state)) + number),
        }
        env, timeout_s = task_environment(os.environ, additions), plan.validate_timeout_s
        orders = self.fence.orders
        return Assignment(self.directory, tuple(steps), self.worktree, env, timeout_s, GRACE_S, orders)

    def verdict(self, found: liveness.Liveness, *, is_late: bool) -> e.AnyEvent:
        """Return the verdict; `is_late`: it had ended before this engine looked."""
        effect, directory = self.effect, self.directory
        if not isinstance(found, liveness.Ended):
            return self._failed(why_lost(found, directory, dict(self.state.plan.env)))
        exit_ = found.exit
        amounts = exit_.wall_s, exit_.paused_s, exit_.cpu_s, exit_.max_rss_bytes
        used = e.Used(*amounts, steps=steps_used(exit_))
        if (wrap := self.state.plan.validate_wrap) is not None and wrap.is_beyond_reach:
            used = e.Used(exit_.wall_s, exit_.paused_s, is_measured=False)
        if exit_.unended:
            text = f"a validation: what it started behind its fence may still run: {exit_.unended}"
            self.tools.offer(e.Noticed(f"{text}; porch clean tries again"))
        if exit_.cause is liveness.Cause.STOPPED:  # by an earlier engine: it is run again
            return e.ValidationDropped(effect.tree, effect.number)
        hooks.accept(exit_, directory, self.tools)
        tree = self.tools.repository.at(self.worktree)
        if not exit_.has_succeeded:
            is_exit = exit_.cause is liveness.Cause.EXIT
            is_undecided = exit_.code == UNDECIDED
            text = HAS_NO_VERDICT if is_undecided else exit_text(exit_, directory / OUTPUT)
            where = f"{exit_.step}: " if exit_.step in (SETUP, *hooks.NAMES) else ""
            outdated = submodules.outdated(tree) if exit_.step == SETUP and not is_late else ()
            if outdated:  # no verdict: a submodule may be unreachable for other reasons
                where = f"could not be validated: no submodule {listed(outdated)} at its commit; {where}"
            code = exit_.code if is_exit and not outdated else None
            return self._failed(f"{where}{text}", code, used)
        head, changed = tracked_state(tree)
        # if it ended long ago, another state may be checked out by now: whether it changed this is unknown
        if head != effect.commit and is_late:
            return e.ValidationDropped(effect.tree, effect.number)
        # what was tested would not be what lands
        if head != effect.commit:
            return self._failed(f"it passed, but moved HEAD to {head[:10]}", None, used)
        if changed:
            return self._failed(f"it passed, but changed tracked files: {', '.join(changed[:3])}", None, used)
        return e.ValidationPassed(effect.tree, effect.number, used)

    def _failed(self, text: str, code: int | None = None, used: e.Used | None = None) -> e.ValidationFailed:
        return e.ValidationFailed(self.effect.tree, self.effect.number, text, code, used or e.Used())
