"""Lays the demo's repository down."""

from __future__ import annotations

from pathlib import Path

from porch_tui.demo.contents import FILES
from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.runner import Git

NAME = "calculator"

SETTINGS = {
    # a new machine knows nobody to commit as, and the tour must not ask
    "user.name": "porch demo",
    "user.email": "demo@porch.invalid",
    "commit.gpgSign": "false",
}


def make_repository(folder: Path) -> Path:
    """Make the repository in a folder, new or not, and return its root.

    Raises RefusedError if it is there already, RepositoryError if it cannot be written.
    """
    root = folder.resolve() / NAME
    if root.exists():
        raise RefusedError(f"the demo would make {root}, but that exists; name another folder")
    try:
        for name, text in FILES.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    except OSError as error:
        raise RepositoryError(
            f"the demo cannot be made in {root}: {error.strerror}; name another folder"
        ) from error
    git = Git(root)
    git.run("init", "-q", "-b", "main")
    for key, value in SETTINGS.items():
        git.run("config", key, value)
    git.run("add", "-A")
    git.run("commit", "-q", "-m", "A small calculator")
    return root
