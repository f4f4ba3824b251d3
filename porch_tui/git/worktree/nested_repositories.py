"""Repositories inside a worktree, submodules included: work that is only there, and links to it in commits.

A commit that holds a link (mode 160000) does not hold the files behind it. If the linked commit is in no
submodule, whoever checks the link out gets an empty folder, and the worktree may have the only copy.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from porch_tui.git.changes import LINK, Change, uncommitted
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.refs import read_in
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, records
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree.clones import fetch
from porch_tui.git.worktree.task_result import UncollectableError

KEPT = "refs/porch/kept"
"""In the person's submodule: prefix of refs that keep commits a task made in its own copy of it."""


def refuse_lost_links(
    repository: Repository, worktree: Path, head: str, changed: Sequence[Change]
) -> tuple[str, ...]:
    """Raise `UncollectableError` if `head` links to commits that are in no submodule; return remarks.

    `changed` is what `head` changes. A commit that a task made in its own copy of a submodule is fetched into
    the person's copy of it, where a ref keeps it. A remark says so, or that porch cannot know.
    """
    links = {one.path: one.after.oid for one in changed if one.after and one.after.mode == LINK}
    if not links:
        return ()
    names = _submodules(repository.at(worktree).git if worktree.exists() else repository.git, head)
    remarks = (_checked_link(repository, worktree, path, oid, names.get(path)) for path, oid in links.items())
    return tuple([remark for remark in remarks if remark])


def _checked_link(repository: Repository, worktree: Path, path: str, oid: str, name: str | None) -> str:
    """Return a remark about a link; empty if all is well. Raises `UncollectableError`."""
    persons = [*_store_at(repository.root / path), *_module(repository.common_dir, name)]
    if any(_has(store, oid) for store in persons):
        return ""
    git_dir = linked_git_dir(worktree)
    own = [*(_module(git_dir, name) if git_dir else ()), *_store_at(worktree / path)]
    source = next((store for store in own if _has(store, oid)), None)
    if name is None:
        where = f"is only in {worktree / path}" if source else "is nowhere to be found"
        remove = shlex.join(["git", "-C", str(worktree), "rm", "--cached", path])
        raise UncollectableError(
            f"{path} cannot land: the task committed a link to another repository there, not its files. "
            f"{path} is no submodule, and commit {oid[:10]} {where}. To land the files: {remove}, move "
            f"{path}/.git away, then add and commit the files. Or make it a submodule whose commits are "
            "pushed. Then requeue the task."
        )
    if source is None:
        return (
            f"porch cannot tell whether commit {oid[:10]} of the submodule {path} exists: no copy of the "
            "submodule here has it"
        )
    git = _git(source)
    fetched = ("for-each-ref", "--count=1", f"--contains={oid}", "refs/remotes", "refs/tags")
    if git.run("remote", check=False).stdout and git.run(*fetched, check=False).stdout:
        return ""  # what was fetched from a remote leads to it
    if not persons:
        raise UncollectableError(
            f"{path} cannot land: commit {oid[:10]} of this submodule is only in {worktree / path}. Push it "
            "from there, or initialize the submodule in your own checkout (git submodule update --init), "
            "then requeue the task."
        )
    ref = f"{KEPT}/{oid[:12]}"
    fetch(_git(persons[-1]), source, f"{oid}:{ref}")
    return (
        f"the submodule {path} is at {oid[:10]}, a commit that is at no remote. It was fetched into "
        f"{persons[-1]}, as {ref}; push it before you push what links to it"
    )


def repositories_with_work(worktree: Path) -> tuple[str, ...]:
    """Return the repositories in a worktree with commits or changes that are nowhere else; paths, sorted.

    Walks the whole worktree. Leaves out its own repository, and submodules, whose commits are in its git
    directory: see `submodules_with_work`.
    """
    inside = _repositories(worktree)
    return tuple(sorted(path for path, git_dir in inside if _has_work(git_dir, worktree / path)))


def submodules_with_work(repository: Repository, worktree: WorkingTree) -> tuple[str, ...]:
    """Return the submodules of a worktree with commits or changes that are nowhere else; names, sorted."""
    names = []
    modules = worktree.git_dir / "modules"
    for folder, folders, files in os.walk(modules):  # a name may have slashes
        if "HEAD" not in files or "objects" not in folders:
            continue
        folders[:] = [one for one in folders if one == "modules"]  # the submodules of this one
        store = Path(folder)
        name = str(store.relative_to(modules))
        get = ("config", "--file", store / "config", "--get", "core.worktree")
        place = _git(store).run(*get, check=False)
        path = (store / os.fsdecode(place.stdout).removesuffix("\n")).resolve()
        is_inside = place.code == 0 and path.is_relative_to(worktree.path.resolve())
        is_dirty = is_inside and _is_dirty(store, path)
        if is_dirty or _has_unpushed(store, repository.common_dir / "modules" / name):
            names.append(name)
    return tuple(sorted(names))


def set_aside(worktree: WorkingTree, folder: Path) -> tuple[str, ...]:
    """Move the untracked repositories of a worktree, which no commit can hold, into a folder; return them.

    They keep their paths there, with a number if one is taken. Raises OSError.
    """
    listed = uncommitted(worktree.git, "all")
    moved = tuple(path.rstrip("/") for code, path in listed if code == "??" and path.endswith("/"))
    for path in moved:
        target, number = folder / path, 2
        while os.path.lexists(target):
            target, number = folder / f"{path}.{number}", number + 1
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(worktree.path / path, target)
    return moved


def _submodules(git: Git, commit: str) -> dict[str, str]:
    """Return the name of every submodule in the `.gitmodules` of a commit, by its path."""
    listing = ("--blob", f"{commit}:.gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    done = git.run("config", "-z", *listing, check=False)
    names = {}
    for record in records(done.stdout) if done.code == 0 else ():
        key, _, path = os.fsdecode(record).partition("\n")
        name = key.removeprefix("submodule.").removesuffix(".path")
        if ".." not in PurePosixPath(name).parts:
            names[path.rstrip("/")] = name
    return names


def _module(git_dir: Path, name: str | None) -> list[Path]:
    store = git_dir / "modules" / (name or "")
    return [store] if name and (store / "HEAD").exists() else []


def _store_at(folder: Path) -> list[Path]:
    """Return the git directory of the repository whose top is `folder`, if there is one."""
    store = linked_git_dir(folder)
    return [store] if store is not None and (store / "HEAD").exists() else []


def _git(store: Path, place: Path | None = None) -> Git:
    """Return git in another repository, named by its git directory: its `core.worktree` may be gone."""
    return WorkingTree((place or store).resolve(), store.resolve()).git


def _has(store: Path, oid: str) -> bool:
    return _git(store).run("cat-file", "-e", f"{oid}^{{commit}}", check=False).code == 0


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
        if here == worktree or git_dir is None or not (git_dir / "HEAD").exists():
            continue
        is_submodule = own is not None and git_dir.resolve().is_relative_to(own.resolve())
        if not is_submodule:
            yield path, git_dir


def _has_work(git_dir: Path, place: Path) -> bool:
    if (git_dir / "commondir").exists():  # a worktree: its branches are safe in its own repository
        branch = _git(git_dir, place).run("for-each-ref", "--count=1", "--contains=HEAD", check=False)
        return not branch.stdout or _is_dirty(git_dir, place)
    if git_dir == place:
        return _has_unpushed(git_dir)
    # before its first commit it holds nothing: its files are seen as files of the worktree
    has_commit = read_in(_git(git_dir), "HEAD") is not None
    return _has_unpushed(git_dir) or (has_commit and _is_dirty(git_dir, place))


def _is_dirty(git_dir: Path, place: Path) -> bool:
    if not place.is_dir():
        return False
    status = _git(git_dir, place).run("status", "--porcelain", "--untracked-files=normal", check=False)
    return status.code != 0 or bool(status.stdout)


def _has_unpushed(store: Path, other: Path | None = None) -> bool:
    """Whether a repository has commits that were not fetched from a remote, and are not in `other` either."""
    git = _git(store)
    pushed = ("--not", "--remotes", "--tags") if git.run("remote", check=False).stdout else ()
    listed = git.run("rev-list", "--all", *pushed, check=False)
    if listed.code != 0:
        return True  # damaged: no one knows
    if not listed.stdout or other is None or not (other / "HEAD").exists():
        return bool(listed.stdout)
    missing = _git(other).run("rev-list", "--stdin", "--not", "--all", stdin=listed.stdout, check=False)
    return missing.code != 0 or bool(missing.stdout)
