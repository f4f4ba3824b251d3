"""Repositories inside a worktree, submodules among them: what is only there, and links to it in commits.

A commit that holds a link (mode 160000) does not hold the files behind it. If the linked commit is in no
submodule, whoever checks the link out gets an empty folder, and the worktree may have the only copy.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, records
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree.clones import fetch
from porch_tui.git.worktree.task_result import Change, UncollectableError

LINK = "160000"
"""The mode of a link to a commit of another repository."""

KEPT = "refs/porch/kept"
"""In a submodule of the person's: prefix of the refs that keep commits a task made in its own copy of it."""


def refuse_lost_links(
    repository: Repository, worktree: Path, head: str, changed: Sequence[Change]
) -> tuple[str, ...]:
    """Raise `UncollectableError` if `head` links to commits that are in no submodule; return remarks.

    `changed` is what `head` changes. A commit that a task made in its own copy of a submodule is brought to
    the person's copy of it, where a ref keeps it. A remark says so, or that porch cannot tell.
    """
    links = [one for one in changed if one.mode == LINK]
    if not links:
        return ()
    git = repository.at(worktree).git if worktree.exists() else repository.git
    names = _submodules(git, head)
    remarks = []
    for link in links:
        remark = _examined(repository, worktree, link, names.get(link.path))
        remarks += [remark] if remark else []
    return tuple(remarks)


def repositories_with_work(worktree: Path) -> tuple[str, ...]:
    """Repositories in a worktree with commits or changes that are nowhere else, by their paths, sorted.

    Walks the whole worktree. Its own repository is not among them, and neither are submodules, whose
    commits are in its git directory: see `submodules_with_work`.
    """
    return tuple(
        sorted(path for path, git_dir in _repositories(worktree) if _has_work(git_dir, worktree / path))
    )


def submodules_with_work(repository: Repository, worktree: WorkingTree) -> tuple[str, ...]:
    """The submodules of a worktree with commits or changes that are nowhere else, by name, sorted."""
    found = []
    modules = worktree.git_dir / "modules"
    for store in _stores_below(modules):
        name = str(store.relative_to(modules))
        place = _worktree_of(store)
        is_dirty = (
            place is not None and place.is_relative_to(worktree.path.resolve()) and _is_dirty(store, place)
        )
        if is_dirty or _unpushed(store, repository.common_dir / "modules" / name):
            found.append(name)
    return tuple(sorted(found))


def _examined(repository: Repository, worktree: Path, link: Change, name: str | None) -> str | None:
    """Return what is to be said of a link; None if all is well. Raises `UncollectableError`."""
    persons = [*_store_at(repository.root / link.path), *_named(repository.common_dir, name)]
    if any(_has(store, link.oid) for store in persons):
        return None
    git_dir = linked_git_dir(worktree)
    own = [*(_named(git_dir, name) if git_dir else ()), *_store_at(worktree / link.path)]
    source = next((store for store in own if _has(store, link.oid)), None)
    if source is None or name is None:
        if name is None:
            raise UncollectableError(_lost(worktree, link, is_there=source is not None))
        return (
            f"whether commit {link.oid[:10]} of the submodule {link.path} exists, porch cannot tell: "
            "no copy of the submodule here has it"
        )
    if _is_at_a_remote(source, link.oid):
        return None
    if not persons:
        raise UncollectableError(_unpushed_link(worktree, link))
    ref = f"{KEPT}/{link.oid[:12]}"
    fetch(_git(persons[-1]), source, f"{link.oid}:{ref}")
    return (
        f"the submodule {link.path} is at {link.oid[:10]}, a commit that is at no remote. It was brought to "
        f"{persons[-1]}, as {ref}; push it before you push what links to it"
    )


def _lost(worktree: Path, link: Change, *, is_there: bool) -> str:
    where = f"is only in {worktree / link.path}" if is_there else "is nowhere to be found"
    remove = shlex.join(["git", "-C", str(worktree), "rm", "--cached", link.path])
    return (
        f"{link.path} cannot land: the task committed a link to another repository there, not its files. "
        f"{link.path} is no submodule, and commit {link.oid[:10]} {where}. To land the files: {remove}, move "
        f"{link.path}/.git away, then add and commit the files. Or make it a submodule whose commits are "
        "pushed. Then requeue the task."
    )


def _unpushed_link(worktree: Path, link: Change) -> str:
    return (
        f"{link.path} cannot land: commit {link.oid[:10]} of this submodule is only in "
        f"{worktree / link.path}. Push it from there, or initialize the submodule in your own checkout "
        "(git submodule update --init), then requeue the task."
    )


def set_aside(worktree: WorkingTree, folder: Path) -> tuple[str, ...]:
    """Move the untracked repositories of a worktree, which no commit can hold, into a folder; return them.

    They keep their paths there. What lies there from before stays. Raises OSError.
    """
    told = worktree.git.paths("status", "--porcelain", "-z", "--untracked-files=all")
    found = [line[3:].rstrip("/") for line in told if line.startswith("?? ") and line.endswith("/")]
    for path in found:
        target, number = folder / path, 2
        while os.path.lexists(target):
            target, number = folder / f"{path}.{number}", number + 1
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(worktree.path / path, target)
    return tuple(found)


def _submodules(git: Git, commit: str) -> dict[str, str]:
    """Path to name of every submodule that `.gitmodules` of a commit speaks of."""
    told = git.run(
        "config",
        "-z",
        "--blob",
        f"{commit}:.gitmodules",
        "--get-regexp",
        r"^submodule\..*\.path$",
        check=False,
    )
    found = {}
    for record in records(told.stdout) if told.code == 0 else ():
        key, _, path = os.fsdecode(record).partition("\n")
        name = key.removeprefix("submodule.").removesuffix(".path")
        if ".." not in PurePosixPath(name).parts:
            found[path.rstrip("/")] = name
    return found


def _named(git_dir: Path, name: str | None) -> list[Path]:
    store = git_dir / "modules" / (name or "")
    return [store] if name and (store / "HEAD").exists() else []


def _store_at(folder: Path) -> list[Path]:
    """The git directory of the repository whose top is `folder`, if there is one."""
    store = linked_git_dir(folder)
    return [store] if store is not None and (store / "HEAD").exists() else []


def _git(store: Path, place: Path | None = None) -> Git:
    """Git in another repository, named by its git directory: its `core.worktree` may be gone."""
    return WorkingTree((place or store).resolve(), store.resolve()).git


def _has(store: Path, oid: str) -> bool:
    return _git(store).run("cat-file", "-e", f"{oid}^{{commit}}", check=False).code == 0


def _is_at_a_remote(store: Path, oid: str) -> bool:
    """Whether what was fetched from a remote leads to a commit."""
    git = _git(store)
    asked = ("for-each-ref", "--count=1", f"--contains={oid}", "refs/remotes", "refs/tags")
    return bool(git.run("remote", check=False).stdout) and bool(git.run(*asked, check=False).stdout)


def _repositories(worktree: Path) -> Iterator[tuple[str, Path]]:
    """Yield each repository inside a worktree: its path in there, and its git directory."""
    own = linked_git_dir(worktree)
    for folder, folders, files in os.walk(worktree):
        here = Path(folder)
        path = str(here.relative_to(worktree))
        if {"objects", "refs"} <= set(folders) and "HEAD" in files:  # a bare one
            folders.clear()
            if own and not _git(own, worktree).run("ls-files", "--", f":(top,literal){path}/HEAD").stdout:
                yield path, here
        if ".git" in folders:
            folders.remove(".git")
        elif ".git" not in files:
            continue
        git_dir = linked_git_dir(here)
        is_submodule = (
            own is not None and git_dir is not None and git_dir.resolve().is_relative_to(own.resolve())
        )
        if here != worktree and git_dir is not None and (git_dir / "HEAD").exists() and not is_submodule:
            yield path, git_dir


def _stores_below(folder: Path) -> Iterator[Path]:
    """Yield the git directories of submodules and of theirs; a name may have slashes."""
    for found, folders, files in os.walk(folder):
        if "HEAD" in files and "objects" in folders:
            folders[:] = [name for name in folders if name == "modules"]
            yield Path(found)


def _worktree_of(store: Path) -> Path | None:
    told = _git(store).run("config", "--file", store / "config", "--get", "core.worktree", check=False)
    if told.code != 0:
        return None
    return (store / os.fsdecode(told.stdout).removesuffix("\n")).resolve()


def _has_work(git_dir: Path, place: Path) -> bool:
    if (git_dir / "commondir").exists():  # a worktree: its branches are safe where it belongs to
        held = _git(git_dir, place).run("for-each-ref", "--count=1", "--contains=HEAD", check=False)
        return not held.stdout or _is_dirty(git_dir, place)
    if git_dir == place:
        return _unpushed(git_dir)
    # before its first commit it holds nothing: what lies there is seen as files of the worktree
    has_commit = _git(git_dir).run("rev-parse", "--verify", "--quiet", "HEAD", check=False).code == 0
    return _unpushed(git_dir) or (has_commit and _is_dirty(git_dir, place))


def _is_dirty(git_dir: Path, place: Path) -> bool:
    if not place.is_dir():
        return False
    told = _git(git_dir, place).run("status", "--porcelain", "--untracked-files=normal", check=False)
    return told.code != 0 or bool(told.stdout)


def _unpushed(store: Path, other: Path | None = None) -> bool:
    """Whether a repository has commits that were not fetched from a remote, nor are kept alive in `other`."""
    git = _git(store)
    pushed = ("--not", "--remotes", "--tags") if git.run("remote", check=False).stdout else ()
    told = git.run("rev-list", "--all", *pushed, check=False)
    if told.code != 0:
        return True  # damaged: no one knows
    if not told.stdout or other is None or not (other / "HEAD").exists():
        return bool(told.stdout)
    missing = _git(other).run("rev-list", "--stdin", "--not", "--all", stdin=told.stdout, check=False)
    return missing.code != 0 or bool(missing.stdout)
