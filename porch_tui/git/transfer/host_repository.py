"""The repository that a host keeps for attempts: made by porch, without a branch, never fetched into.

Each base comes as a pack (`packs`), and tasks have worktrees of it as they have of a person's repository.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import locks, objects
from porch_tui.git.configuration import read_settings
from porch_tui.git.git_files import git_dirs
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import NO_VARIABLES, Git
from porch_tui.git.transfer import packs
from porch_tui.git.transfer.headers import FORMATS

_LONGEST_WAIT_S = 600.0
_SETTINGS = {
    "gc.auto": "0",  # what it would delete, only porch knows
    "maintenance.auto": "false",
}


def prepared(root: Path, oid_length: int, name: str | None = None) -> Repository:
    """Return the repository at `root` for objects whose ids have this length; it is made if it is not there.

    What a killed git or porch left in it goes: lock files, and packs that were arriving. The folder above
    `root` is there. Raises `RepositoryError` if there is one for other ids.
    """
    common_dir = root / ".git"
    if oid_length not in FORMATS:
        raise RepositoryError(f"porch knows object ids of {sorted(FORMATS)} digits, and none of {oid_length}")
    root.mkdir(mode=0o700, exist_ok=True)
    with exclusive(root / "porch-making.lock", "make the repository of a host", _LONGEST_WAIT_S):
        # a lock that a killed git left on the configuration would stop this one
        locks.remove_stale(locks.made_since(git_dirs(root, NO_VARIABLES), 0.0), 0.0)
        _make(root, common_dir, FORMATS[oid_length])
        (common_dir / "porch").mkdir(mode=0o700, exist_ok=True)
        with exclusive(common_dir / "porch" / packs.LOCK, "clear the repository of a host", _LONGEST_WAIT_S):
            objects.sweep(common_dir)
    return Repository(root, common_dir, common_dir, name or root.name)


def _make(root: Path, common_dir: Path, hashed_by: str) -> None:
    """Make the repository, or what an earlier call that was cut off has not made of it."""
    git = Git(root, {"GIT_DIR": str(common_dir), "GIT_WORK_TREE": str(root)})
    words = ("init", "-q", "--template=", "--initial-branch=none", f"--object-format={hashed_by}")
    made = git.run(*words, check=False)
    found = git.text("rev-parse", "--show-object-format")
    if found != hashed_by:
        raise RepositoryError(
            f"{root} should hold commits whose ids are hashed by {hashed_by}, and is for {found}. "
            "Give this repository another folder there."
        )
    if made.code != 0:
        raise git.failure(words, made)
    there = read_settings(common_dir / "config")
    for key, value in _SETTINGS.items():
        if there.get(key) != (value,):
            git.run("config", key, value)
