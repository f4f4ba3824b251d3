"""What runs have left in the repository, and of each thing whether it may go: looked at, nothing touched.

A worktree may go when nothing in it is uncommitted and every commit it stands
at has landed or is the base; a branch when it was made for this very run, and
the same is true of its commits. Whatever is in doubt stays, with the reason and
the command that shows more.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from porch_tui.cli.ignored import is_ignored, precious
from porch_tui.cli.strays import at_work_in, named
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import PorchError
from porch_tui.executors.checkout import worktree_path
from porch_tui.git import refs
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.landing.checkout import git_dir_of
from porch_tui.git.operations import under_way
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.git.worktree import nested_repositories
from porch_tui.git.worktree.clones import unsynced_commits
from porch_tui.git.worktree.disk_usage import NOTHING, DiskMeter, DiskUsage
from porch_tui.git.worktree.removal import refuse_foreign, uncommitted_paths
from porch_tui.git.worktree_list import Worktree, list_worktrees
from porch_tui.process.processes import Process, all_processes


class Reason(Struct, frozen=True):
    """Why something stays."""

    why: str
    look: str = ""
    """The command that shows more; empty if there is nothing to see."""
    is_work: bool = False
    """It is work that can be set aside, and put back as it was."""


class Left(Struct, frozen=True, kw_only=True):
    """Something a run has left, and what becomes of it."""

    name: str
    kept: Reason | None = None
    """Why it is not simply taken away."""
    back: str = ""
    """The command that puts it back; empty if it is not set aside."""

    @property
    def stays(self) -> bool:
        """Whether it stays where it is."""
        return self.kept is not None and not self.back


class WorktreeLeft(Left, frozen=True, kw_only=True):
    """A worktree of a task, or of validations."""

    path: Path
    task: TaskId | None
    """None: of validations."""
    precious: tuple[str, ...] = ()
    """Ignored files in it that can be made from nothing else: they are moved into the run's directory."""
    inside: tuple[str, ...] = ()
    """Ignored repositories in it with work that is nowhere else."""
    room: DiskUsage = NOTHING
    """What it takes on disk."""
    is_over: bool = False
    """It was made for a resolver, whose conflict is over: nobody wants what it proposed."""


class BranchLeft(Left, frozen=True, kw_only=True):
    """A task's branch."""

    oid: str
    task: TaskId


class CandidatesLeft(Left, frozen=True, kw_only=True):
    """The refs of merge commits that were tried, or of objects that are gone."""

    refs: dict[str, str]


Leftover = WorktreeLeft | BranchLeft | CandidatesLeft


class Survey:
    """Looks at the repository once, then at one run after the other."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._merged: dict[tuple[str, str], bool] = {}
        self._gauge = DiskMeter()

    def of_run(self, state: RunState) -> list[Leftover]:
        """Return what the run has left, worktrees before the branches they stand on."""
        listed_ones = [self._looked_at(state, one) for one in self._worktrees if self._is_of(state, one)]
        worktrees = [*listed_ones, *self._unlisted(state)]
        staying: dict[TaskId | None, bool] = {}
        for one in worktrees:
            if one.kept:
                staying[one.task] = staying.get(one.task, True) and one.kept.is_work
        return [*worktrees, *self._branches(state, staying), *self._candidates(state)]

    @cached_property
    def _worktrees(self) -> tuple[Worktree, ...]:
        return list_worktrees(self._repository)

    @cached_property
    def _tips(self) -> dict[str, str]:
        """Every branch with its commit."""
        listed = self._repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
        pairs = (line.rpartition(" ") for line in listed.splitlines())
        return {ref.removeprefix("refs/heads/"): oid for ref, _, oid in pairs}

    def _is_of(self, state: RunState, worktree: Worktree) -> bool:
        return worktree.is_ours and worktree.run == state.run

    def _looked_at(self, state: RunState, worktree: Worktree) -> WorktreeLeft:
        """Return what becomes of a worktree; one that cannot be looked into stays, and keeps no other."""
        if worktree.is_locked_by_others:
            why = f"it is locked: {worktree.lock_reason or 'no reason is given'}"
            look = shlex.join(["git", "worktree", "unlock", str(worktree.path)])
            kept = Reason(why, look)
        else:
            try:
                return self._worktree(state, worktree)
            except (PorchError, OSError) as error:
                kept = Reason(str(error))
        return WorktreeLeft(name=str(worktree.path), kept=kept, path=worktree.path, task=_task(worktree))

    def _unlisted(self, state: RunState) -> Iterator[WorktreeLeft]:
        """Yield the folders of worktrees of which git has no record any more: another tool pruned it."""
        known = {one.path.resolve() for one in self._worktrees}
        for task, done in state.tasks.items():
            relative = state.plan.worktree_of(task, self._repository.name, state.run)
            path = worktree_path(self._repository.root, relative)
            if not done.attempts or path.resolve() in known or not (path / ".git").is_file():
                continue
            admin = linked_git_dir(path)
            if admin is None or admin.exists() or admin.parent != self._repository.common_dir / "worktrees":
                continue
            why = "git has no record of it any more (git worktree prune); it may hold work"
            look = shlex.join(["ls", "-la", str(path)])
            yield WorktreeLeft(name=str(path), kept=Reason(why, look), path=path, task=task)

    def _worktree(self, state: RunState, worktree: Worktree) -> WorktreeLeft:
        path, task = worktree.path, _task(worktree)
        is_there = path.exists()
        found = (self._stranger(path) or self._visitors(path) or self._content(path)) if is_there else None
        kept = found or self._commit_in(state, worktree)
        is_rescued = is_there and (kept is None or kept.is_work) and task is not None
        inside: tuple[str, ...] = ()
        saved: tuple[str, ...] = ()
        if is_rescued:
            tree = self._repository.at(path)
            # what is untracked is kept, or set aside, as it is
            inside = _outside(uncommitted_paths(tree), nested_repositories.repositories_with_work(path))
            kept = self._repositories(tree, inside) or kept
            saved = precious(self._repository.root, tree, state.plan.copy, inside)
        room = self._gauge.measure([path])
        is_over = kept is not None and kept.is_work and is_of_the_past(state, worktree)
        return WorktreeLeft(
            name=str(path),
            kept=kept,
            path=path,
            task=task,
            precious=saved,
            inside=inside,
            room=room,
            is_over=is_over,
        )

    def _stranger(self, path: Path) -> Reason | None:
        try:
            refuse_foreign(self._repository, path)
        except NotItsFolderError as error:
            return Reason(str(error))
        return None

    def _visitors(self, path: Path) -> Reason | None:
        """Return who is at work in a worktree: a person's shell, or what a task has left."""
        there = at_work_in(path, self._processes)
        look = shlex.join(["ps", "-o", "pid,user,tty,args", "-p", ",".join(str(one.pid) for one in there)])
        return Reason(f"at work in it: {named(there)}", look) if there else None

    @cached_property
    def _processes(self) -> list[Process]:
        return list(all_processes())

    def _commit_in(self, state: RunState, worktree: Worktree) -> Reason | None:
        """Return why the commit a worktree stands at is to be kept."""
        task, oid = _task(worktree), worktree.head
        if task is None and oid is not None and self._is_candidate(state, oid):
            return None
        return self._unlanded(state, task, oid)

    def _is_candidate(self, state: RunState, oid: str) -> bool:
        """Say whether porch made the commit, to validate it; it can make it again."""
        trailer = "--format=%(trailers:key=Porch-Run,valueonly)"
        return self._repository.git.text("log", "-1", trailer, oid).strip() == state.run

    def _content(self, path: Path) -> Reason | None:
        """Return what in a worktree nobody has committed."""
        directory = git_dir_of(self._repository, path)
        operation = under_way(directory)
        if operation is not None:
            return Reason(operation.value, _git(path, "status"))
        tree = self._repository.at(path)
        submodules = nested_repositories.submodules_with_work(self._repository, tree)
        if submodules:
            why = f"submodules hold work that is nowhere else: {listed(submodules)}"
            return Reason(why, _git(path, "submodule"))
        paths = uncommitted_paths(tree)
        if paths:
            return Reason(f"uncommitted: {listed(paths)}", _git(path, "status"), is_work=True)
        alone = unsynced_commits(self._repository, path)
        if alone:
            why = f"only in this clone: {listed(tuple(alone))}"
            return Reason(why, _git(path, "log", "--all"), is_work=True)
        return None

    def _repositories(self, tree: WorkingTree, inside: Sequence[str]) -> Reason | None:
        """Return why a worktree stays that has repositories with work inside; git moves no tracked folder."""
        tracked = [one for one in inside if not is_ignored(tree, one)]
        if not tracked:
            return None
        why = f"repositories inside it hold work that is nowhere else: {listed(tracked)}"
        return Reason(why, _git(tree.path / tracked[0], "log", "--all"))

    def _unlanded(self, state: RunState, task: TaskId | None, oid: str | None) -> Reason | None:
        """Return why a commit is to be kept; None if it has landed, or is where the task began."""
        if oid is None or oid in _bases(state, task) or self._has_landed(state.target, oid):
            return None
        entry = state.entries.get(task) if task else None
        if entry and entry.landed and entry.head == oid and self._has_landed(state.target, entry.landed):
            return None  # squashed: the target has its content, not its commits
        root, target = self._repository.root, state.target
        if target not in self._tips:
            why = f"its commits cannot have landed: there is no branch {target}"
            return Reason(why, _git(root, "log", oid), is_work=True)
        ahead = int(self._repository.git.text("rev-list", "--count", f"refs/heads/{target}..{oid}"))
        span = f"{target}..{oid[:12]}"
        return Reason(f"{counted(ahead, 'commit')} not in {target}", _git(root, "log", span), is_work=True)

    def _has_landed(self, target: str, oid: str) -> bool:
        key = (target, oid)
        if key not in self._merged:
            asked = ("merge-base", "--is-ancestor", oid, f"refs/heads/{target}")
            self._merged[key] = self._repository.git.run(*asked, check=False).code == 0
        return self._merged[key]

    def _branches(self, state: RunState, staying: Mapping[TaskId | None, bool]) -> Iterator[BranchLeft]:
        for task in state.tasks:
            branch = state.plan.branch_of(task, state.run)
            oid = self._tips.get(branch)
            made_by = refs.run_that_began(self._repository, branch) if oid is not None else ""
            if oid is not None and not made_by and oid in _heads(state, task):
                why = "its reflog is gone, so that it cannot be told that porch made it"
                unknown = Reason(why, shlex.join(["git", "branch", "-d", branch]))
                yield BranchLeft(name=branch, kept=unknown, oid=oid, task=task)
            elif oid is not None and made_by == state.run:
                kept = self._holder(state, task, branch, staying) or self._unlanded(state, task, oid)
                yield BranchLeft(name=branch, kept=kept, oid=oid, task=task)

    def _holder(
        self, state: RunState, task: TaskId, branch: str, staying: Mapping[TaskId | None, bool]
    ) -> Reason | None:
        """Return why a branch stays where it is; `staying` are worktrees, with whether they hold work."""
        if task in staying:
            return Reason("its worktree stays", is_work=staying[task])
        others = [one.path for one in self._worktrees if one.branch == branch and not self._is_of(state, one)]
        return Reason(f"it is checked out in {others[0]}", _git(others[0], "status")) if others else None

    def _candidates(self, state: RunState) -> Iterator[CandidatesLeft]:
        kept_for_ever = RunRefs(state.run).rescue("")
        broken = {
            ref: oid
            for ref, oid in refs.broken(self._repository, RunRefs(state.run).prefix).items()
            if not ref.startswith(kept_for_ever)
        }
        if broken:
            gone = "1 object that is" if len(broken) == 1 else f"{len(broken)} objects that are"
            yield CandidatesLeft(name=f"{gone} gone", refs=broken)
        prefixes = tuple(f"{RunRefs(state.run).prefix}{folder}/" for folder in ("cand", "probe"))
        found = {
            ref: oid
            for ref, oid in refs.in_run(self._repository, state.run).items()
            if ref.startswith(prefixes) and ref not in broken
        }
        if not found:
            return
        name = counted(len(found), "candidate")
        wanted = [entry.task for entry in state.entries.values() if entry.status in _NEEDS_CANDIDATE]
        is_wanted = state.closed_at is None and wanted
        why = Reason(f"{listed(wanted)} may still land; porch close gives that up") if is_wanted else None
        yield CandidatesLeft(name=name, kept=why, refs=found)


_NEEDS_CANDIDATE = ON_TRAIN | {EntryStatus.BLOCKED, EntryStatus.RESOLVING, EntryStatus.UNDOING}


def is_of_the_past(state: RunState, worktree: Worktree) -> bool:
    """Say whether a worktree was made to resolve a conflict of the run that there is no more."""
    task = worktree.resolved_task
    if task is None:
        return False
    entry = state.entries.get(TaskId(task))
    return entry is None or entry.status not in (EntryStatus.CONFLICTED, EntryStatus.RESOLVING)


def _bases(state: RunState, task: TaskId | None) -> set[str]:
    known = state.tasks.get(task) if task else None
    return {state.base, *(attempt.base for attempt in (known.attempts if known else ()))}


def _heads(state: RunState, task: TaskId) -> set[str]:
    """Return the commits by which a branch is known for that of a task."""
    entry = state.entries.get(task)
    return {one for one in (state.tasks[task].head, entry.head if entry else None) if one}


def _task(worktree: Worktree) -> TaskId | None:
    task = worktree.task
    return TaskId(task) if task else None


def _outside(paths: Sequence[str], repositories: Sequence[str]) -> tuple[str, ...]:
    """Return the repositories that are in none of the folders among the paths."""
    folders = tuple(path for path in paths if path.endswith("/"))
    return tuple(one for one in repositories if not f"{one}/".startswith(folders))


def _git(path: Path, *words: str) -> str:
    return shlex.join(["git", "-C", str(path), *words])
