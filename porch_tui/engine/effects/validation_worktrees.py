"""The worktrees validations run in: as many as are asked for at once, reused, beside the repository.

A validation outlives the engine that began it, and so does its claim to a worktree:
what a former engine left running, or ended and not collected, keeps its own.
"""

from __future__ import annotations

import threading
from pathlib import Path

from porch_tui.core.model.state import RunState
from porch_tui.engine.effects.tools import Tools
from porch_tui.process import control, liveness, spawn

GRACE_S = 1.0
"""A validation nobody wants any more leaves nothing behind that would need longer."""
LEAVING_S = 0.1
"""Most of what is stopped is gone within a tenth of that; filling one more worktree takes about as long."""


class ValidationWorktrees:
    """Which worktree a validation may have. Safe to ask from many threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Condition()
        """Notified when a worktree is given back."""
        self._taken: dict[Path, Path] = {}
        """The worktrees in use, with the directory of the validation that is in each."""
        self._awaited: dict[Path, Path] = {}
        """Worktrees of what a former engine began and this one takes over, by the validation's directory."""
        self._ending: dict[Path, Path] = {}
        """Likewise of what nobody wants any more: until its last process is gone."""
        self._has_looked = False

    def folder(self) -> Path:
        """Return what holds them; no task's worktree is in it."""
        return self._tools.repository.worktrees_dir / self._tools.rundir.run

    def look_around(self, state: RunState) -> None:
        """Find out, before anything begins, what a former engine began; end what nobody wants any more."""
        with self._lock:
            if not self._has_looked:
                self._look_around(state)

    def take(self, found: liveness.Liveness, directory: Path, state: RunState) -> Path:
        """Return a worktree nobody uses, or the one that a validation which has begun is in.

        `directory` is that of the validation, `found` what has become of it, and `state` the
        present one: what it does not know to be under way is stopped. The worktree of one that
        is about to be gone is waited for, rather than filling another.
        """
        with self._lock:
            if not self._has_looked:
                self._look_around(state)
            if isinstance(found, liveness.NotStarted):
                self._lock.wait_for(
                    lambda: self._free().is_dir() or not self._is_one_leaving(state), LEAVING_S
                )
                worktree = self._free()
            else:
                worktree = spawn.cwd_of(directory)
                self._awaited.pop(directory, None)
            self._taken[worktree] = directory
            return worktree

    def give_back(self, worktree: Path) -> None:
        """Let the next validation have it."""
        with self._lock:
            self._taken.pop(worktree, None)
            self._lock.notify_all()

    def _is_one_leaving(self, state: RunState) -> bool:
        return not self._wanted(state).issuperset(self._taken.values())

    def _free(self) -> Path:
        self._ending = {
            directory: worktree
            for directory, worktree in self._ending.items()
            if isinstance(liveness.find(directory), liveness.Alive)
        }
        held = {*self._taken, *self._awaited.values(), *self._ending.values()}
        names = (self.folder() / f"validate-{number}" for number in range(1, len(held) + 2))
        return next(path for path in names if path not in held)

    def _look_around(self, state: RunState) -> None:
        self._has_looked = True
        wanted = self._wanted(state)
        for directory in self._tools.rundir.validations.iterdir():
            found = liveness.find(directory)
            if directory in wanted and not isinstance(found, liveness.NotStarted):
                self._awaited[directory] = spawn.cwd_of(directory)
            elif isinstance(found, liveness.Alive):
                control.stop(directory, GRACE_S)
                self._ending[directory] = spawn.cwd_of(directory)

    def _wanted(self, state: RunState) -> set[Path]:
        """Return the directories of the validations that are under way as far as the state knows."""
        return {self._tools.rundir.validation(one.tree, one.number) for one in state.validations.values()}
