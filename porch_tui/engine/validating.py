"""Performs ValidateCandidate: runs the validation commands on a combined state, in a worktree of its own.

A validation is owned by a shim like an attempt is: it outlives the engine, and
the next one adopts it or collects what it found.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from porch_tui.core import events as e
from porch_tui.core.effects import ValidateCandidate
from porch_tui.core.slots import most_slots
from porch_tui.core.state import RunState
from porch_tui.engine import remembering
from porch_tui.engine.tools import Tools
from porch_tui.executors.attempt import SETUP, StopRequest
from porch_tui.git import worktrees
from porch_tui.git.copying import copy_files
from porch_tui.git.runner import Git
from porch_tui.process import control, liveness, spawn
from porch_tui.process.environment import task_environment

VALIDATE = "validate"
GRACE_S = 1.0
"""A validation nobody wants any more leaves nothing behind that would need longer."""
CANNOT_TELL = 125
"""The exit code by which a command says so, as `git bisect run` has it."""


class ValidationWorktrees:
    """The worktrees validations run in: as many as are asked for at once, reused, beside the repository."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._taken: set[Path] = set()
        self._lock = threading.Lock()

    def folder(self) -> Path:
        """Return what holds them; no task's worktree is in it."""
        repository = self._tools.repository
        return repository.root.parent / f".porch-{repository.name}" / self._tools.rundir.run

    def take(self, found: liveness.Liveness, directory: Path) -> Path:
        """Return a worktree nobody uses, or the one that a running validation has."""
        with self._lock:
            if isinstance(found, liveness.Running):
                worktree = spawn.cwd_of(directory)
            else:
                names = (self.folder() / f"validate-{number}" for number in range(1, len(self._taken) + 2))
                worktree = next(path for path in names if path not in self._taken)
            self._taken.add(worktree)
            return worktree

    def give_back(self, worktree: Path) -> None:
        """Let the next validation have it."""
        with self._lock:
            self._taken.discard(worktree)


def validate_candidate(
    effect: ValidateCandidate,
    state: RunState,
    tools: Tools,
    pool: ValidationWorktrees,
    stop: StopRequest,
) -> e.AnyEvent | None:
    """Return ValidationPassed or ValidationFailed; None if it was called off."""
    directory = tools.rundir.validation(effect.tree, effect.number)
    found = liveness.find(directory)
    if isinstance(found, liveness.NotStarted):
        earlier = remembering.known(effect, state, tools)
        if earlier is not None:
            return earlier
    worktree = pool.take(found, directory)
    try:
        if isinstance(found, liveness.NotStarted):
            worktrees.ensure_detached(
                tools.repository, worktree, effect.commit, f"porch {state.run} validation"
            )
            copy_files(tools.repository.root, worktree, state.plan.copy)
            spawn.start(_assignment(effect, state, tools, directory, worktree))
        found = liveness.wait(directory, None, stop.bell)
        if isinstance(found, liveness.Running):
            control.stop(directory, GRACE_S)
            found = liveness.wait(directory, None)
        judged = None if stop.is_made else _judge(effect, found, worktree, tools)
        if isinstance(judged, e.ValidationPassed | e.ValidationFailed):
            remembering.remember(judged, state, tools)
        return judged
    finally:
        pool.give_back(worktree)


def _assignment(
    effect: ValidateCandidate, state: RunState, tools: Tools, directory: Path, worktree: Path
) -> spawn.Assignment:
    setup = () if _ready_mark(tools, worktree).exists() else state.plan.setup
    steps = (
        *(spawn.Step(SETUP, command) for command in setup),
        *(spawn.Step(VALIDATE, command) for command in state.plan.validate),
    )
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
    return spawn.Assignment(directory, steps, worktree, env, state.plan.validate_timeout_s, GRACE_S)


def _judge(effect: ValidateCandidate, found: liveness.Liveness, worktree: Path, tools: Tools) -> e.AnyEvent:
    if not isinstance(found, liveness.Ended):
        why = f"its supervisor was lost: {found.why}" if isinstance(found, liveness.Lost) else "it vanished"
        return e.ValidationFailed(effect.tree, effect.number, why, None)
    exit_ = found.exit
    used = e.Used(exit_.wall_s, exit_.paused_s, exit_.cpu_s, exit_.max_rss_bytes)
    if exit_.cause is liveness.Cause.STOPPED:
        return e.ValidationDropped(effect.tree, effect.number)  # an engine that left stopped it: ask again
    if exit_.step != SETUP:
        _ready_mark(tools, worktree).touch()
    if not exit_.has_succeeded:
        text = f"exit {exit_.code}" if exit_.cause is liveness.Cause.EXIT else exit_.detail
        text = "the command cannot tell (exit 125)" if exit_.code == CANNOT_TELL else text
        code = exit_.code if exit_.cause is liveness.Cause.EXIT else None
        where = f"{SETUP}: " if exit_.step == SETUP else ""
        return e.ValidationFailed(effect.tree, effect.number, f"{where}{text}", code, used)
    changed = Git(worktree).text("diff", "--name-only", effect.commit, "--").splitlines()
    if changed:
        # what was tested would not be what lands
        text = f"it passed, but changed tracked files: {', '.join(changed[:3])}"
        return e.ValidationFailed(effect.tree, effect.number, text, None, used)
    return e.ValidationPassed(effect.tree, effect.number, used)


def _ready_mark(tools: Tools, worktree: Path) -> Path:
    """Return the file that says the setup has been done in this worktree."""
    return tools.rundir.scratch / f"{worktree.name}.ready"
