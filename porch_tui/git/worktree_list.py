"""The worktrees that git knows of, and what porch notes about those it made. Reads only.

Each linked worktree has an admin folder, `worktrees/<name>` in the common directory. Porch's marks are there.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.configuration import is_on, read_settings
from porch_tui.git.git_files import content, recorded_path
from porch_tui.git.locks import exclusive
from porch_tui.git.refs import PackedRefs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed, Git

OURS = "porch "
"""The lock reason of every worktree that porch made begins with this."""

MADE_FOR = "porch-made-for"
"""In an admin folder: a copy of the lock reason, because other tools unlock what they find locked."""

UNFILLED = "porch-unfilled"
"""In an admin folder: no one has worked in this worktree yet, and its files may be incomplete."""

FRESH = "porch-fresh"
"""In an admin folder: the worktree is filled, and no setup has run in it since."""

_RESOLVE = "resolve-"
"""The folder of a resolver's worktree has this name, followed by the task."""

_KNOWN_EXTENSIONS = {"objectformat", "partialclone", "noop", "preciousobjects"}
"""These change nothing about the layout of a worktree's admin folder."""

_TRIES = 6
_RACES = r"failed to read .*commondir|bad object worktrees/|unable to read .*gitdir"
"""What git says when another git is just adding a worktree."""


class Worktree(Struct, frozen=True):
    """One entry of git's list; its folder may be gone."""

    path: Path
    head: str | None
    branch: str | None
    """Without `refs/heads/`; None when HEAD is detached."""
    lock_reason: str | None
    noted: str = ""
    """What `MADE_FOR` says, if the lock is not porch's any more."""

    @property
    def made_for(self) -> str:
        """What porch made it for, such as `porch <run>/<task>`; empty if porch did not make it."""
        if self.lock_reason is not None and self.lock_reason.startswith(OURS):
            return self.lock_reason
        return self.noted

    @property
    def is_ours(self) -> bool:
        """Whether porch made it: only then may porch change or remove it."""
        return bool(self.made_for)

    @property
    def is_locked_by_others(self) -> bool:
        """Whether porch made it, and someone else has locked it since."""
        return bool(self.noted) and self.lock_reason is not None and self.made_for != self.lock_reason

    @property
    def run(self) -> str:
        """The run porch made it for; empty if porch did not make it."""
        return refs.run_in(self.made_for)

    @property
    def task(self) -> TaskId | None:
        """The task porch made it for; None if it is for validations and the like."""
        return TaskId(self.made_for.partition("/")[2]) or None

    @property
    def resolved_task(self) -> TaskId | None:
        """The task whose conflict a resolver works on here; None if it is for something else."""
        is_resolvers = self.made_for.endswith(" resolver")
        return TaskId(self.path.name.removeprefix(_RESOLVE)) if is_resolvers else None


def list_worktrees(repository: Repository) -> tuple[Worktree, ...]:
    """Return every worktree git has a record of, the main one first.

    Read from git's own files where refs are files: that needs no process, and never fails over an entry
    that another git is just writing. Where refs are stored in another way, git is asked.
    """
    return _listed(repository, None)


def worktrees_on(repository: Repository, branch: str) -> tuple[Worktree, ...]:
    """Return the worktrees that have a branch checked out; of the others only the HEAD is read."""
    return tuple(one for one in _listed(repository, branch) if one.branch == branch)


def find_worktree(repository: Repository, path: Path) -> Worktree | None:
    """Return the worktree git has on record at `path`."""
    wanted = path.resolve()
    return next((one for one in list_worktrees(repository) if one.path.resolve() == wanted), None)


def _listed(repository: Repository, branch: str | None) -> tuple[Worktree, ...]:
    """Return `list_worktrees`; without those that are certainly not on `branch`, if one is given."""
    common_dir = repository.common_dir
    if (common_dir / "reftable").exists():
        output = run_among_races(repository.git, "worktree", "list", "--porcelain", "-z").stdout
        blocks = [block.split("\0") for block in os.fsdecode(output).split("\0\0") if block]
        records = [dict(line.partition(" ")[::2] for line in block) for block in blocks]
        return tuple(
            Worktree(
                path=Path(record["worktree"]),
                head=record.get("HEAD"),
                branch=record["branch"].removeprefix("refs/heads/") if "branch" in record else None,
                lock_reason=record["locked"].strip() if "locked" in record else None,
            )
            for record in records
        )
    packed = PackedRefs(common_dir)
    linked = linked_worktrees(common_dir, packed, branch)
    if repository.is_bare:
        return tuple(sorted(linked, key=lambda one: one.path.resolve() != repository.root))
    return (Worktree(repository.root, *refs.head(common_dir, common_dir, packed), None), *linked)


def linked_worktrees(common_dir: Path, packed: PackedRefs, wanted: str | None = None) -> Iterator[Worktree]:
    """Yield the linked worktrees, sorted by name, but not those whose record is incomplete.

    With a `wanted` branch, those whose HEAD certainly leads elsewhere may be left out.
    """
    for name in admin_dirs(common_dir):
        if wanted is not None and not refs.may_lead_to(name, common_dir, wanted):
            continue
        admin = Path(name)
        if (place := recorded_path(admin)) is None:
            continue
        try:
            head, its_branch = refs.head(admin, common_dir, packed)
        except OSError:  # it is being removed
            continue
        reason = _stripped(admin / "locked")
        is_noted_there = reason is not None and reason.startswith(OURS)
        noted = "" if is_noted_there else _stripped(admin / MADE_FOR) or ""
        yield Worktree(place, head, its_branch, reason, noted)


def _stripped(file: Path) -> str | None:
    text = content(file)
    return None if text is None else text.strip()


def run_among_races(git: Git, *args: Argument) -> Completed:
    """Run a command that enumerates worktrees, and repeat it if another process was just adding one.

    Git reads the other worktrees' half-written files; six tries, 20 ms doubling, with jitter.
    """
    for attempt in range(_TRIES - 1):
        done = git.run(*args, check=False)
        if done.code == 0:
            return done
        if not re.search(_RACES, done.stderr):
            raise git.failure(args, done)
        import random  # hashlib comes with it: too much for what happens so rarely

        time.sleep(0.02 * 2**attempt * random.uniform(0.5, 1.5))
    return git.run(*args)


def worktrees_lock(repository: Repository) -> AbstractContextManager[int]:
    """Lock the list of worktrees; whoever changes it holds this for milliseconds."""
    return exclusive(repository.own_dir / "worktrees.lock", "change the list of worktrees")


def admin_dirs(common_dir: Path) -> list[str]:
    """Return the admin folders of all linked worktrees, sorted by name."""
    folder = str(common_dir / "worktrees")
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]  # noqa: PTH118, PTH208
    except OSError:
        return []


def admin_dir(repository: Repository, path: Path) -> Path:
    """Return the admin folder of the worktree at `path`, which may be gone itself."""
    wanted = path.resolve()
    usual = repository.common_dir / "worktrees" / entry_name(wanted)
    if recorded_path(usual) == wanted:  # porch chose this name: no other record has to be read
        return usual
    for place, admin in places(repository):
        if place.resolve() == wanted:
            return admin
    raise RepositoryError(
        f"git has no record of a worktree at {path}. If its folder is there, move it away; "
        "`git worktree list` shows what git knows."
    )


def git_dir_at(path: Path, admin: Path) -> Path:
    """Return the git directory of the worktree or clone at `path`: a clone has its own inside."""
    return path / ".git" if (path / ".git").is_dir() else admin


def places(repository: Repository) -> Iterator[tuple[Path, Path]]:
    """Yield the recorded path of each linked worktree, with its admin folder.

    Reads one small file for each, where `git worktree list` reads four and looks up a commit.
    """
    for gitdir in (repository.common_dir / "worktrees").glob("*/gitdir"):
        place = recorded_path(gitdir.parent)
        if place is not None:  # else it was removed meanwhile
            yield place, gitdir.parent


class Register:
    """Looks up admin folders again and again, and reads each record only once.

    A worktree that someone else moves meanwhile is not found at its new place. It is in the way of a new
    worktree there, and then `admin_dir` reads all the records again.
    """

    def __init__(self, repository: Repository) -> None:
        self._folder = repository.common_dir / "worktrees"
        self._places: dict[tuple[str, int], str] = {}
        """Resolved paths, by the name of the admin folder and its inode."""

    def find(self, wanted: Collection[Path]) -> dict[Path, Path]:
        """Return the admin folders of the worktrees at these resolved paths, where there are any."""
        try:
            with os.scandir(self._folder) as entries:
                there = {(entry.name, entry.inode()) for entry in entries}
        except (FileNotFoundError, NotADirectoryError):
            there = set()
        if gone := self._places.keys() - there:
            self._places = {key: place for key, place in self._places.items() if key not in gone}
        by_text = {str(path): path for path in wanted}
        for key in there - self._places.keys():
            place = recorded_path(self._folder / key[0])
            if place is not None:
                self._places[key] = str(place) if str(place) in by_text else str(place.resolve())
        admins = {}
        for key, at in self._places.items():
            if at in by_text:
                path, admin = by_text[at], self._folder / key[0]
                place = recorded_path(admin)  # read again: it may have been moved since
                if place is not None and (place == path or place.resolve() == path):
                    admins[path] = admin
        return admins


def has_plain_layout(repository: Repository) -> bool:
    """Whether the admin folder of a worktree is the documented one: no reftable, no sparse checkout.

    Extensions count in the repository's own configuration file only, so this one file is read.
    """
    settings = read_settings(repository.common_dir / "config")
    extensions = {key.partition(".")[2] for key in settings if key.startswith("extensions.")}
    return bool(settings) and extensions <= _KNOWN_EXTENSIONS and not is_on(settings, "core.sparsecheckout")


def entry_name(path: Path) -> str:
    """Return the name that porch gives to the admin folder of a worktree at `path`."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name).strip(".-")[:40] or "worktree"
    import hashlib  # with OpenSSL, which most commands need not load

    return f"{readable}-{hashlib.sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
