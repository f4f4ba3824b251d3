"""Cleanup candidates: what a run has left in the repository, and whether it may be removed.

A worktree may be removed if nothing in it is uncommitted and its commit has landed or is the base; a branch
if it was created for this run and its commits have landed. In doubt it stays, with the reason and a command
that shows more. Nothing is changed here.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.hypothesis import is_lost
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
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree import nested_repositories
from porch_tui.git.worktree.clones import unsynced_commits
from porch_tui.git.worktree.disk_usage import NOTHING, DiskUsage
from porch_tui.git.worktree.ignored_files import is_ignored, precious
from porch_tui.git.worktree.removal import refuse_foreign, uncommitted_paths
from porch_tui.git.worktree_list import Worktree
from porch_tui.housekeeping.survey import Survey, is_obsolete, names_of


class Reason(Struct, frozen=True):
    """Why something stays."""

    why: str
    command: str = ""
    """Shows more; empty if there is nothing to see."""
    is_work: bool = False
    """It is work that can be shelved, and restored as it was."""


class _Candidate(Struct, frozen=True, kw_only=True):
    name: str
    kept: Reason | None = None
    """Why it is not simply removed."""
    restore: str = ""
    """The command that restores it; empty if it is not shelved."""

    @property
    def stays(self) -> bool:
        """Whether it stays where it is."""
        return self.kept is not None and not self.restore


class WorktreeCandidate(_Candidate, frozen=True, kw_only=True):
    """A worktree of a task, of validations or of a resolver."""

    path: Path
    task: TaskId | None
    """None: of validations or of a resolver."""
    precious: tuple[str, ...] = ()
    """Ignored files in it that no tool can recreate: they are moved to the run's directory."""
    repositories: tuple[str, ...] = ()
    """Ignored repositories in it with work that exists nowhere else."""
    usage: DiskUsage = NOTHING
    """The disk space it takes."""
    is_obsolete: bool = False
    """It was made for a resolver whose conflict is settled: its proposal is not needed."""

    @property
    def kind(self) -> str:
        """What it is, for people."""
        others = "resolver's worktree" if self.is_obsolete else "validation worktree"
        return "worktree" if self.task else others


class BranchCandidate(_Candidate, frozen=True, kw_only=True):
    """A task's branch."""

    oid: str
    task: TaskId
    kind = "branch"


class RefsCandidate(_Candidate, frozen=True, kw_only=True):
    """The refs of merge candidates, or of objects that no longer exist."""

    refs: dict[str, str]
    kind = "refs of"


CleanupCandidate = WorktreeCandidate | BranchCandidate | RefsCandidate


def cleanup_candidates(survey: Survey, state: RunState) -> list[CleanupCandidate]:
    """Return what a run has left, worktrees before the branches that are checked out in them."""
    run = _Run(survey, state)
    worktrees = [*map(run.worktree, survey.worktrees_of(state.run)), *run.unrecorded_worktrees()]
    return [*worktrees, *run.branches(worktrees), *run.tried_refs()]


def worktree_candidate(survey: Survey, state: RunState, worktree: Worktree) -> WorktreeCandidate:
    """Return whether a worktree of a run may be removed."""
    return _Run(survey, state).worktree(worktree)


class _Run:
    """Examines what one run has left in the repository."""

    def __init__(self, survey: Survey, state: RunState) -> None:
        self._survey = survey
        self._repository = survey.repository
        self._state = state

    def worktree(self, worktree: Worktree) -> WorktreeCandidate:
        """Examine a worktree; if it cannot be examined it stays, and that keeps no other."""
        if worktree.is_locked_by_others:
            why = f"it is locked: {worktree.lock_reason or 'no reason is given'}"
            kept = Reason(why, shlex.join(["git", "worktree", "unlock", str(worktree.path)]))
        else:
            try:
                return self._examined(worktree)
            except (PorchError, OSError) as error:
                kept = Reason(str(error))
        return WorktreeCandidate(name=str(worktree.path), kept=kept, path=worktree.path, task=worktree.task)

    def _examined(self, worktree: Worktree) -> WorktreeCandidate:
        path, task = worktree.path, worktree.task
        is_there = path.exists()
        found = self._why_in_use(path) or self._unsaved(path) if is_there else None
        kept = found or self._unlanded_head(worktree)
        repositories: tuple[str, ...] = ()
        saved: tuple[str, ...] = ()
        if is_there and (kept is None or kept.is_work) and task is not None:
            tree = self._repository.at(path)
            # those inside untracked folders stay, or are shelved, with them
            folders = tuple(one for one in uncommitted_paths(tree) if one.endswith("/"))
            found_there = nested_repositories.repositories_with_work(path)
            repositories = tuple(one for one in found_there if not f"{one}/".startswith(folders))
            if linked := [one for one in repositories if not is_ignored(tree, one)]:
                # only ignored ones can be moved away
                why = f"repositories inside it contain work that exists nowhere else: {listed(linked)}"
                kept = Reason(why, _git(path / linked[0], "log", "--all"))
            saved = precious(self._repository.root, tree, self._state.plan.copy, repositories)
        return WorktreeCandidate(
            name=str(path),
            kept=kept,
            path=path,
            task=task,
            precious=saved,
            repositories=repositories,
            usage=self._survey.usage([path]),
            is_obsolete=kept is not None and kept.is_work and is_obsolete(self._state, worktree),
        )

    def unrecorded_worktrees(self) -> Iterator[WorktreeCandidate]:
        """Yield the folders of worktrees whose record in git another tool has pruned."""
        known = {one.path.resolve() for one in self._survey.worktrees}
        for task, progress in self._state.tasks.items():
            relative = self._state.plan.worktree_of(task, self._repository.name, self._state.run)
            path = worktree_path(self._repository.root, relative)
            if not progress.attempts or path.resolve() in known or not (path / ".git").is_file():
                continue
            admin = linked_git_dir(path)
            if admin is None or admin.exists() or admin.parent != self._repository.common_dir / "worktrees":
                continue
            why = "git no longer has a record of it (git worktree prune); it may contain work"
            kept = Reason(why, shlex.join(["ls", "-la", str(path)]))
            yield WorktreeCandidate(name=str(path), kept=kept, path=path, task=task)

    def _why_in_use(self, path: Path) -> Reason | None:
        """Return why others need a worktree: it is another repository's, or processes run in it."""
        try:
            refuse_foreign(self._repository, path)
        except NotItsFolderError as error:
            return Reason(str(error))
        there = self._survey.processes_in(path)
        look = shlex.join(["ps", "-o", "pid,user,tty,args", "-p", ",".join(str(one.pid) for one in there)])
        return Reason(f"processes run in it: {names_of(there)}", look) if there else None

    def _unsaved(self, path: Path) -> Reason | None:
        """Return what would be lost with a worktree."""
        operation = under_way(git_dir_of(self._repository, path))
        if operation is not None:
            return Reason(operation.value, _git(path, "status"))
        tree = self._repository.at(path)
        submodules = nested_repositories.submodules_with_work(self._repository, tree)
        if submodules:
            why = f"submodules contain work that exists nowhere else: {listed(submodules)}"
            return Reason(why, _git(path, "submodule"))
        paths = uncommitted_paths(tree)
        if paths:
            return Reason(f"uncommitted: {listed(paths)}", _git(path, "status"), is_work=True)
        commits = unsynced_commits(self._repository, path)
        if commits:
            why = f"only in this clone: {listed(tuple(commits))}"
            return Reason(why, _git(path, "log", "--all"), is_work=True)
        return None

    def _unlanded_head(self, worktree: Worktree) -> Reason | None:
        """Return why the commit that is checked out in a worktree must be kept."""
        task, oid = worktree.task, worktree.head
        if task is None and oid is not None:
            # a commit that porch made to validate it, and can make again
            trailer = "--format=%(trailers:key=Porch-Run,valueonly)"
            if self._repository.git.text("log", "-1", trailer, oid).strip() == self._state.run:
                return None
        return self._unlanded(task, oid)

    def _unlanded(self, task: TaskId | None, oid: str | None) -> Reason | None:
        """Return why a commit must be kept; None if it has landed, or is where the task started."""
        target = self._state.target.name
        known = self._state.tasks.get(task) if task else None
        bases = {self._state.target.base, *(attempt.base for attempt in (known.attempts if known else ()))}
        if oid is None or oid in bases or self._has_landed(oid) or self._is_evidence(task, oid):
            return None
        entry = self._state.entries.get(task) if task else None
        if entry and entry.landed and entry.head == oid and self._has_landed(entry.landed):
            return None  # squashed: the target has its content, not its commits
        root = self._repository.root
        if target not in self._survey.branches:
            why = f"its commits cannot have landed: branch {target} does not exist"
            return Reason(why, _git(root, "log", oid), is_work=True)
        ahead = int(self._repository.git.text("rev-list", "--count", f"refs/heads/{target}..{oid}"))
        span = f"{target}..{oid[:12]}"
        return Reason(f"{counted(ahead, 'commit')} not in {target}", _git(root, "log", span), is_work=True)

    def _has_landed(self, oid: str) -> bool:
        query = ("merge-base", "--is-ancestor", oid, f"refs/heads/{self._state.target.name}")
        return self._repository.git.run(*query, check=False).code == 0

    def _is_evidence(self, task: TaskId | None, oid: str) -> bool:
        """Say whether the commit is of a theory that has not won, and kept as evidence."""
        if task is None or task not in self._state.tasks or not is_lost(self._state, task):
            return False
        of = self._state.specs[task].of
        kept = refs.read(self._repository, RunRefs(self._state.run).evidence(of or "", task))
        query = ("merge-base", "--is-ancestor", oid, kept or "")
        return kept is not None and self._repository.git.run(*query, check=False).code == 0

    def branches(self, worktrees: Sequence[WorktreeCandidate]) -> Iterator[BranchCandidate]:
        """Yield the branches of the run's tasks."""
        for task in self._state.tasks:
            branch = self._state.plan.branch_of(task, self._state.run)
            oid = self._survey.branches.get(branch)
            if oid is None:
                continue
            creator, entry = refs.run_that_began(self._repository, branch), self._state.entries.get(task)
            if creator == self._state.run:
                kept = self._why_checked_out(task, branch, worktrees) or self._unlanded(task, oid)
            elif not creator and oid in (self._state.tasks[task].head, entry.head if entry else None):
                why = "its reflog is gone, so porch cannot tell whether it created the branch"
                kept = Reason(why, shlex.join(["git", "branch", "-d", branch]))
            else:
                continue
            yield BranchCandidate(name=branch, kept=kept, oid=oid, task=task)

    def _why_checked_out(
        self, task: TaskId, branch: str, worktrees: Sequence[WorktreeCandidate]
    ) -> Reason | None:
        """Return which worktree keeps a branch."""
        reasons = [one.kept for one in worktrees if one.task == task and one.kept]
        if reasons:
            return Reason("its worktree stays", is_work=all(one.is_work for one in reasons))
        own = self._survey.worktrees_of(self._state.run)
        others = [one.path for one in self._survey.worktrees if one.branch == branch and one not in own]
        return Reason(f"it is checked out in {others[0]}", _git(others[0], "status")) if others else None

    def tried_refs(self) -> Iterator[RefsCandidate]:
        """Yield the refs of objects that no longer exist, and those of merge candidates and probes."""
        names = RunRefs(self._state.run)
        found = refs.broken(self._repository, names.prefix)
        broken = {ref: oid for ref, oid in found.items() if not ref.startswith(names.rescue(""))}
        if broken:
            gone = "1 object that is" if len(broken) == 1 else f"{len(broken)} objects that are"
            yield RefsCandidate(name=f"{gone} gone", refs=broken)
        prefixes = tuple(f"{names.prefix}{folder}/" for folder in ("cand", "probe", "so-far"))
        tried = {
            ref: oid
            for ref, oid in refs.below(self._repository, names.prefix).items()
            if ref.startswith(prefixes) and ref not in broken
        }
        if not tried:
            return
        needed = [entry.task for entry in self._state.entries.values() if entry.status in _NEEDS_CANDIDATE]
        is_needed = self._state.closed_at is None and needed
        why = Reason(f"{listed(needed)} may still land unless you close the run") if is_needed else None
        yield RefsCandidate(name=counted(len(tried), "candidate"), kept=why, refs=tried)


_NEEDS_CANDIDATE = ON_TRAIN | {EntryStatus.BLOCKED, EntryStatus.RESOLVING, EntryStatus.UNDOING}


def _git(path: Path, *words: str) -> str:
    return shlex.join(["git", "-C", str(path), *words])
