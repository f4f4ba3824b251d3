"""Register a worktree with git without the half-written states of `git worktree add`.

`git worktree add` fails when two run at once, and even alone breaks `fetch` and `log --all` of
whoever looks at that moment (measured with git 2.39). So the admin folder is written aside and
renamed in. Where the repository uses what this layout does not cover, git does it, one at a time.
No files are checked out here, and nothing is decided here about whose a worktree is.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from itertools import chain, count
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.configuration import BARE, WORKTREE, is_on, misleading, read_settings
from porch_tui.git.git_files import put, recorded_path
from porch_tui.git.listing import MADE_FOR, run_among_races
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument
from porch_tui.git.working_tree import WorkingTree

UNFILLED = "porch-unfilled"
"""In an admin folder: nobody has worked in this worktree yet, and its files may be incomplete."""

FRESH = "porch-fresh"
"""In an admin folder: the worktree is filled, and no setup has run in it since."""

_ASIDE = "entry-"
"""How the folders begin in which admin folders are written, and to which they are renamed to go."""

_KNOWN_EXTENSIONS = {"objectformat", "partialclone", "noop", "preciousobjects"}
"""Those that change nothing about the layout of a worktree's admin folder."""


def worktrees_lock(repository: Repository) -> AbstractContextManager[int]:
    """Held by whoever changes the list of worktrees, for milliseconds."""
    return exclusive(repository.own_dir / "worktrees.lock", "change the list of worktrees")


def register(repository: Repository, path: Path, head: str, reason: str) -> Path:
    """Make git know a locked worktree at `path`, with nothing checked out; return its admin folder.

    `head` is the content of its HEAD: an object id, or `ref: refs/heads/…` of a branch that exists.
    The caller holds the worktrees lock. When it raises, nothing is left of it.
    """
    if has_plain_layout(repository):
        return _rename_in(repository, path, head, reason)
    branch = head.removeprefix("ref: refs/heads/")
    where: tuple[Argument, ...] = (path, branch) if branch != head else ("--detach", path, head)
    add = ("worktree", "add", "--no-checkout", "--lock", "--reason", reason)
    run_among_races(repository.git, *add, *where)
    admin = admin_dir(repository, path)
    (admin / MADE_FOR).write_text(f"{reason}\n", "utf-8", "surrogateescape")
    (admin / UNFILLED).touch()
    return admin


def unregister(repository: Repository, admin: Path) -> None:
    """Make git forget a worktree at once. Needs no room on the disk; the caller holds the lock."""
    away = repository.own_dir / f"{_ASIDE}gone-{admin.name}"
    shutil.rmtree(away, ignore_errors=True)
    admin.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def sweep(repository: Repository) -> None:
    """Delete what a killed process left written aside. The caller holds the worktrees lock."""
    for left in repository.own_dir.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)


def write_link(path: Path, admin: Path) -> None:
    """Make the folder of a registered worktree, and the `.git` file in it that leads to `admin`."""
    path.mkdir(parents=True, exist_ok=True)
    (path / ".git").write_text(f"gitdir: {admin}\n", "utf-8", "surrogateescape")


def claim_folder(repository: Repository, path: Path) -> WorkingTree:
    """See to it that git, run by anybody in a worktree of ours, acts on it; return that worktree.

    With `extensions.worktreeConfig` a `core.worktree` or `core.bare` of the shared configuration counts in
    linked worktrees too (git writes one for every submodule); then this worktree's own configuration says
    otherwise. Porch's own git would not need it, but the task's does.
    """
    tree = repository.at(path)
    if not tree.is_clone and misleading(tree, repository.common_dir) is not None:
        for key, value in ((BARE, "false"), (WORKTREE, str(tree.path))):
            repository.git.run("config", "--file", tree.git_dir / "config.worktree", key, value)
    return tree


def admin_dir(repository: Repository, path: Path) -> Path:
    """The folder git keeps for the worktree at `path`, found from git's side: `path` may be gone."""
    wanted = path.resolve()
    usual = repository.common_dir / "worktrees" / _entry_name(wanted)
    if recorded_path(usual) == wanted:  # it has the name that we give: no other record need be read
        return usual
    for place, admin in places(repository):
        if place.resolve() == wanted:
            return admin
    raise RepositoryError(
        f"git has no record of a worktree at {path}. If its folder is there, move it away; "
        "`git worktree list` shows what git knows."
    )


def own_dir(path: Path, admin: Path) -> Path:
    """The git directory that what lies at `path` calls its own: a clone has one inside."""
    return path / ".git" if (path / ".git").is_dir() else admin


def places(repository: Repository) -> Iterator[tuple[Path, Path]]:
    """Yield where each linked worktree should be, as written down, with its admin folder.

    Reads one small file for each, where `git worktree list` reads four and looks up a commit.
    """
    for gitdir in (repository.common_dir / "worktrees").glob("*/gitdir"):
        place = recorded_path(gitdir.parent)
        if place is not None:  # else it was removed meanwhile
            yield place, gitdir.parent


class Register:
    """Where each linked worktree is, for whoever asks again and again: each record is read once.

    A worktree that somebody else moves meanwhile is not found at its new place. What lies there is in
    the way of a new one, and then `admin_dir` reads all the records again.
    """

    def __init__(self, repository: Repository) -> None:
        self._folder = repository.common_dir / "worktrees"
        self._places: dict[tuple[str, int], str] = {}
        """Without links, by the name of the admin folder and its inode."""

    def find(self, wanted: Collection[Path]) -> dict[Path, Path]:
        """Return the admin folders of the worktrees at these places (without links), where there are any."""
        try:
            with os.scandir(self._folder) as entries:
                there = {(entry.name, entry.inode()) for entry in entries}
        except (FileNotFoundError, NotADirectoryError):
            there = set()
        if gone := self._places.keys() - there:
            self._places = {key: place for key, place in self._places.items() if key not in gone}
        places = {str(path): path for path in wanted}
        for key in there - self._places.keys():
            place = recorded_path(self._folder / key[0])
            if place is not None:
                self._places[key] = str(place) if str(place) in places else str(place.resolve())
        found = {places[at]: self._folder / key[0] for key, at in self._places.items() if at in places}
        return {path: admin for path, admin in found.items() if _is_at(admin, path)}


def _is_at(admin: Path, path: Path) -> bool:
    place = recorded_path(admin)
    return place is not None and (place == path or place.resolve() == path)


def has_plain_layout(repository: Repository) -> bool:
    """Whether the admin folder of a worktree is the documented one: no reftable, no sparse checkout.

    Extensions count in the repository's own configuration file only, so this one file is read.
    """
    settings = read_settings(repository.common_dir / "config")
    extensions = {key.partition(".")[2] for key in settings if key.startswith("extensions.")}
    return bool(settings) and extensions <= _KNOWN_EXTENSIONS and not is_on(settings, "core.sparsecheckout")


def _rename_in(repository: Repository, path: Path, head: str, reason: str) -> Path:
    admin = _unused(repository.common_dir / "worktrees" / _entry_name(path))
    contents = {
        "HEAD": f"{head}\n",
        "commondir": "../..\n",
        "gitdir": f"{path}/.git\n",
        "locked": f"{reason}\n",
        MADE_FOR: f"{reason}\n",
        UNFILLED: "",
    }
    try:
        admin.parent.mkdir(exist_ok=True)
        repository.own_dir.mkdir(mode=0o700, exist_ok=True)
        aside = repository.own_dir / f"{_ASIDE}{admin.name}"  # nobody else makes one: we hold the lock
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o755)
        try:
            for name, content in contents.items():
                put(f"{aside}/{name}", content)
            aside.rename(admin)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise RepositoryError(
            f"porch wanted to register a worktree for {path} as {admin}, and could not: {error.strerror}. "
            "If that folder is left over, `git worktree prune` or removing it helps."
        ) from error
    return admin


def _unused(admin: Path) -> Path:
    """The name, or a numbered one: what was here once may be elsewhere, and keeps its name."""
    names = chain([admin], (admin.with_name(f"{admin.name}-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _entry_name(path: Path) -> str:
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name).strip(".-")[:40] or "worktree"
    return f"{readable}-{hashlib.sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
