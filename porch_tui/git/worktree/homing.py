"""Bring what a task did in its clone to the repository: its branch, and what else it committed or stashed.

What is in a clone is lost with it; so it is fetched before anybody counts on it. For a worktree there is
nothing to bring, and every function here does what would be done without clones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.worktree.cloning import HOME, fetch, is_clone
from porch_tui.git.worktree.collecting import UncollectableError

_OF_ITS_OWN = ("refs/heads", "refs/tags", "refs/notes", "refs/stash")
"""What a task may have moved; remote branches are somebody else's, and can be fetched again."""


def keep(repository: Repository, worktree: Path, wanted: Mapping[str, str]) -> None:
    """Point refs of the repository at commits that were made in a worktree or clone."""
    if is_clone(repository, worktree):
        if wanted:
            fetch(repository.git, worktree, *(f"{oid}:{ref}" for ref, oid in wanted.items()))
        return
    for ref, oid in wanted.items():
        refs.keep(repository, ref, oid)


def bring_home(repository: Repository, worktree: Path, branch: str, prefix: str) -> tuple[str, ...]:
    """Move `branch` of the repository to where it is in a clone; return refs that keep what else is there.

    Those are under `prefix`: branches and tags the task moved, stashes, a detached HEAD; each that no
    branch tells of by now. Safe to repeat. Raises `UncollectableError` where the branch was moved in the
    repository as well; its commits are kept under `prefix` then too.
    """
    if not is_clone(repository, worktree):
        return ()
    tip = refs.read_in(repository.at(worktree).git, f"refs/heads/{branch}")
    found = homeless(repository, worktree, branch)
    strays = {f"{prefix}/{name}": oid for name, oid in found.items()}
    own = {f"{prefix}/branch": tip} if tip and refs.read(repository, f"refs/heads/{branch}") != tip else {}
    keep(repository, worktree, strays | own)
    if tip:
        _move(repository, worktree, branch, tip)
    return tuple(strays)


def homeless(repository: Repository, worktree: Path, branch: str | None = None) -> dict[str, str]:
    """The commits in a clone that nothing in the repository keeps alive, by short names of theirs.

    Without what leads to `branch`, if it is given; a worktree has none.
    """
    if not is_clone(repository, worktree):
        return {}
    git = repository.at(worktree).git
    known = set(repository.git.text("for-each-ref", "--format=%(objectname)").splitlines())
    found = {name: oid for name, oid in _everything(git).items() if oid not in known}
    branches = [f"refs/heads/{branch}"] if branch and refs.read_in(git, f"refs/heads/{branch}") else []
    return {name: oid for name, oid in found.items() if _is_beyond(repository, git, oid, branches)}


def set_branch(repository: Repository, worktree: Path, branch: str, commit: str) -> None:
    """Set `branch` of the repository to a commit at which a clone begins again."""
    if is_clone(repository, worktree):
        ref = f"refs/heads/{branch}"
        repository.git.run("update-ref", "-m", "porch: begin again", ref, commit)
        repository.at(worktree).git.run("update-ref", HOME, commit)


def _everything(git: Git) -> dict[str, str]:
    """What a task may have made: names below a prefix, with object ids."""
    listed = git.text("for-each-ref", "--format=%(objectname) %(refname)", *_OF_ITS_OWN).splitlines()
    pairs = (line.split(" ", 1) for line in listed)
    found = {ref.removeprefix("refs/"): oid for oid, ref in pairs}
    if found.pop("stash", None):
        stashes = git.text("reflog", "show", "--format=%H", "refs/stash").splitlines()
        found |= {f"stash/{oid[:12]}": oid for oid in stashes}
    head = refs.read_in(git, "HEAD")
    return found | ({"detached": head} if head and head not in found.values() else {})


def _is_beyond(repository: Repository, git: Git, oid: str, branches: list[str]) -> bool:
    """Whether the branches do not lead to it, nor anything in the repository."""
    if any(git.run("merge-base", "--is-ancestor", oid, one, check=False).code == 0 for one in branches):
        return False
    asked = ("for-each-ref", "--count=1", f"--contains={oid}")
    is_known = repository.git.run("cat-file", "-e", oid, check=False).code == 0
    return not (is_known and repository.git.run(*asked, check=False).stdout)


def _move(repository: Repository, worktree: Path, branch: str, tip: str) -> None:
    ref, git = f"refs/heads/{branch}", repository.at(worktree).git
    at = refs.read(repository, ref)
    if at is None:
        return  # somebody deleted it, and is told so when it should land
    if at != tip:
        home = refs.read_in(git, HOME)
        is_behind = git.run("merge-base", "--is-ancestor", at, tip, check=False).code == 0
        if at != home and not is_behind:
            raise UncollectableError(
                f"what was committed in {worktree} should come to the branch {branch}, but that was moved to "
                f"{at[:10]} meanwhile. Put both together there (git -C {worktree} pull --no-rebase "
                f"{os.fspath(repository.root)} {branch}), then requeue the task, or retry it."
            )
        repository.git.run("update-ref", "-m", f"porch: from {worktree}", ref, tip, at)
    git.run("update-ref", HOME, tip)
