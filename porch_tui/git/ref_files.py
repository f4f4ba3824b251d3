"""Refs and HEADs read from git's own files: no process, and no race with one that is just being written.

Git replaces each of these files by renaming a new one in. Where refs are stored in another way (reftable),
nothing is found here and git has to be asked. Reads only.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from porch_tui.git.small_files import common_dir_of

_SYMBOLIC = "ref: "
_LONGEST_CHAIN = 5
"""As many symbolic refs in a row as git follows."""

_LONGEST_REF = 4096
_SHARED = ("refs/heads/", "refs/tags/", "refs/porch/")
_QUICKLY_READ = 1 << 22
"""Of a larger file git knows sooner what is in it: its lines are sorted."""

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class PackedRefs:
    """The refs in `packed-refs`, read when the first one is asked for."""

    def __init__(self, common_dir: Path) -> None:
        self._file = common_dir / "packed-refs"
        self._oids: dict[str, str] | None = None

    def oid(self, ref: str) -> str | None:
        """The object id of a full ref name, unless there is a loose ref of that name."""
        if self._oids is None:
            try:
                lines = self._file.read_text("utf-8", "surrogateescape").split("\n")
            except OSError:
                lines = []
            pairs = (line.partition(" ") for line in lines if line[:1] not in ("", "#", "^"))
            self._oids = {name: oid for oid, _, name in pairs}
        return self._oids.get(ref)


def loose(common_dir: Path, ref: str) -> str | None:
    """The object id in a loose ref's file, which comes before packed refs; None for all else."""
    try:
        found = _said(common_dir / ref)
    except OSError:
        return None
    return found if _OID.fullmatch(found) else None


def is_missing(common_dir: Path, ref: str) -> bool:
    """Whether there surely is no ref of a full name that all worktrees share, neither loose nor packed.

    Git packs a ref before it deletes the loose one; so looking for them in the other order misses none.
    """
    if not ref.startswith(_SHARED) or (common_dir / "reftable").exists():
        return False
    try:
        os.lstat(common_dir / ref)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        return False
    else:
        return False
    try:
        if (common_dir / "packed-refs").stat().st_size > _QUICKLY_READ:
            return False
        return f" {ref}\n".encode("utf-8", "surrogateescape") not in (common_dir / "packed-refs").read_bytes()
    except FileNotFoundError:
        return True
    except OSError:
        return False


def may_be_symbolic(common_dir: Path, ref: str) -> bool:
    """Whether a ref may lead to another one; packed refs never do."""
    try:
        return _said(common_dir / ref).startswith(_SYMBOLIC)
    except OSError:
        return (common_dir / "reftable").exists()


def head(git_dir: Path, common_dir: Path, packed: PackedRefs) -> tuple[str | None, str | None]:
    """The commit that the HEAD in a git directory leads to, and the branch over which, if over one.

    Raises OSError without a HEAD.
    """
    said, ref = _said(git_dir / "HEAD"), None
    for _ in range(_LONGEST_CHAIN):
        if not said.startswith(_SYMBOLIC):
            break
        ref = said.removeprefix(_SYMBOLIC).strip()
        try:
            said = _said(common_dir / ref)
        except OSError:
            said = packed.oid(ref) or ""
    commit = said if _OID.fullmatch(said) else None
    return commit, ref.removeprefix("refs/heads/") if ref else None


def branch_of_head(git_dir: Path) -> str | None:
    """The branch that the HEAD in a git directory names, if files tell; it need not exist."""
    try:
        said = _said(git_dir / "HEAD")
    except OSError:
        return None
    is_told = said.startswith(f"{_SYMBOLIC}refs/heads/") and not said.endswith(
        "/.invalid"
    )  # as reftable has it
    return said.removeprefix(f"{_SYMBOLIC}refs/heads/") if is_told else None


def may_lead_to(git_dir: str, common_dir: Path, branch: str) -> bool:
    """Whether the HEAD in a git directory may lead to a branch.

    Asked of every worktree before each landing: so it is told by two small files, and nothing else is read.
    """
    try:
        said = os.fsdecode(_content(f"{git_dir}/HEAD")).strip()
        if not said.startswith(_SYMBOLIC):
            return os.path.islink(f"{git_dir}/HEAD")  # noqa: PTH114
        ref = said.removeprefix(_SYMBOLIC).strip()
        if ref == f"refs/heads/{branch}":
            return True
        file = f"{common_dir}/{ref}"
        return _content(file).startswith(os.fsencode(_SYMBOLIC)) or os.path.islink(file)  # noqa: PTH114
    except FileNotFoundError:
        return False  # there is no such worktree, or what it is on is packed: that is no symbolic ref
    except OSError:
        return True


def _content(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _LONGEST_REF)
    finally:
        os.close(descriptor)


def head_commit(git_dir: Path) -> str | None:
    """The commit that is checked out in the worktree with this git directory, if files tell."""
    common_dir = common_dir_of(git_dir)
    try:
        return head(git_dir, common_dir, PackedRefs(common_dir))[0]
    except OSError:
        return None


def _said(file: Path) -> str:
    """The content of a ref or a HEAD; old repositories have it as a symbolic link."""
    if file.is_symlink() and (leads := str(file.readlink())).startswith("refs/"):
        return f"{_SYMBOLIC}{leads}"
    return file.read_text("utf-8", "surrogateescape").strip()
