"""The worktrees validations run in: as many as run at once, reused, beside the repository.

A validation outlives the engine that started it, and so does its claim to a worktree.
"""

from __future__ import annotations

import threading
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.engine.effects.tools import Tools
from porch_tui.executors.attempt import SETUP, step
from porch_tui.executors.fence import Fence, private_git
from porch_tui.executors.reused_worktree import NOTE_SETUP, ReusedWorktree
from porch_tui.git.worktree import fenced_git, hooks, restoring
from porch_tui.git.worktree.copying import copy_files
from porch_tui.process import control, liveness
from porch_tui.process.assignment import Step, cwd_of

GRACE_S = 1.0
"""A cancelled validation leaves nothing behind that would need longer to end."""
ENDING_S = 0.1
"""Most of what is stopped is gone within a tenth of that; filling one more worktree takes about as long."""


class ValidationWorktrees:
    """Gives each validation a worktree of its own. Safe to use from many threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Condition()
        """Notified when a worktree is released."""
        self._taken: dict[Path, Path] = {}
        """The worktrees in use, with the directory of the validation in each."""
        self._adopted: dict[Path, Path] = {}
        """Worktrees of validations that an earlier engine started and this one needs, by directory."""
        self._ending: dict[Path, Path] = {}
        """Likewise of those that are not needed any more, until their last process is gone."""
        self._has_adopted = False

    def folder(self) -> Path:
        """Return the folder they are in; it holds no task's worktree."""
        return self._tools.repository.worktrees_dir / self._tools.rundir.run

    def adopt(self, state: RunState) -> None:
        """Find validations that an earlier engine started; end those that are not needed any more."""
        with self._lock:
            if self._has_adopted:
                return
            self._has_adopted = True
            wanted = self._wanted(state)
            for directory in self._tools.rundir.validations.iterdir():
                found = liveness.find(directory)
                if directory in wanted and not isinstance(found, liveness.NotStarted):
                    self._adopted[directory] = cwd_of(directory)
                elif isinstance(found, liveness.Alive):
                    control.stop(directory, GRACE_S)
                    self._ending[directory] = cwd_of(directory)
                else:
                    _disarm(directory)

    def acquire(self, found: liveness.Liveness, directory: Path, state: RunState) -> Path:
        """Return a free worktree, or the one of a validation that has started.

        `directory` is the validation's, `found` what has become of it, and `state` the present one:
        validations it does not list are being stopped. The worktree of one that is about to end is waited
        for, rather than filling another.
        """
        self.adopt(state)
        with self._lock:
            if isinstance(found, liveness.NotStarted):
                # until one is free, or none of those that are taken is about to end
                self._lock.wait_for(
                    lambda: self._free().is_dir() or self._wanted(state).issuperset(self._taken.values()),
                    ENDING_S,
                )
                worktree = self._free()
            else:
                worktree = cwd_of(directory)
                self._adopted.pop(directory, None)
            self._taken[worktree] = directory
            return worktree

    def release(self, worktree: Path) -> None:
        """Let another validation have the worktree."""
        with self._lock:
            self._taken.pop(worktree, None)
            self._lock.notify_all()

    def prepare(
        self, effect: ValidateCandidate, state: RunState, worktree: Path, fence: Fence
    ) -> tuple[Step, ...]:
        """Make a worktree ready for a validation; return the steps of the setup, if that has to run.

        Raises PorchError or OSError if it cannot be made ready, which says nothing about the state.
        """
        plan, tree = state.plan, self._reused(effect, state, worktree)
        restored = tree.restore(f"porch {state.run} validation")
        if restored.message:
            self._tools.offer(e.Noticed(restored.message))
        is_reported = self._tools.rundir.scratch / "setup-changes.reported"  # once a run
        if restored.remark and not is_reported.exists():
            self._tools.offer(e.Noticed(restored.remark))
            is_reported.touch()
        main = self._tools.repository.main
        copy_files(main, tree.tree, plan.copy)
        if plan.runs_hooks:
            hooks.copy_hooks(main, tree.tree)
        if restored.is_set_up:
            return ()
        tree.begin_setup(restored)
        if not plan.setup:
            return ()
        setup = (fence.around(step(SETUP, command)) for command in plan.setup)
        return (*setup, Step(SETUP, tree.note_setup, NOTE_SETUP))

    def _free(self) -> Path:
        over = [one for one in self._ending if not isinstance(liveness.find(one), liveness.Alive)]
        for directory in over:
            del self._ending[directory]
            _disarm(directory)
        used = {*self._taken, *self._adopted.values(), *self._ending.values()}
        names = (self.folder() / f"validate-{number}" for number in range(1, len(used) + 2))
        return next(path for path in names if path not in used)

    def _wanted(self, state: RunState) -> set[Path]:
        """Return the directories of the validations that run according to the state."""
        return {
            self._tools.rundir.validation(one.tree, one.number)
            for one in state.validations.in_flight.values()
        }

    def _reused(self, effect: ValidateCandidate, state: RunState, worktree: Path) -> ReusedWorktree:
        plan, main = state.plan, self._tools.repository.main
        copied = hooks.untracked_hooks(main) if plan.runs_hooks else ()
        stays = restoring.KeepRules(
            always=plan.validate_keep, before_setup=plan.warm_keep or (), paths=(*plan.copy, *copied)
        )
        return ReusedWorktree(
            self._tools.repository,
            worktree,
            effect.commit,
            plan.setup,
            stays,
            notes=self._tools.rundir.scratch,
            pool_keep=plan.warm_keep,
        )


def _disarm(directory: Path) -> None:
    """See that git, which restores the worktree, starts nothing that a validation left behind its fence."""
    if not isinstance(liveness.find(directory), liveness.NotStarted):
        fenced_git.disarm(private_git(directory), cwd_of(directory))
