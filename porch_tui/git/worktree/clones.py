"""Clones, for tasks that want a stash, configuration and hooks of their own: made, and synced back.

A clone is where the task's worktree would be, and git has the same record of it: so it is found, locked,
listed and removed like any other worktree. In the folder is a complete repository, whose objects are hard
links to the person's: nothing is copied, and no gc there removes what the clone needs (it would, if the
objects were borrowed as by `git clone --shared`; measured: 1 ms less, 20 for 3,000 loose objects). Its
remotes are the repository's own, and none leads to the repository itself: what the task pushes goes where
it would from a worktree.

What is only in a clone is lost with it, so it is fetched before anyone relies on it. For an ordinary worktree
there is nothing to sync, and the functions below do the same without a clone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, records
from porch_tui.git.working_tree import CLONE_OF, WorkingTree
from porch_tui.git.worktree.task_result import UncollectableError

HOME = "refs/porch/home"
"""In a clone: where its branch was when clone and repository were last in sync."""

ASIDE = ".git-porch"
"""The clone's git directory while it is incomplete."""

_KINDS = ("refs/heads", "refs/remotes", "refs/tags", "refs/notes", "refs/replace")
"""The refs a clone begins with: all that a worktree sees, except for porch's own and the stash."""
_OF_ITS_OWN = ("refs/heads", "refs/tags", "refs/notes", "refs/stash")
"""The refs a task may have moved; remote branches can be fetched again."""
_COPIED = ("config.worktree", "shallow", "info/exclude", "info/attributes", "info/sparse-checkout")
_OWN_SETTINGS = ("core.worktree", "core.bare")
_TRIES = 10
"""So many repacks may replace packs while they are linked."""


def is_clone(repository: Repository, worktree: Path) -> bool:
    """Whether a task's folder is a repository of its own."""
    return (worktree / ".git").is_dir() and worktree.resolve() != repository.root


def refuse_unclonable(repository: Repository) -> None:
    """Raise `RepositoryError` if tasks cannot have clones of this repository."""
    if (repository.common_dir / "reftable").exists():
        raise RepositoryError(
            "a task with `isolation: clone` needs a clone, and porch cannot make one of a repository that "
            "keeps its refs in a reftable. Leave `isolation` out, or: git refs migrate --ref-format=files"
        )


def make_clone(repository: Repository, path: Path, branch: str) -> None:
    """Make the folder `path` a clone with `branch` as its HEAD and nothing checked out, unless it is one.

    All or nothing: it is put together aside. The folder may hold what an earlier call left when it was cut
    off, and nothing else. Raises `RepositoryError` or `OSError`.
    """
    refuse_unclonable(repository)
    aside = path / ASIDE
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        tip = _write_refs(repository, aside, branch)  # before the objects, so that all they name gets linked
        _link_objects(repository.common_dir / "objects", aside / "objects")
        (aside / CLONE_OF).write_text(f"{repository.root}\n", "utf-8", "surrogateescape")
        _copy_configuration(repository, aside)
        WorkingTree(path, aside).git.run("update-ref", HOME, tip)
        if (path / ".git").is_file():
            (path / ".git").unlink()  # git's own link, where git made the record
        aside.rename(path / ".git")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def ensure_commit(repository: Repository, worktree: Path, commit: str) -> None:
    """Fetch a commit of the repository into a clone, unless it has it."""
    git = repository.at(worktree).git
    if git.run("cat-file", "-e", f"{commit}^{{commit}}", check=False).code != 0:
        fetch(git, repository.common_dir, commit)


def fetch(git: Git, source: Path, *wanted: str) -> None:
    """Fetch object ids, or `<id>:<ref>`, from another repository on this machine, and do nothing else."""
    as_pack = "fetch.unpackLimit=1"  # which git keeps from any gc until it has made the refs
    settings = ("protocol.version=2", "protocol.file.allow=always", "fetch.fsckObjects=false", as_pack)
    words = (word for setting in settings for word in ("-c", setting))
    quiet = ("--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head")
    still = ("--no-auto-maintenance", "--no-write-commit-graph", "--update-shallow")
    git.run(*words, "fetch", "-q", *quiet, *still, source, *(f"+{one}" for one in wanted))


def keep_commits(repository: Repository, worktree: Path, wanted: Mapping[str, str]) -> None:
    """Point refs of the repository at commits that were made in a worktree or clone."""
    if is_clone(repository, worktree):
        if wanted:
            fetch(repository.git, worktree, *(f"{oid}:{ref}" for ref, oid in wanted.items()))
        return
    for ref, oid in wanted.items():
        refs.keep(repository, ref, oid)


def sync_back(repository: Repository, worktree: Path, branch: str, prefix: str) -> None:
    """Move `branch` of the repository to where it is in a clone, and keep all else of the clone under refs.

    Those are under `prefix`: branches and tags the task moved, stashes, a detached HEAD, but nothing that a
    branch contains by now. Safe to repeat. Raises `UncollectableError` where the branch was moved in the
    repository as well; its commits are kept under `prefix` then too.
    """
    if not is_clone(repository, worktree):
        return
    tip = refs.read_in(repository.at(worktree).git, f"refs/heads/{branch}")
    others = {f"{prefix}/{name}": oid for name, oid in unsynced_commits(repository, worktree, branch).items()}
    own = {f"{prefix}/branch": tip} if tip and refs.read(repository, f"refs/heads/{branch}") != tip else {}
    keep_commits(repository, worktree, others | own)
    if tip:
        _move_branch(repository, worktree, branch, tip)


def unsynced_commits(repository: Repository, worktree: Path, branch: str | None = None) -> dict[str, str]:
    """Return the commits in a clone that nothing in the repository keeps alive, by short names.

    Without those that `branch` contains, if it is given. A worktree has none.
    """
    if not is_clone(repository, worktree):
        return {}
    git = repository.at(worktree).git
    known = set(repository.git.text("for-each-ref", "--format=%(objectname)").splitlines())
    tip = refs.read_in(git, f"refs/heads/{branch}") if branch else None

    def is_kept(oid: str) -> bool:
        """Whether the branch contains a commit, or any ref of the repository."""
        if oid in known:
            return True
        if tip and git.run("merge-base", "--is-ancestor", oid, tip, check=False).code == 0:
            return True
        if repository.git.run("cat-file", "-e", oid, check=False).code != 0:
            return False
        containing = ("for-each-ref", "--count=1", f"--contains={oid}")
        return bool(repository.git.run(*containing, check=False).stdout)

    return {name: oid for name, oid in _own_commits(git).items() if not is_kept(oid)}


def reset_branch(repository: Repository, worktree: Path, branch: str, commit: str) -> None:
    """Set `branch` of the repository to a commit to which a clone was reset."""
    if is_clone(repository, worktree):
        ref = f"refs/heads/{branch}"
        repository.git.run("update-ref", "-m", "porch: begin again", ref, commit)
        repository.at(worktree).git.run("update-ref", HOME, commit)


def _own_commits(git: Git) -> dict[str, str]:
    """Return what a task may have made: names below a prefix, with object ids."""
    listed = git.text("for-each-ref", "--format=%(objectname) %(refname)", *_OF_ITS_OWN).splitlines()
    pairs = (line.split(" ", 1) for line in listed)
    commits = {ref.removeprefix("refs/"): oid for oid, ref in pairs}
    if commits.pop("stash", None):
        stashes = git.text("reflog", "show", "--format=%H", "refs/stash").splitlines()
        commits |= {f"stash/{oid[:12]}": oid for oid in stashes}
    head = refs.read_in(git, "HEAD")
    return commits | ({"detached": head} if head and head not in commits.values() else {})


def _move_branch(repository: Repository, worktree: Path, branch: str, tip: str) -> None:
    ref, git = f"refs/heads/{branch}", repository.at(worktree).git
    at = refs.read(repository, ref)
    if at is None:
        return  # someone deleted it: that is reported when it should land
    if at != tip:
        home = refs.read_in(git, HOME)
        is_behind = git.run("merge-base", "--is-ancestor", at, tip, check=False).code == 0
        if at != home and not is_behind:
            raise UncollectableError(
                f"the commits of {worktree} should come to the branch {branch}, but that was moved to "
                f"{at[:10]} meanwhile. Merge the two there (git -C {worktree} pull --no-rebase "
                f"{os.fspath(repository.root)} {branch}), then requeue the task, or retry it."
            )
        repository.git.run("update-ref", "-m", f"porch: from {worktree}", ref, tip, at)
    git.run("update-ref", HOME, tip)


def _write_refs(repository: Repository, aside: Path, branch: str) -> str:
    """Write HEAD and all refs the clone begins with; return the commit its branch is at."""
    listed = repository.git.text("for-each-ref", "--format=%(objectname) %(refname) %(symref)", *_KINDS)
    packed = ["# pack-refs with: sorted "]
    for line in listed.splitlines():
        oid, name, symbolic = line.split(" ")
        if symbolic:
            _write(aside / name, f"ref: {symbolic}\n")
        else:
            packed.append(f"{oid} {name}")
    _write(aside / "packed-refs", "\n".join(packed) + "\n")
    _write(aside / "HEAD", f"ref: refs/heads/{branch}\n")
    (aside / "refs").mkdir(exist_ok=True)
    tip = refs.read(repository, f"refs/heads/{branch}")
    if tip is None:
        raise RepositoryError(f"a clone should begin on {branch}, but that branch is gone. Retry the task.")
    return tip


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", "surrogateescape")


def _link_objects(source: Path, target: Path) -> None:
    """Link all objects: loose ones first, because a repack in the meantime moves them into packs."""
    for folder in source.glob("[0-9a-f][0-9a-f]"):
        (target / folder.name).mkdir(parents=True)
        _link_all(folder, target / folder.name)
    (target / "info").mkdir(parents=True, exist_ok=True)
    (target / "pack").mkdir()
    for _ in range(_TRIES):
        if _link_all(source / "pack", target / "pack"):
            break
    with suppress(FileNotFoundError):  # the repository may borrow objects itself, by relative paths
        borrowed = (source / "info" / "alternates").read_text("utf-8", "surrogateescape").splitlines()
        paths = [str((source / line).resolve()) if line[:1] not in '/"#' else line for line in borrowed]
        _write(target / "info" / "alternates", "".join(f"{path}\n" for path in paths))


def _link_all(source: Path, target: Path) -> bool:
    """Link the files in a folder that are not there yet; return whether none vanished in the meantime."""
    is_complete = True
    for file in sorted(source.iterdir()) if source.is_dir() else ():
        # an index of many packs would name some that are gone by now
        if file.name.startswith(("tmp_", "multi-pack-index")) or file.suffix == ".lock":
            continue
        try:
            _link(file, target / file.name)
        except FileExistsError:
            continue
        except FileNotFoundError:
            is_complete = False
    return is_complete


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)


def _copy_configuration(repository: Repository, aside: Path) -> None:
    """Copy hooks and the like, and give every setting the value it has in the repository.

    The file alone is not enough: it may include others by relative paths, and what a person has configured
    for all repositories may depend on where they are (`includeIf`), identities above all.
    """
    common = repository.common_dir
    for name in _COPIED:
        if (common / name).is_file():
            (aside / name).parent.mkdir(exist_ok=True)
            shutil.copy2(common / name, aside / name)
    if (common / "hooks").is_dir():
        ignored = shutil.ignore_patterns("*.sample")
        shutil.copytree(common / "hooks", aside / "hooks", symlinks=True, ignore=ignored)
    shutil.copyfile(common / "config", aside / "config")
    git = WorkingTree(aside.parent, aside).git
    for name in _OWN_SETTINGS:
        git.run("config", "--unset-all", name, check=False)
    git.run("config", "core.bare", "false")
    if (aside / "config.worktree").exists():
        for name in _OWN_SETTINGS:
            git.run("config", "--file", aside / "config.worktree", "--unset-all", name, check=False)
    wanted, there = _settings(repository.git), _settings(git)
    if (common / "lfs").is_dir() or "filter.lfs.process" in wanted:
        # what LFS stores must be in the repository to which the commits that name it are fetched
        wanted.setdefault("lfs.storage", [str(common / "lfs")])
    for name, values in wanted.items():
        if there.get(name) != values and name not in _OWN_SETTINGS and not name.startswith("include"):
            git.run("config", "--unset-all", name, check=False)
            for value in values:
                git.run("config", "--add", name, value)


def _settings(git: Git) -> dict[str, list[str]]:
    """Return every setting with its values, the effective one last; a bare name has the value `true`."""
    settings: dict[str, list[str]] = {}
    for record in records(git.run("config", "--list", "--includes", "-z").stdout):
        name, separator, value = os.fsdecode(record).partition("\n")
        settings.setdefault(name, []).append(value if separator else "true")
    return settings
