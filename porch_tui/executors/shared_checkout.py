"""The worktree that checks share: made by the first of them, and then left as it is."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from porch_tui.executors.checkout import TaskCheckout
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.worktree import creation
from porch_tui.git.worktree_list import admin_dir

_READY = "porch-shared-ready"
"""In the worktree's admin folder: the files of `copy` are there as well."""
_making: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


class SharedCheckout(TaskCheckout, frozen=True):
    """A detached worktree in which several attempts run at once. Nothing of it is reset, or collected.

    What they change there stays, and is reported when the last of them has ended.
    """

    def prepare(
        self, reason: str, *, is_retry: bool, keep_worktree: bool, repositories_to: Path
    ) -> tuple[str, tuple[str, ...]]:
        """Create the worktree and copy files into it, once."""
        if self._is_ready():
            return "", ()
        with _making[self.path]:
            if self._is_ready():
                return "", ()
            reason = f"{reason.partition('/')[0]}/{self.path.name}"
            message = creation.ensure_shared(
                self.repository, self.path, self.base, reason, pool_keep=self.pool_keep
            )
            self.copy_into_worktree()
            (admin_dir(self.repository, self.path) / _READY).touch()
            return message, ()

    def _is_ready(self) -> bool:
        admin = linked_git_dir(self.path)
        return admin is not None and (admin / _READY).exists()

    def clear_locks(self, before: float) -> None:
        """Leave lock files alone: other checks run, and none of them should write there."""

    def set_aside_litter(self, patterns: Sequence[str], folder: Path) -> None:
        """Leave it: it is no work."""

    def keep_leftovers(self) -> str:
        """Keep nothing: it stays where it is."""
        return ""
