"""What running attempts have done so far, offered to engines once a minute, which predict conflicts by it."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Sequence

from porch_tui import log
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, Kind
from porch_tui.errors import PorchError
from porch_tui.executors.background import start_thread
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.operations import under_way
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue.salvage import snapshot_commit, worktree_with_new_objects
from porch_tui.git.transfer import bundles
from porch_tui.places.host.orders import AttemptFolders
from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import PART_BYTES

OFFER_S = 60.0
"""Between two offers."""
_DATED = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
"""The same work is the same commit, which is not offered again."""


class WorkSoFar:
    """Offers what changes: commits and what is not committed yet, if it fits into `WINDOW` bytes."""

    def __init__(self, folders: AttemptFolders, repository: Repository) -> None:
        self._folders, self._repository = folders, repository
        self._offering = threading.Lock()

    def offer(self, orders: Iterable[m.Order], sessions: Sequence[Session]) -> None:
        """Offer what these attempts have done to the engines that follow them, in a thread."""
        changing = [one for one in orders if one.spec.kind is Kind.CHANGE and not one.is_validation]
        # the objects of a clone are in none of our repositories
        wanted = [one for one in changing if one.isolation is Isolation.WORKTREE]
        if wanted and sessions:
            start_thread("work so far", lambda: self._offer(wanted, sessions), lambda error: None)

    def _offer(self, orders: Iterable[m.Order], sessions: Sequence[Session]) -> None:
        if not self._offering.acquire(blocking=False):
            return  # the last one still takes its time
        try:
            for order in orders:
                following = [one for one in sessions if order.key in one.followed and one.is_in_touch]
                try:
                    if following:
                        self._offer_one(order, following)
                except (PorchError, OSError) as error:  # its worktree changes meanwhile, or is gone
                    log.warning(f"what {order.key} has done so far is not offered: {error}")
        finally:
            self._offering.release()

    def _offer_one(self, order: m.Order, sessions: Sequence[Session]) -> None:
        path = self._folders.worktree(order)
        directory = linked_git_dir(path)
        # without an index the worktree is still being filled
        if directory is None or under_way(directory) is not None or not (directory / "index").exists():
            return
        with worktree_with_new_objects(self._repository.at(path)) as (tree, made):
            now = snapshot_commit(tree, _DATED, with_index=False)
            commit = now.commit or now.head
            new = [one for one in sessions if one.so_far.get(order.key, order.base) != commit]
            if not new:
                return
            ref = RunRefs(order.key.run).new_so_far(order.key.task, order.key.number)
            with tempfile.TemporaryFile() as file:
                repository = replace(self._repository, objects=made.folder)
                size = bundles.make(repository, order.base, {ref: commit}, file).size_bytes
                file.seek(0)
                data = file.read() if size <= m.WINDOW else b""
        for session in new:
            session.so_far[order.key] = commit
            for at in range(0, len(data), PART_BYTES):
                session.send(m.SoFar(order.key, commit, at, len(data), data[at : at + PART_BYTES]))
