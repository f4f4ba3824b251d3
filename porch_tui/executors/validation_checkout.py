"""The worktree of validations on a machine that is not the engine's: each at a commit of its own, reused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import CommandLine, TaskId
from porch_tui.errors import RepositoryError
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.reused_worktree import ReusedWorktree
from porch_tui.git.worktree.restoring import KeepRules
from porch_tui.git.worktree.task_result import tracked_state

MARK = "@"
"""Begins the name that a validation has among attempts on a host; no task's name has it."""


def validation_name(tree: str, number: int) -> AttemptId:
    """Return what the `number`-th validation of a tree is called among attempts on a host."""
    return AttemptId(TaskId(f"{MARK}{tree}"), number)


def is_validation(attempt: AttemptId) -> bool:
    """Say whether that is the name of a validation."""
    return attempt.task.startswith(MARK)


class ValidationCheckout(TaskCheckout, frozen=True):
    """A detached worktree at `base`, the commit to validate. Nothing of it is collected; it has no branch."""

    setup: tuple[CommandLine, ...] = ()
    keep: tuple[str, ...] = ()
    """Patterns of untracked files that stay from one validation to the next."""

    def prepare(
        self, reason: str, *, is_retry: bool, keep_worktree: bool, repositories_to: Path
    ) -> tuple[str, tuple[str, ...]]:
        """Check the commit out and delete what came after the setup. Raises PorchError or OSError."""
        restored = self._worktree.restore(f"{reason.partition('/')[0]} validation")
        self.copy_into_worktree()
        if not restored.is_set_up:
            self._worktree.begin_setup(restored)
        return "; ".join(filter(None, (restored.message, restored.remark))), ()

    @property
    def needs_setup(self) -> bool:
        """Whether the setup must run before this validation."""
        return not self._worktree.is_set_up

    @property
    def after_setup(self) -> CommandLine:
        """The command that notes what the setup has left."""
        return self._worktree.note_setup

    def mark_set_up(self) -> None:
        """Nothing is to be done: `after_setup` has noted it."""

    def refuse_changes(self) -> None:
        """Raise RepositoryError if what was validated is not what would land."""
        head, changed = tracked_state(self.repository.at(self.path))
        if head != self.base:
            raise RepositoryError(f"it passed, but moved HEAD to {head[:10]}")
        if changed:
            raise RepositoryError(f"it passed, but changed tracked files: {', '.join(changed[:3])}")

    def clear_locks(self, before: float) -> None:
        """Leave lock files: the next validation clears what is in its way."""

    def set_aside_litter(self, patterns: Sequence[str], folder: Path) -> None:
        """Leave it: it is no work."""

    def keep_leftovers(self) -> str:
        """Keep nothing: a validation makes nothing that lands."""
        return ""

    @property
    def _worktree(self) -> ReusedWorktree:
        stays = KeepRules(always=self.keep, paths=self.copy)
        return ReusedWorktree(self.repository, self.path, self.base, self.setup, stays)
