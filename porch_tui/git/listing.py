"""Read what git knows of its worktrees. Reads only."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed, Git

OURS = "porch "
"""What the lock reason of every worktree begins with that porch made."""

_SYMBOLIC = "ref: "
_LONGEST_CHAIN = 5
"""As many symbolic refs in a row as git follows."""

_TRIES = 6
_RACES = re.compile(r"failed to read .*commondir|bad object worktrees/|unable to read .*gitdir")


@dataclass(frozen=True, slots=True)
class Worktree:
    """One entry of git's list; its folder may be gone."""

    path: Path
    head: str | None
    branch: str | None
    """Without `refs/heads/`; None when HEAD is detached."""
    lock_reason: str | None

    @property
    def is_ours(self) -> bool:
        """Whether porch made it: only then may porch change or remove it."""
        return self.lock_reason is not None and self.lock_reason.startswith(OURS)


def listing(repository: Repository) -> tuple[Worktree, ...]:
    """Every worktree git has a record of, the main one first.

    Read from git's own files where refs are files: that costs no process, and never fails over an entry
    that another git is just writing. Where refs are stored in another way, git is asked.
    """
    if (repository.common_dir / "reftable").exists():
        output = run_among_races(repository.git, "worktree", "list", "--porcelain", "-z").stdout
        return tuple(_worktree(block) for block in output.split(b"\0\0") if block)
    packed = _PackedRefs(repository.common_dir)
    head, branch = _head(repository.common_dir, repository.common_dir, packed)
    return (Worktree(repository.root, head, branch, None), *_linked(repository.common_dir, packed))


def find(repository: Repository, path: Path) -> Worktree | None:
    """The worktree git has on record at `path`."""
    wanted = path.resolve()
    return next((one for one in listing(repository) if one.path.resolve() == wanted), None)


def run_among_races(git: Git, *args: Argument) -> Completed:
    """Run a command that enumerates worktrees, again when another process was just adding one.

    Git reads the other worktrees' half-written files; six tries, 20 ms doubling, with jitter.
    """
    for attempt in range(_TRIES - 1):
        done = git.run(*args, check=False)
        if done.code == 0 or not _RACES.search(done.stderr):
            break
        time.sleep(0.02 * 2**attempt * random.uniform(0.5, 1.5))
    else:
        done = git.run(*args, check=False)
    if done.code != 0:
        raise git.failure(args, done)
    return done


class _PackedRefs:
    """The refs in `packed-refs`, read when the first one is asked for."""

    def __init__(self, common_dir: Path) -> None:
        self._file = common_dir / "packed-refs"
        self._oids: dict[str, str] | None = None

    def oid(self, ref: str) -> str | None:
        if self._oids is None:
            try:
                lines = self._file.read_text("utf-8", "surrogateescape").split("\n")
            except OSError:
                lines = []
            pairs = (line.partition(" ") for line in lines if line[:1] not in ("", "#", "^"))
            self._oids = {name: oid for oid, _, name in pairs}
        return self._oids.get(ref)


def _linked(common_dir: Path, packed: _PackedRefs) -> Iterator[Worktree]:
    """Yield the linked worktrees in the order of their names, but those whose record is not whole."""
    for gitdir in sorted((common_dir / "worktrees").glob("*/gitdir")):
        admin = gitdir.parent
        try:
            recorded = gitdir.read_text("utf-8", "surrogateescape").removesuffix("\n")
            head, branch = _head(admin, common_dir, packed)
        except OSError:  # it is being removed
            continue
        yield Worktree((admin / recorded).parent, head, branch, _lock_reason(admin))


def _lock_reason(admin: Path) -> str | None:
    try:
        return (admin / "locked").read_text("utf-8", "surrogateescape").strip()
    except OSError:
        return None


def _head(git_dir: Path, common_dir: Path, packed: _PackedRefs) -> tuple[str | None, str | None]:
    """The commit that the HEAD in a git directory leads to, and the branch over which, if over one."""
    said, ref = _said(git_dir / "HEAD"), None
    for _ in range(_LONGEST_CHAIN):
        if not said.startswith(_SYMBOLIC):
            break
        ref = said.removeprefix(_SYMBOLIC).strip()
        try:
            said = _said(common_dir / ref)
        except OSError:
            said = packed.oid(ref) or ""
    return said or None, ref.removeprefix("refs/heads/") if ref else None


def _said(file: Path) -> str:
    """The content of a ref or a HEAD; old repositories have it as a symbolic link."""
    if file.is_symlink() and (leads := str(file.readlink())).startswith("refs/"):
        return f"{_SYMBOLIC}{leads}"
    return file.read_text("utf-8", "surrogateescape").strip()


def _worktree(block: bytes) -> Worktree:
    fields: dict[str, str] = {}
    for line in block.split(b"\0"):
        key, _, value = os.fsdecode(line).partition(" ")
        fields[key] = value
    branch = fields.get("branch")
    lock = fields.get("locked")
    return Worktree(
        path=Path(fields["worktree"]),
        head=fields.get("HEAD"),
        branch=branch.removeprefix("refs/heads/") if branch else None,
        lock_reason=lock.strip() if lock is not None else None,
    )
