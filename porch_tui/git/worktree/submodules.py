"""The submodules of a worktree follow the commit that is checked out, as far as they are filled.

Which of them are filled is the setup's business. A commit they lack is looked for in the copies of the
submodule that are on this machine, and at its remote.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import untracked
from porch_tui.git.worktree.clones import fetch

_LINK = b"160000 "


class SubmoduleError(RepositoryError):
    """A submodule cannot be at the commit it should be at."""


def update(repository: Repository, worktree: WorkingTree) -> None:
    """Check out in each filled submodule, and in theirs, what the commit checked out in `worktree` wants.

    Raises `SubmoduleError` when a commit is nowhere to be had.
    """
    for path, oid in _links(worktree):
        inner = _filled(worktree, path)
        if inner is None:
            continue
        if not _checked_out(inner, oid):
            said = _fetched(repository, inner, oid)
            if not _checked_out(inner, oid):
                raise SubmoduleError(
                    f"the submodule {path} should be at {oid[:10]}, and that commit cannot be had: "
                    f"{said or 'it cannot be checked out'}. Push it to the submodule's remote, then requeue"
                )
        update(repository, inner)


def filled(worktree: WorkingTree) -> Iterator[tuple[WorkingTree, str]]:
    """Yield each filled submodule with the commit it should be at, those inside it after it."""
    for path, oid in _links(worktree):
        inner = _filled(worktree, path)
        if inner is not None:
            yield inner, oid
            yield from filled(inner)


def outdated(worktree: WorkingTree) -> tuple[str, ...]:
    """The submodules of a worktree that are empty, or not at the commit they should be at."""
    found = []
    for path, oid in _links(worktree):
        inner = _filled(worktree, path)
        if inner is None or inner.git.run("rev-parse", "HEAD", check=False).stdout.decode().strip() != oid:
            found.append(path)
    return tuple(found)


def _links(worktree: WorkingTree) -> list[tuple[str, str]]:
    """Path and commit of each submodule, as the index has it."""
    if not os.path.lexists(worktree.path / ".gitmodules"):
        return []
    entries = worktree.git.lines_z("ls-files", "--stage", "-z")
    links = (entry.partition(b"\t") for entry in entries if entry.startswith(_LINK))
    return [(os.fsdecode(path), entry.split(b" ")[1].decode()) for entry, _, path in links]


def _filled(worktree: WorkingTree, path: str) -> WorkingTree | None:
    git_dir = untracked.submodule_git_dir(str(worktree.git_dir), str(worktree.path), path)
    if not git_dir or not (Path(git_dir) / "HEAD").exists():
        return None
    return WorkingTree(worktree.path / path, Path(git_dir))


def _checked_out(inner: WorkingTree, oid: str) -> bool:
    (inner.git_dir / "index.lock").unlink(missing_ok=True)  # of a validation that was killed
    checkout = ("checkout", "-q", "--detach", "-f", "--no-recurse-submodules", oid)
    return inner.git.run(*checkout, check=False).code == 0


def _fetched(repository: Repository, inner: WorkingTree, oid: str) -> str:
    """Get a commit from wherever it is; return what git said if it is nowhere."""
    for store in _copies(repository, inner):
        copy = WorkingTree(store, store)
        if copy.git.run("cat-file", "-e", f"{oid}^{{commit}}", check=False).code == 0:
            fetch(inner.git, store, oid)
            return ""
    quiet = ("fetch", "-q", "--no-recurse-submodules", "origin")
    done = inner.git.run(*quiet, oid, check=False)
    if done.code != 0:  # not every server gives what it is asked for by its id
        done = inner.git.run(*quiet, check=False)
    return done.stderr.strip() if done.code != 0 else ""


def _copies(repository: Repository, inner: WorkingTree) -> Iterator[Path]:
    """Yield the git directories of the same submodule in the person's checkout and in other worktrees."""
    common_dir = repository.common_dir.resolve()
    if not inner.git_dir.resolve().is_relative_to(common_dir):
        return
    parts = inner.git_dir.resolve().relative_to(common_dir).parts
    if "modules" not in parts:
        return
    name = Path(*parts[parts.index("modules") + 1 :])
    places = (repository.common_dir, *sorted((repository.common_dir / "worktrees").glob("*")))
    stores = (place / "modules" / name for place in places)
    yield from (
        store for store in stores if store.resolve() != inner.git_dir.resolve() and (store / "HEAD").exists()
    )
