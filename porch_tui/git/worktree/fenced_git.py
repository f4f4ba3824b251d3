"""What git writes behind a fence, in a folder of its own: a command inside can commit, and change nothing
that others share.

Objects and refs of the repository are read-only there. In their place are a folder for new objects, which
borrows all others, and a copy of the loose refs without the stash. A fence puts them where git expects them
(`mounts`). Afterwards `bring_home` takes over what was made, and trusts nothing in it: objects get their
names by their content, refs come under a prefix of the run, and only the task's own branch is moved.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from porch_tui.git import refs
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.objects import making_objects
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError
from porch_tui.git.working_tree import FENCED
from porch_tui.git.worktree.task_result import UncollectableError

BORROWED = "shared"
"""Where the objects of the repository are, inside; an empty folder outside."""
BEGAN = "began.json"
ASIDE = "repositories-behind-fence"
"""Folder beside that for what `disarm` moves."""
_FOUND = "found"
_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LOOSE, _PACK = re.compile(r"[0-9a-f]{38}([0-9a-f]{24})?"), re.compile(r"pack-[0-9a-f]+\.pack")
_NOT_COPIED = {"porch", "stash"}
"""Of porch, and the person's: what a task stashes behind a fence is its own."""
_ITS_OWN = ("refs/heads/", "refs/tags/", "refs/notes/")
_MOST_REFS = 1000
"""A task that makes more is not at work on this repository."""


def prepare(common_dir: Path, folder: Path, worktree: Path) -> None:
    """Make `folder` what git writes to behind the fence of a worktree, again if it is there. OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    git_dir = linked_git_dir(worktree)
    if git_dir is not None:
        (git_dir / FENCED).touch()
        if b"worktreeconfig" in (common_dir / "config").read_bytes().lower():
            (git_dir / "config.worktree").touch()  # only what is there can be read-only inside
    (common_dir / "logs").mkdir(exist_ok=True)  # something must be there to be covered
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "logs", BORROWED):
        (folder / name).mkdir(parents=True)
    borrowed = [folder / BORROWED, *_alternates(common_dir / "objects")]
    text = "".join(f"{one}\n" for one in borrowed)
    (folder / "objects/info/alternates").write_text(text, "utf-8", "surrogateescape")
    began = {}
    for ref in _loose_refs(common_dir, "refs", _NOT_COPIED):
        with suppress(OSError):  # deleted, or packed, this moment
            shutil.copyfile(common_dir / ref, _made(folder / ref), follow_symlinks=False)
            began[ref] = refs.loose(folder, ref) or ""
    known = {str(place): _fingerprint(place) for place in _repositories(worktree, git_dir)}
    (folder / BEGAN).write_text(json.dumps({"refs": began, "repositories": known}))


def mounts(common_dir: Path, folder: Path) -> tuple[tuple[Path, Path], ...]:
    """Return what must be writable, and where inside."""
    return tuple((folder / name, common_dir / name) for name in ("objects", "refs", "logs"))


def disarm(folder: Path, worktree: Path) -> tuple[str, ...]:
    """Move the repositories aside that a task has made in its worktree, or changed; return their paths.

    Git in the worktree looks into them, and starts what their configuration and hooks name: outside, now.
    What stays are submodules whose configuration is as it was before. Nothing else may have run git there
    since the last process of the task ended. Raises OSError.
    """
    if not (folder / BEGAN).exists():
        return ()
    known = json.loads((folder / BEGAN).read_text())["repositories"]
    moved: list[str] = []
    for place in list(_repositories(worktree, linked_git_dir(worktree))):
        if known.get(str(place)) != _fingerprint(place) and os.path.lexists(place):
            aside = folder.with_name(ASIDE) / f"{len(moved)}" / place.name
            while aside.parent.exists():
                aside = aside.parent.with_name(f"{aside.parent.name}-again") / place.name
            place.rename(_made(aside))
            moved.append(str(place.parent.relative_to(worktree)) if place.name == ".git" else place.name)
    return tuple(moved)


def bring_home(
    repository: Repository, folder: Path, branch: str | None = None, prefix: str = ""
) -> tuple[str, ...]:
    """Take over what was made behind the fence; safe to repeat. Does nothing if there was none.

    New objects come into the repository. The branch, if there is one, is moved to where it is inside; other
    branches, tags and stashes that were made are kept under `prefix`, and their short names returned.
    Raises `UncollectableError` where the branch was moved in the repository as well, or PorchError, OSError.
    """
    if not (folder / BEGAN).exists():
        return ()
    kept: list[str] = []
    began = json.loads((folder / BEGAN).read_text())["refs"]
    with making_objects(repository.common_dir) as made:
        _import(repository, folder, made.folder / "pack")
        made.publish()
        if branch is not None:
            own = f"refs/heads/{branch}"
            tip, at = refs.loose(folder, own), refs.read(repository, own)
            for name, oid in _others(repository, folder, began, own):
                with suppress(GitError):  # a broken one, or no name for a ref
                    refs.keep(repository, f"{prefix}/{name}", oid)
                    kept.append(name)
            if tip is not None and at is not None and tip != at:
                if at != began.get(own, at):
                    refs.keep(repository, f"{prefix}/branch", tip)
                    raise _moved(branch, at, f"{prefix}/branch")
                words = ("update-ref", "-m", "porch: committed behind a fence", own, tip, at)
                repository.git.run(*words, is_repeatable=False)
    shutil.rmtree(folder)
    return tuple(kept)


def _moved(branch: str, at: str, kept: str) -> UncollectableError:
    return UncollectableError(
        f"the commits made behind the fence should come to {branch}, but that was moved to {at[:10]} "
        f"meanwhile. They are kept as {kept}: merge the two, then requeue the task, or retry it."
    )


def _others(
    repository: Repository, folder: Path, began: dict[str, str], own: str
) -> Iterator[tuple[str, str]]:
    """Yield what the task has made besides its branch: short names, and object ids that no ref has."""
    listed = repository.git.text("for-each-ref", "--format=%(objectname)").split()
    known = {*listed, refs.loose(folder, own)}
    for ref, _ in zip(_loose_refs(folder, "refs", set()), range(_MOST_REFS), strict=False):
        oid = refs.loose(folder, ref)
        if oid and ref.startswith(_ITS_OWN) and oid != began.get(ref) and oid not in known:
            yield ref.removeprefix("refs/"), oid
    stashes = folder / "logs/refs/stash"
    if _is_file(stashes):
        words = (line.split(" ", 2) for line in stashes.read_text("utf-8", "replace").splitlines())
        for oid in [word[1] for word in words if len(word) > 2 and _OID.fullmatch(word[1])][:_MOST_REFS]:
            yield f"stash/{oid[:12]}", oid


def _import(repository: Repository, folder: Path, packs: Path) -> None:
    """Write packs of all new objects. Names and indexes of what the task has made are not used."""
    found, numbers = folder / _FOUND, count()
    (found / "pack").mkdir(parents=True, exist_ok=True)
    for place in _folders(folder / "objects"):
        pattern = _PACK if place.name == "pack" else _LOOSE
        for file in [Path(one) for one in os.scandir(place) if one.is_file(follow_symlinks=False)]:
            if pattern.fullmatch(file.name):
                file.rename(_made(found / place.name / file.name))
    packs.mkdir(exist_ok=True)
    loose = [f"{file.parent.name}{file.name}" for file in found.glob("??/*")]
    git = repository.main.git_with({"GIT_OBJECT_DIRECTORY": str(found)})
    if loose:
        listed = "".join(f"{oid}\n" for oid in loose).encode()
        git.run("pack-objects", "-q", packs / "loose", stdin=listed, is_repeatable=False)
    sources = [*(found / "pack").glob("*.pack"), *packs.glob("loose-*.pack")]
    for pack in sources:
        place = packs / f"{next(numbers)}.pack"
        shutil.copyfile(pack, place)
        pack.with_suffix(".idx").unlink(missing_ok=True)
        if pack.parent == packs:
            pack.unlink()
        git.run("index-pack", "-o", place.with_suffix(".idx"), place, is_repeatable=False)


def _folders(objects: Path) -> Iterator[Path]:
    """Yield the folders that may hold objects; never a link."""
    for entry in os.scandir(objects):
        if entry.is_dir(follow_symlinks=False) and re.fullmatch("pack|[0-9a-f]{2}", entry.name):
            yield Path(entry)


def _loose_refs(git_dir: Path, name: str, without: set[str]) -> Iterator[str]:
    """Yield the names of the loose refs below a folder; never what a link leads to."""
    try:
        entries = list(os.scandir(git_dir / name))
    except OSError:
        return
    for entry in entries:
        if entry.name in without and name == "refs":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _loose_refs(git_dir, f"{name}/{entry.name}", without)
        elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(".lock"):
            yield f"{name}/{entry.name}"


def _repositories(worktree: Path, git_dir: Path | None) -> Iterator[Path]:
    """Yield the `.git` of each repository inside a worktree, and the submodules in its git directory."""
    for place, folders, files in os.walk(worktree):
        if Path(place) != worktree and ".git" in (*folders, *files):
            yield Path(place, ".git")
        folders[:] = [name for name in folders if name != ".git"]
    for place, folders, files in os.walk(git_dir / "modules") if git_dir else ():
        if "HEAD" in files or "config" in files:
            yield Path(place)
            folders[:] = [name for name in folders if name == "modules"]


def _fingerprint(place: Path) -> str:
    """Return what a repository has git start: a digest of its configuration and hooks."""
    if place.is_symlink() or (place.is_dir() and place.name == ".git"):
        return ""  # never trusted: porch makes none
    files = [place] if place.is_file() else [place / "config", place / "config.worktree", place / "commondir"]
    files += sorted((place / "hooks").glob("*")) if place.is_dir() else []
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes() if _is_file(file) else repr(os.path.lexists(file)).encode()
        digest.update(f"{file.name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _alternates(objects: Path) -> list[Path]:
    """Return the folders from which a repository borrows objects itself, as absolute paths."""
    with suppress(OSError):
        lines = (objects / "info/alternates").read_text("utf-8", "surrogateescape").splitlines()
        return [(objects / line).resolve() for line in lines if line and not line.startswith(("#", '"'))]
    return []


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
