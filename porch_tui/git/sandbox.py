"""A folder in which git sees the merge attributes of one commit, and nothing else.

`git merge-tree` takes `.gitattributes` from the files of the worktree it runs in: dirty ones, of
another commit, or none; each gives other verdicts than `git merge` would (measured with git 2.39).
So it runs where only the right ones are. Merge drivers run there too, and may litter.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

_REGULAR = (b"100644", b"100755")
_EMPTY_SHA1 = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_EMPTY_SHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_NONE: Mapping[str, str] = MappingProxyType({})


def attribute_sandbox(
    repository: Repository, scratch: Path, commit: str, environment: Mapping[str, str] = _NONE
) -> Git:
    """Git in a folder under `scratch` that holds exactly the `.gitattributes` files of `commit`.

    Made once for each set of such files, almost always one a run; safe to call from many threads.
    `environment` says where objects are, if not in the repository alone.
    """
    git = repository.main.git_with(environment)
    found = _attribute_files(git, commit)
    key = hashlib.sha256(b"\0".join(path + b"\0" + oid for path, oid in found)).hexdigest()[:16]
    folder = scratch / f"attributes-{key}"
    if not folder.is_dir():
        _fill(git, scratch, folder, found)
    _last[scratch] = folder
    return _git_in(repository, scratch, folder, environment)


def last_sandbox(repository: Repository, scratch: Path) -> Git | None:
    """The sandbox that was right last time; None if there was none, or it is gone."""
    folder = _last.get(scratch)
    return _git_in(repository, scratch, folder, _NONE) if folder is not None and folder.is_dir() else None


_last: dict[Path, Path] = {}
"""By scratch folder. A guess: only `attribute_sandbox` knows."""


def _git_in(repository: Repository, scratch: Path, folder: Path, environment: Mapping[str, str]) -> Git:
    return Git(
        folder,
        dict(environment)
        | {
            "GIT_DIR": str(repository.common_dir),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(scratch / "no-index"),  # never the person's index as a second opinion
        },
    )


def _attribute_files(git: Git, commit: str) -> list[tuple[bytes, bytes]]:
    """Path and object id of every regular `.gitattributes`, in git's order."""
    listed = git.lines_z(
        "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", _empty_tree(commit), commit,
        "--", ":(glob)**/.gitattributes",
    )  # fmt: skip
    found = []
    for raw, path in zip(listed[::2], listed[1::2], strict=True):
        _, mode, _, oid, _ = raw.split(b" ")
        if mode in _REGULAR and _is_inside(path):
            found.append((path, oid))
    return found


def _empty_tree(like: str) -> str:
    """The id of the tree without entries, which git knows without having it."""
    return _EMPTY_SHA256 if len(like) == 64 else _EMPTY_SHA1


def _is_inside(path: bytes) -> bool:
    parts = PurePosixPath(os.fsdecode(path)).parts
    return not any(part == ".." or part.lower() == ".git" for part in parts)


def _fill(git: Git, scratch: Path, folder: Path, found: list[tuple[bytes, bytes]]) -> None:
    scratch.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=scratch, prefix="filling-"))
    for path, oid in found:
        file = aside / os.fsdecode(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(git.run("cat-file", "blob", oid).stdout)
    try:
        aside.rename(folder)
    except OSError:
        shutil.rmtree(aside)
        if not folder.is_dir():  # another thread filling it first is fine; anything else is not
            raise
