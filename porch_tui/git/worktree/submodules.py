"""Keep the submodules of a worktree, where they are filled, at the commits that are checked out.

The setup decides which of them are filled. A commit they lack is looked for in the other copies of the
submodule on this machine, and at its remote.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.refs import read_in
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import untracked
from porch_tui.git.worktree.clones import fetch


class SubmoduleError(RepositoryError):
    """A submodule cannot be at the commit where it should be."""


def update(repository: Repository, worktree: WorkingTree) -> None:
    """Check out in each filled submodule, and in theirs, the commit that `worktree` links to.

    Raises `SubmoduleError` when a commit is nowhere to be found.
    """
    for path, oid, inner in _links(worktree):
        if inner is None:
            continue
        if not _checked_out(inner, oid):
            error = _fetch(repository, inner, oid)
            if not _checked_out(inner, oid):
                raise SubmoduleError(
                    f"the submodule {path} should be at {oid[:10]}, and that commit is not available: "
                    f"{error or 'it cannot be checked out'}. Push it to the submodule's remote, then requeue"
                )
        update(repository, inner)


def filled(worktree: WorkingTree) -> Iterator[tuple[WorkingTree, str]]:
    """Yield each filled submodule with the commit where it should be, then those inside it."""
    for _, oid, inner in _links(worktree):
        if inner is not None:
            yield inner, oid
            yield from filled(inner)


def outdated(worktree: WorkingTree) -> tuple[str, ...]:
    """Return the submodules of a worktree that are empty, or not at the commit where they should be."""
    links = _links(worktree)
    return tuple(path for path, oid, inner in links if inner is None or read_in(inner.git, "HEAD") != oid)


def _links(worktree: WorkingTree) -> Iterator[tuple[str, str, WorkingTree | None]]:
    """Yield path and commit of each submodule in the index, and its working tree if it is filled."""
    if not os.path.lexists(worktree.path / ".gitmodules"):
        return
    for record in worktree.git.lines_z("ls-files", "--stage", "-z"):
        if record.startswith(b"160000 "):
            entry, _, path = os.fsdecode(record).partition("\t")
            git_dir = untracked.submodule_git_dir(str(worktree.git_dir), str(worktree.path), path)
            is_filled = git_dir and (Path(git_dir) / "HEAD").exists()
            inner = WorkingTree(worktree.path / path, Path(git_dir)) if is_filled else None
            yield path, entry.split(" ")[1], inner


def _checked_out(inner: WorkingTree, oid: str) -> bool:
    (inner.git_dir / "index.lock").unlink(missing_ok=True)  # of a validation that was killed
    checkout = ("checkout", "-q", "--detach", "-f", "--no-recurse-submodules", oid)
    return inner.git.run(*checkout, check=False).code == 0


def _fetch(repository: Repository, inner: WorkingTree, oid: str) -> str:
    """Get a commit from wherever it is; return git's message if it is nowhere."""
    for store in _copies(repository, inner):
        copy = WorkingTree(store, store)
        if copy.git.run("cat-file", "-e", f"{oid}^{{commit}}", check=False).code == 0:
            fetch(inner.git, store, oid)
            return ""
    quiet = ("fetch", "-q", "--no-recurse-submodules", "origin")
    done = inner.git.run(*quiet, oid, check=False)
    if done.code != 0:  # not every server sends a commit by its id
        done = inner.git.run(*quiet, check=False)
    return done.stderr.strip() if done.code != 0 else ""


def _copies(repository: Repository, inner: WorkingTree) -> Iterator[Path]:
    """Yield the git directories of the same submodule in the person's checkout and in other worktrees."""
    common_dir, own = repository.common_dir.resolve(), inner.git_dir.resolve()
    parts = own.relative_to(common_dir).parts if own.is_relative_to(common_dir) else ()
    if "modules" not in parts:
        return
    name = Path(*parts[parts.index("modules") + 1 :])
    places = (repository.common_dir, *sorted((repository.common_dir / "worktrees").glob("*")))
    stores = (place / "modules" / name for place in places)
    yield from (store for store in stores if store.resolve() != own and (store / "HEAD").exists())
