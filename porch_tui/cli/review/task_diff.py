"""What a task changes: the merged result compared with what it lands on, or what is in its worktree now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from porch_tui.cli.far_worktrees import left_of, look_there
from porch_tui.cli.review.approval import result_now
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model.copying import replace
from porch_tui.core.model.hypothesis import is_lost
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN, TAKEN_OUT, EntryStatus, TaskStatus
from porch_tui.core.model.wording import counted, listed, predicate
from porch_tui.core.scheduling.shared import far_worktree
from porch_tui.errors import RefusedError
from porch_tui.executors.checkout import worktree_of
from porch_tui.git import refs
from porch_tui.git.changes import uncommitted
from porch_tui.git.merge import candidates
from porch_tui.git.objects import making_objects
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue.salvage import snapshot_commit, worktree_with_new_objects
from porch_tui.git.runner import Git
from porch_tui.present.amounts import short

PLAIN = (
    "--no-ext-diff", "--no-color", "--no-textconv", "--find-renames", "--submodule=short",
    "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
"""Whatever a person has configured: for programs, and for the screen."""


class What(StrEnum):
    """What is compared with what."""

    RESULT = "result"
    """What would change on the target."""
    ON_TARGET = "on-target"
    """What has changed there."""
    OWN = "own"
    """What the task has changed since it began, because merging it conflicts."""
    WORKTREE = "worktree"
    """What is in its worktree now, compared with where it began."""


class TaskDiff(Struct, frozen=True):
    """Two states of the repository whose difference is a task's work; they exist as long as `git` is used."""

    task: TaskId
    what: What
    before: str
    """A commit."""
    after: str
    """A commit or a tree."""
    about: str
    """What is compared, in a sentence."""
    git: Git
    head: Sha | None = None
    """The commit of the task; None: what is shown is not committed."""
    conflicts: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    """What else a reviewer should know, a sentence each."""

    def patch(self, *options: str) -> bytes:
        """Return the difference as git prints it."""
        return self.git.run("diff", *PLAIN, *options, self.before, self.after).stdout

    def files(self) -> list[dict[str, object]]:
        """Return each path that differs: with its status (A, D, M, T) and the lines added and removed.

        A rename is two of them. The lines of a binary file are None.
        """
        same = ("--no-renames", "--no-ext-diff", "-z", self.before, self.after)
        names = [os.fsdecode(one) for one in self.git.lines_z("diff", "--name-status", *same)]
        status = dict(zip(names[1::2], names[::2], strict=True))
        found: list[dict[str, object]] = []
        for line in self.git.lines_z("diff", "--numstat", *same):
            added, removed, path = os.fsdecode(line).split("\t", 2)
            numbers = {"added": _number(added), "removed": _number(removed)}
            found.append({"path": path, "status": status.get(path, "M"), **numbers})
        return found


@contextmanager
def task_diff(repository: Repository, state: RunState, task: TaskId) -> Iterator[TaskDiff]:
    """Yield what a task changes; RefusedError if there is nothing yet that it could have changed."""
    known, entry = state.tasks[task], state.entries.get(task)
    if known.attempt is None:
        raise RefusedError(f"{task} has changed nothing yet: it {predicate(known.status)}")
    if entry is not None and entry.landed is not None:
        about = f"{task} has landed on {state.target.name} as {short(entry.landed)}"
        before = repository.git.text("rev-parse", f"{entry.landed}^1")
        yield TaskDiff(task, What.ON_TARGET, before, entry.landed, about, repository.git, entry.head)
    elif (kept := _evidence(repository, state, task)) is not None:
        yield kept
    elif known.head is not None and known.status is TaskStatus.SUCCEEDED:
        with making_objects(repository.common_dir) as made:
            own = replace(repository, objects=made.folder)
            if state.specs[task].kind is Kind.CHECK:
                about = f"{task} is a check: nothing of this is merged"
                yield TaskDiff(
                    task, What.WORKTREE, known.attempt.base, known.head, about, own.git, known.head
                )
            else:
                yield _result(own, state, task)
    else:
        with _worktree_now(repository, state, task) as found:
            yield found


def _evidence(repository: Repository, state: RunState, task: TaskId) -> TaskDiff | None:
    """Return what is kept of a theory that has not won; None for any other task, or if nothing is."""
    of, attempt = state.specs[task].of, state.tasks[task].attempt
    if of is None or attempt is None or not is_lost(state, task):
        return None
    head = refs.read(repository, RunRefs(state.run).evidence(of, task))
    if head is None:
        return None
    winner = state.hypotheses[of].winner
    about = f"what {task} has left; {f'{winner} has won' if winner else 'no theory has won'} {of}"
    return TaskDiff(task, What.OWN, attempt.base, head, about, repository.git, Sha(head))


def _result(repository: Repository, state: RunState, task: TaskId) -> TaskDiff:
    """Return what the task would change where it would land."""
    entry, git, hints = state.entries.get(task), repository.git, _hints(repository, state, task)
    if entry is not None and entry.status is EntryStatus.READY and entry.onto and entry.tree:
        where = _where(state, entry.onto, _in_queue(state, entry.on_top_of))
        about = f"what {task} changes on {where}"
        return TaskDiff(task, What.RESULT, entry.onto, entry.tree, about, git, entry.head, hints=hints)
    head = entry.head if entry is not None else None
    if entry is None or entry.status in TAKEN_OUT:  # what is merged next is what is on its branch by then
        head = result_now(repository, state, task)
    assert head is not None  # a task that has succeeded has one
    onto, ahead = _onto(repository, state, task)
    where = _where(state, onto, ahead)
    with tempfile.TemporaryDirectory(prefix="porch-diff-") as scratch:
        merged = candidates.merge(repository, Path(scratch), onto, head)
    if isinstance(merged, candidates.Conflicted):
        paths = tuple(dict.fromkeys(one.path for one in merged.conflicts))
        base = Sha(git.text("merge-base", onto, head))
        places = f" in {listed(paths, 'more files')}" if paths else ""
        about = f"{task} conflicts{places} with {where}; this is what it has changed since {short(base)}"
        return TaskDiff(task, What.OWN, base, head, about, git, head, paths, hints)
    about = f"what {task} would change on {where}"
    return TaskDiff(task, What.RESULT, onto, merged, about, git, head, hints=hints)


def _onto(repository: Repository, state: RunState, task: TaskId) -> tuple[Sha, tuple[TaskId, ...]]:
    """Return what the task would be merged on top of, and the tasks whose work is in that and has not landed.

    Those are the entries of the queue that are built; without any it is the target's tip.
    """
    entry, links = state.entries.get(task), train(state).entries
    if entry is not None and entry.status is EntryStatus.CONFLICTED and entry.onto:
        left = _in_queue(state, entry.on_top_of)
        if left or not entry.on_top_of:
            return entry.onto, left
    elif links and links[-1].candidate:
        return links[-1].candidate, tuple(link.task for link in links)
    return Sha(refs.read(repository, f"refs/heads/{state.target.name}") or state.target.tip), ()


def _in_queue(state: RunState, tasks: Iterable[TaskId]) -> tuple[TaskId, ...]:
    """Return those that have not landed since, nor been taken out."""
    return tuple(task for task in tasks if task in state.entries and state.entries[task].status in ON_TRAIN)


def _where(state: RunState, onto: Sha, ahead: Sequence[TaskId]) -> str:
    others = f", with {listed(ahead)} ahead of it in the queue" if ahead else f" at {short(onto)}"
    return f"{state.target.name}{others}"


def _hints(repository: Repository, state: RunState, task: TaskId) -> tuple[str, ...]:
    """Return what a diff of commits does not show: uncommitted files, and where it wrote besides."""
    attempt, worktree = state.tasks[task].attempt, worktree_of(repository, state, task)
    hints = []
    if awaits_review(state, task) and far_worktree(state, task) is None and worktree.is_dir():
        loose = uncommitted(repository.at(worktree).git)
        if loose:
            paths = listed([path for _, path in loose], "more files")
            hints.append(f"its worktree has uncommitted changes that are no part of this: {paths}")
    if attempt is not None and attempt.escape:
        hints.append(f"it {attempt.escape}" if attempt.escape.startswith("was ") else attempt.escape)
    if attempt is not None and attempt.undeclared_paths:
        count = counted(len(attempt.undeclared_paths), "path")
        hints.append(f"it wrote {count} that it did not declare: {listed(attempt.undeclared_paths)}")
    return tuple(hints)


@contextmanager
def _worktree_now(repository: Repository, state: RunState, task: TaskId) -> Iterator[TaskDiff]:
    """Yield what is in the worktree of a task that has not succeeded; its branch, if there is no worktree."""
    known, worktree = state.tasks[task], worktree_of(repository, state, task)
    attempt = known.attempt
    assert attempt is not None
    is_now = predicate(known.status)
    why = f" ({attempt.failure.text})" if attempt.failure and known.status is TaskStatus.FAILED else ""
    if (far := far_worktree(state, task)) is not None:
        left = left_of(repository, state, task)
        if left is None:
            look = look_there(repository, state, task, far)
            raise RefusedError(
                f"{task} {is_now} on {far.place}: what it changes comes here when it ends{look}"
            )
        about = f"{task} {is_now}{why}: this is what it left on {far.place}, since {short(attempt.base)}"
        yield TaskDiff(task, What.WORKTREE, attempt.base, left, about, repository.git)
        return
    if worktree.is_dir():
        with worktree_with_new_objects(repository.at(worktree)) as (tree, _):
            now = snapshot_commit(tree, {}, with_index=False)
            about = f"{task} {is_now}{why}: this is in its worktree now, since {short(attempt.base)}"
            yield TaskDiff(task, What.WORKTREE, attempt.base, now.commit or now.head, about, tree.git)
        return
    branch = state.plan.branch_of(task, state.run)
    head = refs.read(repository, f"refs/heads/{branch}")
    if head is None:
        raise RefusedError(f"{task} {is_now}{why}, and neither its worktree nor its branch {branch} is there")
    about = f"{task} {is_now}{why}: this is on its branch {branch}, since {short(attempt.base)}"
    yield TaskDiff(task, What.WORKTREE, attempt.base, head, about, repository.git)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
