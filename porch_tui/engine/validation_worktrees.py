"""The worktrees validations run in: as many as are asked for at once, reused, beside the repository.

A validation outlives the engine that began it, and so does its claim to a worktree:
what a former engine left running, or ended and not collected, keeps its own.
"""

from __future__ import annotations

import threading
from pathlib import Path

from porch_tui.core.state import RunState
from porch_tui.engine.tools import Tools
from porch_tui.process import control, liveness, spawn

GRACE_S = 1.0
"""A validation nobody wants any more leaves nothing behind that would need longer."""


class ValidationWorktrees:
    """Which worktree a validation may have. Safe to ask from many threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Lock()
        self._taken: set[Path] = set()
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
        present one: what it does not know to be under way is stopped.
        """
        with self._lock:
            if not self._has_looked:
                self._look_around(state)
            if isinstance(found, liveness.NotStarted):
                worktree = self._free()
            else:
                worktree = spawn.cwd_of(directory)
                self._awaited.pop(directory, None)
            self._taken.add(worktree)
            return worktree

    def give_back(self, worktree: Path) -> None:
        """Let the next validation have it."""
        with self._lock:
            self._taken.discard(worktree)

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
        rundir = self._tools.rundir
        wanted = {rundir.validation(one.tree, one.number) for one in state.validations.values()}
        for directory in rundir.validations.iterdir():
            found = liveness.find(directory)
            if directory in wanted and not isinstance(found, liveness.NotStarted):
                self._awaited[directory] = spawn.cwd_of(directory)
            elif isinstance(found, liveness.Alive):
                control.stop(directory, GRACE_S)
                self._ending[directory] = spawn.cwd_of(directory)
