"""Keep what is in a worktree alive under refs, and only then reset it.

Nothing in here loses anything but `reset_to_base`, and that pins first.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.errors import RepositoryError
from porch_tui.git import changes, locks, refs
from porch_tui.git.objects import NewObjects, making_objects, tree_of
from porch_tui.git.refs import head_commit
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import clones, submodules
from porch_tui.git.worktree.submodules import SubmoduleError
from porch_tui.git.worktree.symlinks import ignored_links
from porch_tui.git.worktree.task_result import UncollectableError, object_store_of
from porch_tui.git.worktree_list import find_worktree, worktrees_on

_HARMLESS = re.compile(
    r"does not have a commit checked out|adding files failed|^hint:|^warning:|^fatal: adding"
)
"""`git add` about a nested repository without commits. It cannot be saved, and `clean` leaves it alone."""

_IDENTITY = {
    "GIT_AUTHOR_NAME": "porch",
    "GIT_AUTHOR_EMAIL": "porch@localhost",
    "GIT_COMMITTER_NAME": "porch",
    "GIT_COMMITTER_EMAIL": "porch@localhost",
}
"""A snapshot is not the person's commit, and must not fail because they have no identity configured."""


class Snapshot(Struct, frozen=True):
    """The commit a worktree is at, and a commit of what is uncommitted in it, if anything is."""

    head: str
    commit: str | None


def snapshot(repository: Repository, worktree: Path, ref: str) -> str | None:
    """Save uncommitted and untracked content as a commit under `ref`; return its id, or None without any.

    The first parent is HEAD; where the index differs from both, a second parent holds it, as in a stash.
    The worktree and its index are not touched. Ignored files are left out. Raises `GitError` when a file
    cannot be read.
    """
    with worktree_with_new_objects(repository.at(worktree)) as (tree, made):
        saved = snapshot_commit(tree, {}).commit
        if saved is not None:
            made.publish()
            clones.keep_commits(repository, worktree, {ref: saved})
        return saved


def snapshot_commit(
    worktree: WorkingTree,
    environment: Mapping[str, str],
    *,
    with_untracked: bool = True,
    with_index: bool = True,
) -> Snapshot:
    """Make the commit of `snapshot`, without a ref.

    `environment` says where its objects go, if not into the repository. Without untracked files it costs no
    more than the changes, whatever else is in the folder. Without the index, staged content counts only as
    far as it is on disk too.
    """
    with tempfile.TemporaryDirectory(prefix="porch-index-") as scratch:
        index = Path(scratch) / "index"
        if (worktree.git_dir / "index").exists():
            # with its cache of file times: 2 to 10 times faster
            shutil.copy2(worktree.git_dir / "index", index)
        git = worktree.git_with(_IDENTITY | {"GIT_INDEX_FILE": str(index)} | dict(environment))
        head = head_commit(worktree.git_dir) or git.text("rev-parse", "HEAD")
        head_tree = tree_of(git, head)
        # fails while entries are unmerged: then there is no tree to save
        staged = git.run("write-tree", check=False).stdout.decode().strip() if with_index else ""
        add = ("add", "-A" if with_untracked else "-u")
        settings = ("-c", "core.hooksPath=/dev/null", "-c", "core.safecrlf=false")
        added = git.run(*settings, *add, "--sparse", "--ignore-errors", check=False)
        if added.code != 0 and any(line and not _HARMLESS.search(line) for line in added.stderr.splitlines()):
            raise git.failure(add, added)
        tree = git.text("write-tree")
        staged_tree = staged or tree
        if tree == head_tree == staged_tree:
            return Snapshot(head, None)
        parents = ["-p", head]
        if staged_tree not in (tree, head_tree):
            parents += ["-p", git.text("commit-tree", staged_tree, "-p", head, "-m", "porch: the index")]
        return Snapshot(head, git.text("commit-tree", tree, *parents, "-m", "porch: uncommitted work"))


@contextmanager
def worktree_with_new_objects(worktree: WorkingTree) -> Iterator[tuple[WorkingTree, NewObjects]]:
    """Yield the worktree with a place for new objects, which no gc sees before they are published."""
    with making_objects(object_store_of(worktree)) as made:
        yield replace(worktree, objects=made.folder), made


def pin_leftovers(repository: Repository, worktree: Path, ref: str) -> bool:
    """Save under `ref` what is uncommitted in a worktree; return whether there was any.

    Costs one `git status` where there is nothing; a worktree that is gone has nothing.
    """
    if not (worktree / ".git").exists() or not changes.uncommitted(repository.at(worktree).git):
        return False
    return snapshot(repository, worktree, ref) is not None


def reset_to_base(repository: Repository, worktree: Path, branch: str, base: str, keep_ref: str) -> None:
    """Set `branch` and its worktree back to `base`, after pinning what is there.

    The pins are `<keep_ref>/branch`, `<keep_ref>/head` (where HEAD is elsewhere) and `<keep_ref>/work`
    (uncommitted and untracked content), each only where there is something beyond `base`; if `keep_ref` is
    in use, under `<keep_ref>-2` and so on. Ignored files stay. Filled submodules are reset too, with the
    same pins in their own repositories. No process may work in the worktree. Raises `RepositoryError`,
    having changed nothing, when the worktree is not porch's or the branch is checked out elsewhere as well.
    """
    pin_and_continue(repository, worktree, branch, base, keep_ref)
    tree = repository.at(worktree)
    git = tree.git
    _end_operations(tree)
    _pin_submodules(tree, keep_ref)
    git.run("symbolic-ref", "-m", "porch: begin again", "HEAD", f"refs/heads/{branch}")
    if refs.read(repository, f"refs/heads/{branch}") is None:
        git.run("update-ref", "-m", "porch: begin again", f"refs/heads/{branch}", base)
    git.run("reset", "-q", "--hard", "--no-recurse-submodules", base)
    # setup is not repeated, so a link that it made to an ignored folder elsewhere stays, as that folder would
    untracked = git.paths("ls-files", "--others", "--exclude-standard", "-z")
    kept = (re.sub(r"[][*?!#\\]", r"\\\g<0>", path) for path in sorted(ignored_links(tree, untracked)))
    git.run("clean", "-fdq", *(word for path in kept for word in ("-e", f"/{path}")))
    with suppress(SubmoduleError):  # setup fills it, or fails with git's own words
        submodules.update(repository, tree)
    for inner, _ in submodules.filled(tree):
        inner.git.run("clean", "-fdq")
    clones.reset_branch(repository, worktree, branch, base)


def pin_and_continue(repository: Repository, worktree: Path, branch: str, base: str, keep_ref: str) -> None:
    """Leave `branch` and its worktree as they are, after pinning what is there as `reset_to_base` does.

    Only lock files that a killed git left are removed. No process may work in the worktree. Raises
    `RepositoryError` as `reset_to_base` does.
    """
    _refuse_shared(repository, worktree, branch)
    clear_locks(repository, worktree, branch)
    if clones.is_clone(repository, worktree):
        clones.ensure_commit(repository, worktree, base)
        with suppress(UncollectableError):  # both are pinned then, one by one
            clones.sync_back(repository, worktree, branch, f"{keep_ref}-clone")
    keep_ref = unused_prefix(repository, keep_ref)
    tip = refs.read(repository, f"refs/heads/{branch}")
    git = repository.at(worktree).git
    at = refs.read_in(git, "HEAD^{commit}")
    if tip and tip != base:
        refs.keep(repository, f"{keep_ref}/branch", tip)
    if at and at not in (tip, base):
        clones.keep_commits(repository, worktree, {f"{keep_ref}/head": at})
    if not at:  # an unborn branch has nothing to compare with: compare with the base
        git.run("update-ref", "--no-deref", "HEAD", base)
    snapshot(repository, worktree, f"{keep_ref}/work")


def clear_locks(
    repository: Repository, worktree: Path, branch: str, before: float = math.inf
) -> tuple[Path, ...]:
    """Remove lock files that a killed git left in this worktree and on its branch; return them.

    Only when every process of the attempt is known to be gone: a lock file does not name its owner. What was
    made after `before` (Unix time), when the last of them ended, say, goes if no living git may hold it.
    """
    directory = repository.at(worktree).git_dir
    candidates = [
        directory / "index.lock",
        directory / "HEAD.lock",
        repository.common_dir / "refs/heads" / f"{branch}.lock",
    ]
    if clones.is_clone(repository, worktree):  # no one else has anything to lock there
        candidates += [*directory.glob("*.lock"), *directory.glob("refs/**/*.lock")]
    there = [lock for lock in dict.fromkeys(candidates) if lock.exists()]
    left = tuple(lock for lock in there if lock.stat().st_mtime <= before)
    for lock in left:
        lock.unlink(missing_ok=True)
    newer = [lock for lock in there if lock.exists()]  # of porch's own git perhaps, killed with porch
    staying = locks.remove_stale(newer, before) if newer else ()
    return (*left, *(lock for lock in newer if lock not in staying))


def unused_prefix(repository: Repository, prefix: str) -> str:
    """Return the prefix, or a numbered one if it is in use: what was pinned earlier stays pinned."""
    taken = repository.git.text("for-each-ref", "--format=%(refname)", f"{prefix}*/**").splitlines()
    names = (prefix, *(f"{prefix}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if not any(ref.startswith(f"{name}/") for ref in taken))


def _refuse_shared(repository: Repository, worktree: Path, branch: str) -> None:
    known = find_worktree(repository, worktree)
    if known is None or not known.is_ours:
        raise RepositoryError(
            f"{worktree} should be reset to its base, but it is no worktree that porch made. "
            "Restore or move it; porch changes only its own."
        )
    others = [one.path for one in worktrees_on(repository, branch) if one.path != known.path]
    if others:
        raise RepositoryError(
            f"{worktree} should be reset on {branch}, but that branch is checked out in {others[0]} too. "
            "Switch that worktree to another branch, then retry."
        )


def _pin_submodules(tree: WorkingTree, keep_ref: str) -> None:
    """Keep commits and changes in filled submodules alive, which are reset to those of the base."""
    for inner, wanted in submodules.filled(tree):
        head = refs.read_in(inner.git, "HEAD")
        if head is None:
            continue
        with worktree_with_new_objects(inner) as (inner_tree, made):
            work = snapshot_commit(inner_tree, {}).commit
            made.publish()
            pins = {"head": head if head != wanted else None, "work": work}
            for name, oid in pins.items():
                if oid:
                    inner.git.run("update-ref", f"{keep_ref}/{name}/{oid[:12]}", oid)


def _end_operations(worktree: WorkingTree) -> None:
    """End rebases, bisections and the like, which `reset --hard` alone would leave."""
    git, directory = worktree.git, worktree.git_dir
    if (directory / "rebase-merge").exists() or (directory / "rebase-apply").exists():
        git.run("rebase", "--quit", check=False)
    if (directory / "BISECT_START").exists():
        git.run("bisect", "reset", "HEAD", check=False)
    for name in ("rebase-merge", "rebase-apply", "sequencer"):
        shutil.rmtree(directory / name, ignore_errors=True)
