"""A worktree for one validation after the other, each with a commit of its own.

Before each validation it is restored to what the setup left, because products of an earlier one can make a
broken state pass (a file built from a source that is gone). What the plan's `validate_keep` names stays.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import CommandLine
from porch_tui.core.model.wording import listed
from porch_tui.core.tasks.setup_inputs import read_by
from porch_tui.errors import is_full_disk
from porch_tui.git.changes import changed_paths
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.git.worktree import creation, removal, restoring, submodules, untracked

NOTE_SETUP = "note what it left"
"""How the log shows `ReusedWorktree.note_setup`."""


class Restored(Struct, frozen=True):
    """A worktree with its next commit checked out."""

    message: str
    """About the person's post-checkout hook, if that failed."""
    is_new: bool
    is_set_up: bool = False
    """It is as the setup left it."""
    changed: tuple[str, ...] = ()
    """What the setup had made, and a validation has changed or deleted; sorted."""

    @property
    def remark(self) -> str:
        """What a person should know about `changed`; empty if there is nothing."""
        if not self.changed:
            return ""
        return (
            f"validations change what setup made ({listed(self.changed)}), so setup runs again before "
            "the next one. validate_keep: names what may stay from one validation to the next"
        )


class ReusedWorktree(Struct, frozen=True):
    """The worktree, for one validation."""

    repository: Repository
    path: Path
    commit: str
    setup: tuple[CommandLine, ...]
    stays: restoring.KeepRules
    notes: Path | None = None
    """The folder for what is noted of the setup; None: git's own of the worktree."""
    pool_keep: tuple[str, ...] | None = None
    """Ignored files to keep in a worktree taken from the pool; None: take none from the pool."""

    @property
    def tree(self) -> WorkingTree:
        """The worktree for git."""
        return self.repository.at(self.path)

    def restore(self, reason: str) -> Restored:
        """Check the commit out, and delete what came after the setup.

        `reason` is for git's reflogs. Raises PorchError or OSError if it cannot be made ready, which says
        nothing about the commit.
        """
        try:
            return self._restored(reason)
        except (OSError, GitError, NotItsFolderError) as error:
            if is_full_disk(error):
                raise
            # a validation has broken it, or something in it belongs to another user and cannot be deleted
            removal.discard(self.repository, self.path)
            return self._restored(reason)

    def begin_setup(self, restored: Restored) -> None:
        """Note that the setup runs for this commit now; if there is none, note what is there without it.

        What porch puts there itself must be there by now. `note_setup` has to run after the setup.
        """
        self._record.unlink(missing_ok=True)
        if self.setup:
            self._set_up_for.write_text(self.commit)
        else:
            is_empty = restored.is_new and self.pool_keep is None
            restoring.record_setup(self.tree, self._record, is_empty=is_empty)

    @property
    def is_set_up(self) -> bool:
        """Whether a setup has run to its end, or there is none to run."""
        return self._record.exists()

    @property
    def note_setup(self) -> CommandLine:
        """The command that notes what the setup has left."""
        places = map(str, (self.tree.git_dir, self.path, self._record))
        return (sys.executable, "-I", "-S", str(untracked.__file__), *places)

    def _restored(self, reason: str) -> Restored:
        is_new = not os.path.lexists(self.path / ".git")
        message = creation.ensure_detached(
            self.repository, self.path, self.commit, reason, pool_keep=self.pool_keep, is_cleaned=False
        )
        submodules.update(self.repository, self.tree)
        if is_new:
            self._record.unlink(missing_ok=True)
            return Restored(message, is_new)
        if self._is_setup_outdated():
            self._record.unlink(missing_ok=True)
        found = restoring.restore(self.tree, self._record, self.stays)
        return Restored(message, is_new, found.is_as_setup_left_it, found.changed)

    def _is_setup_outdated(self) -> bool:
        """Say whether the setup ran for a commit that differs in something it probably reads."""
        if not self.setup:
            return False
        try:
            before = self._set_up_for.read_text()
            changed = changed_paths(self.repository.git, before, self.commit)
        except (OSError, GitError):
            return True
        return bool(read_by(self.setup, changed))

    @property
    def _record(self) -> Path:
        """What the setup left; it exists once that has run."""
        return self._notes / f"{self.path.name}.ready"

    @property
    def _set_up_for(self) -> Path:
        """Names the commit for which the setup was run."""
        return self._notes / f"{self.path.name}.commit"

    @property
    def _notes(self) -> Path:
        return self.notes or self.tree.git_dir
