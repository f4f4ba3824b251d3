"""A worktree in which an agent is asked something and of which nothing is kept, whatever it does there.

It is detached, outside of the repository, and gone when the answer is there. What a killed porch has left
of one is removed by the next that makes one, and by `porch clean`: whoever uses it holds a lock.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.agents.prompt import Call
from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.plan import Agent, Wrap
from porch_tui.errors import RepositoryError
from porch_tui.executors.agent_output import GrowingLog
from porch_tui.executors.fence import Fence
from porch_tui.git import refs
from porch_tui.git.changes import uncommitted
from porch_tui.git.configuration import SettingChange, Settings, changes, guarded
from porch_tui.git.fingerprints import Fingerprint, changed, fingerprint
from porch_tui.git.git_files import content
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import creation, fenced_git, removal
from porch_tui.process import control, liveness, output, spawn
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.environment import task_environment
from porch_tui.process.supervisor.spool import OUTPUT

REASON = "porch throwaway"
"""The lock reason of such a worktree."""
GRACE_S = 2.0
END_WITHIN_S = 10.0
PORCH_REFS = "refs/porch/"
"""Runs of porch move these, meanwhile."""
LOOK_S = 0.5
"""Between two looks at what the agent has used."""


class Ended(Struct, frozen=True):
    """How an agent has ended, and what it said."""

    exit: liveness.Exit | None
    """None: its supervisor was killed."""
    report: AgentReport | None
    """None: porch cannot read what it prints."""
    log: bytes


class Outside(Struct, frozen=True):
    """What an agent has no business to change: the person's checkout, refs, and git's configuration."""

    checkout: Fingerprint
    refs: Mapping[str, str]
    settings: Mapping[str, Settings]

    @classmethod
    def of(cls, repository: Repository) -> Outside:
        """Return how all that is now. Raises `GitError`."""
        heads = {"HEAD": refs.read(repository, "HEAD") or ""}
        return cls(
            fingerprint(repository.main),
            {**refs.below(repository, "refs/"), **heads},
            guarded(repository.common_dir),
        )

    def changed_in(self, now: Outside) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the files of the checkout, and the refs, that have changed until `now`."""
        names = (name for name in {**self.refs, **now.refs} if not name.startswith(PORCH_REFS))
        moved = tuple(sorted(name for name in names if self.refs.get(name) != now.refs.get(name)))
        return changed(self.checkout, now.checkout), moved

    def settings_changed(self, now: Outside, repository: Repository) -> tuple[SettingChange, ...]:
        """Return the settings that have changed until `now`."""
        return tuple(changes(repository.common_dir, self.settings, now.settings))


class Throwaway(Struct, frozen=True):
    """Such a worktree, as long as it is there."""

    repository: Repository
    commit: str
    folder: Path
    """For logs, beside the runs."""

    @property
    def worktree(self) -> Path:
        """Where the agent works."""
        return _worktree_of(self.repository, self.folder)

    def ask(
        self,
        agent: Agent,
        call: Call,
        timeout_s: float,
        wrap: Wrap | None,
        look: Callable[[GrowingLog, float], None],
    ) -> Ended:
        """Run an agent to its end.

        `look` is called again and again with its output so far, and for how many seconds there has been
        nothing new. KeyboardInterrupt leaves it running until the worktree is left. Raises ShimError, and
        RepositoryError if its program is not there behind the fence.
        """
        directory = self.folder / f"ask-{uuid.uuid4().hex[:8]}"
        fence = Fence(wrap, directory, self.worktree, self.repository.common_dir, agent)
        if hidden := fence.hidden_program(call.command[0], os.environ.get("PATH", os.defpath)):
            raise RepositoryError(
                f"{agent.name} was to plan behind a fence, and {hidden} is not there behind bwrap: its folder"
                " is another one inside. Have the program elsewhere on PATH, or plan without --wrap."
            )
        fence.prepare()
        step = fence.around(Step("run", call.command, stdin=call.stdin))
        additions = {name: value for name, value in agent.env if name not in os.environ}
        environment = task_environment(os.environ, {**additions, "PORCH_WORKTREE": str(self.worktree)})
        spawn.start(
            Assignment(directory, (step,), self.worktree, environment, timeout_s, GRACE_S, fence.orders)
        )
        growing = GrowingLog(agent, directory / OUTPUT)
        size, since = 0, time.monotonic()
        while isinstance(found := liveness.wait(directory, LOOK_S), liveness.Alive):
            if (now := output.size(directory / OUTPUT)) != size:
                size, since = now, time.monotonic()
            look(growing, time.monotonic() - since)
        fenced_git.disarm(fence.private_git, self.worktree)
        exit_ = found.exit if isinstance(found, liveness.Ended) else None
        return Ended(exit_, growing.report(), (directory / OUTPUT).read_bytes())

    def changed(self) -> tuple[str, ...]:
        """Return what was changed in the worktree: paths, without ignored ones, and HEAD, which is put back.

        A commit that was made behind a fence is not in the repository, and git stumbles over it.
        """
        tree = self.repository.at(self.worktree)
        head = (content(tree.git_dir / "HEAD") or "").strip()
        commits = () if head == self.commit else (f"HEAD ({head.removeprefix('ref: ')[:40]})",)
        if commits:
            tree.git.run("update-ref", "--no-deref", "HEAD", self.commit)
        return (*sorted(path for _, path in uncommitted(tree.git, "all")), *commits)

    def reset(self) -> None:
        """Discard what was changed in the worktree."""
        (self.repository.at(self.worktree).git_dir / "index").unlink(missing_ok=True)
        creation.ensure_detached(self.repository, self.worktree, self.commit, REASON)


@contextmanager
def throwaway(repository: Repository, commit: str) -> Iterator[Throwaway]:
    """Yield a worktree at a commit; at the end its processes are ended, and it is removed.

    Raises RepositoryError where none can be made.
    """
    sweep(repository)
    place = Throwaway(repository, commit, _folders(repository) / uuid.uuid4().hex[:8])
    with ExitStack() as held:
        with _making(repository):  # or another porch would take it for one that was left
            place.folder.mkdir(mode=0o700, parents=True)
            held.enter_context(_lock(place.folder))
        held.callback(_remove, repository, place.folder)
        creation.ensure_detached(repository, place.worktree, commit, REASON)
        yield place


def left_by_killed(repository: Repository) -> tuple[Path, ...]:
    """Return the folders of those that no living porch uses."""
    return tuple(folder for folder in sorted(_folders(repository).glob("*")) if _is_free(folder))


def sweep(repository: Repository) -> int:
    """Remove what killed ones have left, after ending what still runs of them; return how many there were."""
    if not _folders(repository).is_dir():
        return 0
    with _making(repository):
        left = left_by_killed(repository)
    for folder in left:
        with suppress(RepositoryError), _lock(folder):
            _remove(repository, folder)
    return len(left)


def _folders(repository: Repository) -> Path:
    return repository.own_dir / "throwaway"


def _worktree_of(repository: Repository, folder: Path) -> Path:
    return repository.worktrees_dir / f"throwaway-{folder.name}"


def _making(repository: Repository) -> AbstractContextManager[int]:
    repository.own_dir.mkdir(mode=0o700, exist_ok=True)
    return exclusive(repository.own_dir / "throwaway.lock", "make a worktree")


def _lock(folder: Path) -> AbstractContextManager[int]:
    return exclusive(folder / "in-use", "use a worktree", wait_s=0.0)


def _is_free(folder: Path) -> bool:
    try:
        with _lock(folder):
            return True
    except RepositoryError:
        return False


def _remove(repository: Repository, folder: Path) -> None:
    """End what runs in it, and remove the worktree and all that is known of it."""
    asked = sorted(folder.glob("ask-*"))
    for directory in asked:
        control.stop(directory, GRACE_S)
    for directory in asked:
        liveness.wait(directory, END_WITHIN_S)
        control.end_leftovers(directory)
        control.end_behind_fence(directory, os.environ)
    worktree = _worktree_of(repository, folder)
    removal.discard(repository, worktree)
    if os.path.lexists(worktree):  # porch was killed before git had a record of it
        removal.rename_folder_away(repository, worktree)
    shutil.rmtree(folder, ignore_errors=True)
    removal.empty_trash(repository)
    with suppress(OSError):
        repository.worktrees_dir.rmdir()  # if nothing else is in it
