"""What a run has left on this host, and its removal once an engine knows that nothing of it is only here.

The engine decides, since it knows what has come home. What it allows to remove is looked at again first: what
is no longer as it was stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import RunId
from porch_tui.core.model.wording import listed
from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.landing.checkout import git_dir_of
from porch_tui.git.operations import under_way
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue.salvage import snapshot_commit, worktree_with_new_objects
from porch_tui.git.worktree import nested_repositories, removal
from porch_tui.git.worktree.clones import unsynced_commits
from porch_tui.git.worktree.ignored_files import precious
from porch_tui.places.host.arrivals import copies_of
from porch_tui.places.host.orders import AttemptFolders
from porch_tui.places.wire import messages as m
from porch_tui.process.processes import Process, all_processes

MOST_NAMES = 100
"""Of ignored files in one message."""


class Leftovers:
    """What one run has left."""

    def __init__(
        self,
        folders: AttemptFolders,
        repository: Repository,
        run: RunId,
        orders: Collection[m.Order],
        live: Collection[str],
    ) -> None:
        """`orders` are those of the run, `live` the names of worktrees in which an attempt runs."""
        self._folders, self._repository, self._run = folders, repository, run
        self._orders, self._live = orders, live

    def message(self) -> m.Leftovers:
        """Return what is left now."""
        worktrees = tuple(map(self._examined, self._worktrees()))
        others = [*self._folders.root.glob("attempts/*/*"), *self._folders.root.glob("worktrees/*/*")]
        return m.Leftovers(self._run, worktrees, not any(not removal.is_renamed_away(one) for one in others))

    def remove(self, allowed: Iterable[m.LeftWorktree]) -> bool:
        """Remove worktrees that are as they were; return whether nothing is left of the run after that."""
        wanted = {one.name: one for one in allowed}
        for path in self._worktrees():
            if path.name in wanted and self._examined(path) == wanted[path.name]:
                with suppress(PorchError, OSError):  # it is still there, and will be said to be
                    removal.remove(
                        self._repository, path, removal.uncommitted_paths(self._repository.at(path))
                    )
        is_gone = not self._worktrees() and not self._live
        if is_gone:
            with suppress(PorchError, OSError):
                self._forget()
        with suppress(PorchError, OSError):
            removal.empty_trash(self._repository)
        return is_gone

    def _forget(self) -> None:
        """Delete branches and refs of the run, and what is kept of its attempts."""
        names = [f"refs/heads/{order.branch}" for order in self._orders]
        found = {name: oid for name in names if (oid := refs.read(self._repository, name)) is not None}
        refs.delete(self._repository, found | refs.below(self._repository, RunRefs(self._run).prefix))
        for folder in ("attempts", "worktrees"):
            shutil.rmtree(self._folders.root / folder / self._run, ignore_errors=True)

    def _worktrees(self) -> list[Path]:
        folder = self._folders.root / "worktrees" / self._run
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [path for path in found if not removal.is_renamed_away(path)]

    def _examined(self, path: Path) -> m.LeftWorktree:
        try:
            return self._looked_at(path)
        except (PorchError, OSError) as error:
            return m.LeftWorktree(path.name, trouble=str(error))

    def _looked_at(self, path: Path) -> m.LeftWorktree:
        if trouble := next(self._troubles(path), ""):
            return m.LeftWorktree(path.name, trouble=trouble)
        tree, own = self._repository.at(path), self._own_orders(path.name)
        with worktree_with_new_objects(tree) as (looked, _):
            now = snapshot_commit(looked, {}, with_index=False)
            content = looked.git.text("rev-parse", f"{now.commit or now.head}^{{tree}}").strip()
        tips = (refs.read(self._repository, f"refs/heads/{order.branch}") for order in own)
        copied = next((order for order in own if order.copies), None)
        originals = copies_of(self._folders.arriving, copied.copies) if copied is not None else path
        found = m.LeftWorktree(
            path.name, content, tuple(dict.fromkeys((now.head, *filter(None, tips)))), now.commit is not None
        )
        ignored = precious(originals, tree, copied.copy if copied is not None else ())
        return replace(found, ignored=ignored[:MOST_NAMES])

    def _own_orders(self, name: str) -> list[m.Order]:
        return [order for order in self._orders if self._folders.worktree(order).name == name]

    def _troubles(self, path: Path) -> Iterator[str]:
        """Yield why a worktree must stay."""
        if path.name in self._live:
            yield "an attempt runs in it"
        if at_work := [f"{one.name} ({one.pid})" for one in _processes_in(path)]:
            yield f"processes run in it: {listed(at_work)}"
        if (operation := under_way(git_dir_of(self._repository, path))) is not None:
            yield operation.value
        tree = self._repository.at(path)
        inside = (
            *nested_repositories.submodules_with_work(self._repository, tree),
            *nested_repositories.repositories_with_work(path),
        )
        if inside:
            yield f"repositories inside it contain work that exists nowhere else: {listed(inside)}"
        if commits := tuple(unsynced_commits(self._repository, path)):
            yield f"only in this clone: {listed(commits)}"


def _processes_in(path: Path) -> list[Process]:
    place = path.resolve()
    return [one for one in all_processes() if one.is_in(place)]
