"""The repository of a host: what attempts there start from, and where they leave what they make."""

from __future__ import annotations

from pathlib import Path

from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

SETTINGS = {
    "gc.auto": "0",  # what runs here must not be disturbed, nor what is not yet sent be pruned
    "maintenance.auto": "false",
    "core.logAllRefUpdates": "true",
}


def open_repository(folder: Path, name: str, identity: tuple[str, str]) -> Repository:
    """Return the repository in `folder`, made if there is none yet.

    `identity`, a name and an email, is for commits where the machine has none.
    """
    root = folder / name
    repository = Repository(root, root / ".git", root / ".git", name)
    if not (root / ".git" / "porch").is_dir():
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        Git(root).text("init", "-q", "--initial-branch=none", ".")
        for key, value in SETTINGS.items():
            repository.git.text("config", key, value)
        repository.own_dir.mkdir(mode=0o700, exist_ok=True)
    _identify(repository, identity)
    return repository


def _identify(repository: Repository, identity: tuple[str, str]) -> None:
    for key, value in zip(("user.name", "user.email"), identity, strict=True):
        if value and not repository.git.start("config", key)().stdout.strip():
            repository.git.text("config", key, value)


def has_commit(repository: Repository, commit: str) -> bool:
    """Say whether the repository has a commit, with all that belongs to it."""
    return refs.read(repository, f"refs/porch/base/{commit}") is not None
