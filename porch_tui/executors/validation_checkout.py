"""The worktree of validations on a machine that is not the engine's: each at a commit of its own, reused.

Before each it is restored to what the setup left, as the engine does with those beside its repository.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import CommandLine, TaskId
from porch_tui.core.tasks.setup_inputs import read_by
from porch_tui.errors import RepositoryError, is_full_disk
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.git.changes import changed_paths
from porch_tui.git.runner import GitError
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree import creation, removal, restoring, untracked
from porch_tui.git.worktree.task_result import tracked_state

MARK = "@"
"""Begins the name that a validation has among attempts on a host; no task's name has it."""
NOTE_SETUP = "note what it left"


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
        try:
            message, found = self._restored(reason)
        except (OSError, GitError, NotItsFolderError) as error:
            if is_full_disk(error):
                raise
            # a validation has broken it
            removal.discard(self.repository, self.path)
            message, found = self._restored(reason)
        self.copy_into_worktree()
        if not found.is_as_setup_left_it:
            self._record.unlink(missing_ok=True)
            self._set_up_for.write_text(self.base)
            if not self.setup:
                restoring.record_setup(self.repository.at(self.path), self._record)
        return message, ()

    @property
    def needs_setup(self) -> bool:
        """Whether the setup must run before this validation."""
        return not self._record.exists()

    @property
    def after_setup(self) -> CommandLine:
        """The command that notes what the setup has left."""
        git_dir = self.repository.at(self.path).git_dir
        places = map(str, (git_dir, self.path, self._record))
        return (sys.executable, "-I", "-S", str(untracked.__file__), *places)

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

    def _restored(self, reason: str) -> tuple[str, restoring.RestoreResult]:
        """Check the commit out, and return what has become of what the setup had left."""
        is_new = not os.path.lexists(self.path / ".git")
        reason = f"{reason.partition('/')[0]} validation"
        message = creation.ensure_detached(self.repository, self.path, self.base, reason, is_cleaned=False)
        if is_new:
            return message, restoring.RestoreResult(False)
        if self._is_setup_outdated():
            self._record.unlink(missing_ok=True)
        stays = restoring.KeepRules(always=self.keep, paths=self.copy)
        return message, restoring.restore(self.repository.at(self.path), self._record, stays)

    def _is_setup_outdated(self) -> bool:
        """Say whether the setup ran for a commit that differs in something it probably reads."""
        if not self.setup:
            return False
        try:
            before = self._set_up_for.read_text()
            changed = changed_paths(self.repository.git, before, self.base)
        except (OSError, GitError):
            return True
        return bool(read_by(self.setup, changed))

    @property
    def _record(self) -> Path:
        """What the setup left; it exists once that has run."""
        return self.repository.at(self.path).git_dir / "porch-validation-ready"

    @property
    def _set_up_for(self) -> Path:
        """Names the commit for which the setup was run."""
        return self.repository.at(self.path).git_dir / "porch-validation-commit"
