"""The worktree of a task: made before an attempt, collected after it. A clone is treated the same way.

`TaskCheckout` carries what an attempt needs of git, so that callers pass one value. The work itself is done
by `creation`, `salvage` (pin, reset), `clones` (fetch from a clone) and `task_result` (commit).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui import log
from porch_tui.core.model.plan import Isolation, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.shared import place_of
from porch_tui.errors import PorchError, RepositoryError, is_forbidden, is_full_disk, limit_met
from porch_tui.git import refs
from porch_tui.git.changes import changed_paths, changes
from porch_tui.git.repository import Repository
from porch_tui.git.rescue import salvage
from porch_tui.git.worktree import clones, creation, fenced_git, litter, nested_repositories, task_result
from porch_tui.git.worktree.copying import copy_arrived, copy_files
from porch_tui.git.worktree.passing_on import Move


class Result(Struct, frozen=True):
    """The commit an attempt ended with."""

    head: str
    changed: tuple[str, ...]
    """Paths that differ from the base; empty if they are not needed."""
    remarks: tuple[str, ...]
    """What was not collected, for a person."""


class TaskCheckout(Struct, frozen=True):
    """Where an attempt works, and the refs that keep alive what it leaves."""

    repository: Repository
    path: Path
    branch: str
    base: str
    """The commit the attempt starts from."""
    isolation: Isolation
    head_ref: str
    """Keeps the commit it ends with."""
    leftover_ref: str
    """Keeps its uncommitted work, if that is not collected."""
    clone_refs: str
    """Prefix of the refs that keep what it made in a clone besides its branch."""
    pins: str
    """Prefix of the refs that keep what the previous attempt left in the worktree."""
    copy: tuple[str, ...] = ()
    copies: Path | None = None
    """Where the files of `copy` lie that came from another machine; None: in the main worktree."""
    pool_keep: tuple[str, ...] | None = None
    """Ignored files to keep in a worktree taken from the pool; None: take none from the pool."""
    move: Move | None = None
    """Another worktree at `base`, in which nothing else is: it may become this one."""

    def prepare(
        self, reason: str, *, is_retry: bool, keep_worktree: bool, repositories_to: Path
    ) -> tuple[str, tuple[str, ...]]:
        """Create the worktree, or pin the previous attempt's and reset it to the base; copy files into it.

        With `keep_worktree` an existing worktree stays as the previous attempt left it; it is pinned all the
        same. Untracked repositories, which no commit can hold, are moved to `repositories_to` by a reset.
        Returns a message about the person's post-checkout hook if that failed, and the paths that were moved.
        """
        repository, path, moved = self.repository, self.path, tuple[str, ...]()
        was_there = path.exists()
        message = creation.ensure(
            repository,
            path,
            self.branch,
            self.base,
            reason,
            is_clone=self.isolation is Isolation.CLONE,
            pool_keep=self.pool_keep,
            move=self.move,
        )
        if keep_worktree and was_there:
            salvage.pin_and_continue(repository, path, self.branch, self.base, self.pins)
            return message, moved
        if is_retry and not keep_worktree:
            salvage.reset_to_base(repository, path, self.branch, self.base, self.pins)
            moved = nested_repositories.set_aside(repository.at(path), repositories_to)
        self.copy_into_worktree()
        return message, moved

    def copy_into_worktree(self) -> None:
        """Copy the files of `copy` into the worktree. Raises PorchError."""
        if not self.copy:
            return
        worktree = self.repository.at(self.path)
        if self.copies is None:
            copy_files(self.repository.main, worktree, self.copy)
        else:
            copy_arrived(self.copies, worktree, self.copy)

    @property
    def needs_setup(self) -> bool:
        """Whether no setup has run since the worktree was created, or taken from the pool."""
        return creation.is_fresh(self.repository, self.path)

    def mark_set_up(self) -> None:
        """Record that the setup has run."""
        creation.mark_set_up(self.repository, self.path)

    def clear_locks(self, before: float) -> None:
        """Remove lock files that a killed git left. No process of the attempt may be alive."""
        if (self.path / ".git").exists():
            salvage.clear_locks(self.repository, self.path, self.branch, before=before)

    def set_aside_litter(self, patterns: Sequence[str], folder: Path) -> None:
        """Move new files that fit a pattern into a folder; what cannot be moved is logged, and stays."""
        if patterns and self.path.exists():
            try:
                litter.set_aside(self.repository.at(self.path), self.base, patterns, folder)
            except (RepositoryError, OSError) as error:
                self._raise_if_temporary(error)
                log.warning(f"litter stays in {self.path}: {error}")

    def collect(self, message: str, *, needs_paths: bool) -> Result:
        """Commit what the attempt left, and keep the commit alive under `head_ref`.

        Raises RepositoryError if the result is unclear or would link to commits that exist nowhere else.
        """
        tree = self.repository.at(self.path)
        found = task_result.commit_leftovers(tree, self.branch, message, base=self.base, keep=self.head_ref)
        is_unchanged = found.head == self.base or (found.is_plain and not needs_paths)
        changed = () if is_unchanged else changes(tree.git, self.base, found.head)
        if (without_links := task_result.remove_outward_links(tree, found, changed)).head != found.head:
            found, changed = without_links, changes(tree.git, self.base, without_links.head)
        remarks = nested_repositories.refuse_lost_links(self.repository, self.path, found.head, changed)
        self.sync_clone()
        if not found.is_kept:
            refs.keep(self.repository, self.head_ref, found.head)
        return Result(found.head, tuple(one.path for one in changed), (*found.remarks, *remarks))

    def is_unchanged(self, head: str) -> bool:
        """Say whether a commit has the same files as the base."""
        return head == self.base or not changed_paths(self.repository.git, self.base, head)

    def keep_leftovers(self) -> str:
        """Keep work that will not be collected; return the ref that holds it, or an empty string.

        If that fails it is logged: the worktree still has the work. Raises what `is_temporary`.
        """
        try:
            self.sync_clone()
        except (RepositoryError, OSError) as error:
            self._raise_if_temporary(error)
            log.warning(f"commits of {self.path} could not be fetched from its clone: {error}")
        try:
            is_kept = salvage.pin_leftovers(self.repository, self.path, self.leftover_ref)
            return self.leftover_ref if is_kept else ""
        except (RepositoryError, OSError) as error:
            self._raise_if_temporary(error)
            log.warning(f"uncommitted work stays in {self.path} only: {error}")
            return ""

    def _raise_if_temporary(self, error: Exception) -> None:
        if is_temporary(error, self.repository):
            raise error

    def sync_clone(self) -> None:
        """Fetch the branch, and whatever else was committed or stashed, from a clone. Raises PorchError."""
        if self.isolation is Isolation.CLONE:
            clones.sync_back(self.repository, self.path, self.branch, self.clone_refs)

    def disarm(self, private_git: Path) -> tuple[str, ...]:
        """Move repositories aside that were made behind a fence, before git sees them; return their paths."""
        return fenced_git.disarm(private_git, self.path)

    def bring_home(self, private_git: Path) -> tuple[str, ...]:
        """Take over what was committed behind a fence; return what was kept besides the branch."""
        return fenced_git.bring_home(self.repository, private_git, self.branch, self.clone_refs)

    def kept_from_clone(self) -> list[str]:
        """Return what `sync_clone` kept besides the branch, by short names: stashes, other branches."""
        if self.isolation is not Isolation.CLONE:
            return []
        prefix = f"{self.clone_refs}/"
        kept = refs.below(self.repository, prefix)
        return [ref.removeprefix(prefix) for ref in kept if not ref.endswith("/branch")]


def is_temporary(error: Exception, repository: Repository) -> bool:
    """Say whether an error goes away without a person.

    A full disk, a killed git, a read-only `.git`, a limit of the machine that other processes have reached.
    """
    if is_full_disk(error) or limit_met(error) or (isinstance(error, PorchError) and error.is_temporary):
        return True
    return is_forbidden(error) and not repository.is_writable


def worktree_of(repository: Repository, state: RunState, task: TaskId) -> Path:
    """Return the path of a task's worktree, which need not exist."""
    own = repository.of_run(state.root)
    if place := place_of(state, task):
        return shared_worktree(repository, state, place)
    return worktree_path(own.root, state.plan.worktree_of(task, own.name, state.run))


def shared_worktree(repository: Repository, state: RunState, place: str) -> Path:
    """Return the path of a worktree that checks share, by its name."""
    return repository.of_run(state.root).worktrees_dir / state.run / place


def worktree_path(root: Path, relative: str) -> Path:
    """Return where a plan's worktree template leads, from the repository's root."""
    return Path(os.path.normpath(os.path.join(root, relative)))  # noqa: PTH118 - for each task of a plan
