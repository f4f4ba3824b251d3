"""Turn what a task left in its worktree into commits on its branch, or refuse.

Runs after the last process of the task is gone. Whether the result is good is not decided here.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.errors import RepositoryError
from porch_tui.git.changes import LINK, SYMLINK, Change, StatusEntry, parse_status
from porch_tui.git.git_files import create, git_dirs, linked_git_dir
from porch_tui.git.objects import making_objects, note_tree, tree_of
from porch_tui.git.operations import Operation, under_way
from porch_tui.git.refs import head_commit, read_in
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree.symlinks import ignored_as_folders, ignored_links, links_leading_out

_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
"""Porch makes the commit itself; a hook that asks or fails would lose the task's work."""
_LOCK_WAIT_S = 2.0
"""For another git command that has the index locked; one that takes longer is reported."""
_POLL_S = 0.02
_STATUS = (
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-ahead-behind",  # comparing the branch with its upstream may take a walk through all of history
    "--no-renames",
)


class UncollectableError(RepositoryError):
    """A worktree is in a state in which it is not clear what the task's result is."""


class TaskResult(Struct, frozen=True):
    """What a task left, as commits."""

    head: str
    """The commit its branch is at."""
    remarks: tuple[str, ...] = ()
    """What was not collected, in words for a person."""
    is_plain: bool = False
    """The task has committed nothing itself, and no link is among what was committed for it."""
    is_kept: bool = False
    """The ref that keeps it leads to `head` already."""


def commit_leftovers(
    worktree: WorkingTree, branch: str, message: str, *, base: str | None = None, keep: str | None = None
) -> TaskResult:
    """Commit uncommitted and untracked work on `branch`, as the person; return the branch's commit.

    Ignored files and untracked symlinks out of the worktree are not part of the result. A submodule that is
    still at the commit of `base`, where the task began, is not set back to that. Without leftovers nothing is
    committed. A ref `keep` is pointed at the new commit together with the branch, if both are in one
    repository. Raises `UncollectableError`, having changed nothing, when HEAD is not on `branch`, when a
    merge, rebase or the like is under way, when paths are unmerged, or when there is a repository inside the
    worktree.
    """
    # one command for everything: each git process counts between a task's end and its record
    status = worktree.refreshing_git.lines_z("status", *_STATUS, "--untracked-files=all")
    head, left = _header(status, "branch.oid"), tuple(parse_status(status))
    _refuse_unclear(worktree, branch, _header(status, "branch.head"), head, left)
    links = links_leading_out(worktree, (one.path for one in left if one.staged == "?"))
    remarks = tuple(_remarks(worktree, links, left))
    left_out = (*links, *_stale_submodules(worktree, left, base))
    if len(left) == len(left_out):
        return TaskResult(head, remarks)
    # --sparse: a file outside the cone of a sparse checkout counts as much as any other
    but = (f":(top,exclude,literal){path}" for path in left_out)
    add = ("add", "-A", "--sparse", *(("--", ":(top)", *but) if left_out else ()))
    stage = add if any(one.unstaged != "." for one in left) else ()
    is_plain = head == base and not any({SYMLINK, LINK} & {*one.modes} for one in left)
    keep = None if worktree.is_clone else keep
    commit = _commit(worktree, head, message, stage, keep=keep)
    return TaskResult(commit or head, remarks, is_plain, is_kept=None not in (commit, keep))


def remove_outward_links(worktree: WorkingTree, result: TaskResult, changed: Sequence[Change]) -> TaskResult:
    """Remove symlinks from the branch that lead out of the worktree and are ignored as folders.

    `changed` is what the branch changes. `git add -A` commits such a link by accident; on the target it would
    be where the folder itself belongs.
    """
    new = [one.path for one in changed if one.before is None and one.after and one.after.mode == SYMLINK]
    links = sorted(ignored_links(worktree, new))
    if not links:
        return result
    remove = ("--literal-pathspecs", "rm", "-q", "--cached", "--sparse", "--", *links)
    message = f"Leave out {', '.join(links)}: a link out of the worktree, ignored as a folder\n"
    head = _commit(worktree, result.head, message, remove) or result.head
    why = "which is ignored as a folder: that link was removed again"
    remarks = (f"it committed {link}, {why}" for link in links)
    return TaskResult(head, (*result.remarks, *remarks))


def tracked_state(worktree: WorkingTree) -> tuple[str, tuple[str, ...]]:
    """Return the commit a worktree is at, and the tracked paths that differ from it, staged or not.

    For a worktree in which no process works.
    """
    status = worktree.refreshing_git.lines_z("status", *_STATUS, "--untracked-files=no")
    return _header(status, "branch.oid"), tuple(one.path for one in parse_status(status))


def head_if_clean(worktree: WorkingTree, *, with_untracked: bool) -> str | None:
    """Return the commit a worktree is at, if nothing in it is uncommitted; None otherwise."""
    untracked = "normal" if with_untracked else "no"
    status = worktree.git.lines_z("status", *_STATUS, f"--untracked-files={untracked}")
    head = _header(status, "branch.oid")
    is_clean = all(record.startswith(b"# ") for record in status) and head != "(initial)"
    return head if is_clean else None


def object_store_of(worktree: WorkingTree) -> Path:
    """Return the git directory with the objects of a worktree."""
    return git_dirs(worktree.path, {"GIT_DIR": str(worktree.git_dir)})[-1]


def _header(status: Sequence[bytes], name: str) -> str:
    """Return the value in a line such as `# branch.head main` of git's status."""
    start = f"# {name} ".encode()
    return next(os.fsdecode(record[len(start) :]) for record in status if record.startswith(start))


def _refuse_unclear(
    worktree: WorkingTree, branch: str, on: str, head: str, left: Sequence[StatusEntry]
) -> None:
    """Raise `UncollectableError` unless it is clear what the result is."""
    path = worktree.path
    operation = under_way(worktree.git_dir, _LOCK_WAIT_S)
    if operation is not None and operation is not Operation.BISECT:
        raise UncollectableError(
            f"the task's work in {path} cannot be collected: {operation.value}. "
            "Do that there, then requeue the task."
        )
    if on != branch:
        where = "at a detached HEAD" if on == "(detached)" else f"on {on}"
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but its worktree {path} is {where}. "
            f"Bring the work to {branch} there (git switch {branch}; git merge …), then requeue the task."
        )
    if head == "(initial)":
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but that branch does not exist any more. "
            f"`git -C {path} reflog` shows where it was; restore it, then requeue the task, or retry it."
        )
    # adding one would make its conflict markers the result
    if unmerged := [one.path for one in left if one.staged == "U"]:
        raise UncollectableError(
            f"the task's work in {path} cannot be collected: it left unresolved conflicts (unmerged "
            f"paths) in {', '.join(unmerged)}. Resolve and `git add` them there, then requeue the task."
        )
    # a repository: only for one does git name the folder here
    if nested := [one.path for one in left if one.staged == "?" and one.path.endswith("/")]:
        raise UncollectableError(
            f"the task left a git repository inside its worktree {path}: {', '.join(nested)}. Committing "
            "it would record a link without content. Move it away, ignore it, or delete its .git."
        )


def _remarks(worktree: WorkingTree, links: Sequence[str], left: Sequence[StatusEntry]) -> Iterator[str]:
    """Yield what a person should know about links and submodules that are not part of the result."""
    ignored = ignored_as_folders(worktree, links)
    for link in links:
        if link not in ignored:
            yield (
                f"{link} leads out of the worktree, to {(worktree.path / link).readlink()}: it was not "
                "committed. If it is a result, have the task commit it; if not, add it to .gitignore"
            )
    for one in left:
        if one.submodule[0] == "S" and one.submodule[2] == "M":  # only a commit in there can take them over
            yield (
                f"the submodule {one.path} has changes that the task did not commit in there: they are not "
                "part of its result, and stay in its worktree"
            )


def _stale_submodules(worktree: WorkingTree, left: Sequence[StatusEntry], base: str | None) -> list[str]:
    """Return submodules whose link the task has moved in a commit, without checking that out in them.

    Adding them would undo the task's own commit.
    """
    stale = []
    for one in left if base else ():
        if one.staged == "." and one.unstaged == "M" and one.submodule.startswith("SC"):
            inner = linked_git_dir(worktree.path / one.path)
            now = head_commit(inner) if inner else None
            if now not in (None, one.oids[0]) and now == read_in(worktree.git, f"{base}:{one.path}"):
                stale.append(one.path)
    return stale


def _commit(
    worktree: WorkingTree, head: str, message: str, stage: Sequence[str], *, keep: str | None = None
) -> str | None:
    """Stage by a git command, commit that on top of `head`, and return the commit; None if nothing changed.

    It does what `git commit` does, but with index and objects aside until all is complete: see `objects`.
    Killed in between, it has changed nothing.
    """
    with making_objects(object_store_of(worktree)) as made:
        index = made.folder / "index"
        if (worktree.git_dir / "index").exists():
            shutil.copy2(worktree.git_dir / "index", index)  # with its cache of file times
        git = replace(worktree, objects=made.folder).git_with({"GIT_INDEX_FILE": str(index)})
        if stage:
            git.run(*_NO_HOOKS, *stage)
        tree = git.text("write-tree")
        commit = None
        if tree != tree_of(git, head):
            words = ("commit-tree", "--no-gpg-sign", tree, "-p", head, "-F", "-")
            text = message.encode("utf-8", "surrogateescape")
            commit = git.run(*words, stdin=text).stdout.decode().strip()
            note_tree(commit, tree)
        made.publish()
        with _locked_index(worktree.git_dir) as lock:
            if commit is not None:
                reason = f"commit: {message.partition(chr(10))[0]}"
                moves = f"update HEAD {commit} {head}\n" + (f"update {keep} {commit}\n" if keep else "")
                stdin = os.fsencode(moves)
                worktree.git.run("update-ref", "-m", reason, "--stdin", stdin=stdin, is_repeatable=False)
            shutil.copyfile(index, lock)
            lock.replace(worktree.git_dir / "index")
        return commit


@contextmanager
def _locked_index(git_dir: Path) -> Iterator[Path]:
    """Lock a worktree's index as git does; the block unlocks it by renaming the lock file to the index."""
    lock = git_dir / "index.lock"
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            create(lock, "")
            break
        except FileExistsError as error:
            if time.monotonic() > deadline:
                raise RepositoryError(
                    f"what a task has staged should be kept in {git_dir / 'index'}, but another git command "
                    f"is at work there. If none is, remove {lock}"
                ) from error
            time.sleep(_POLL_S)
    try:
        yield lock
    except BaseException:
        lock.unlink(missing_ok=True)
        raise
