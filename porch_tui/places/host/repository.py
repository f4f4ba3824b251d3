"""The repository of a host, with an identity for commits where its machine has none."""

from __future__ import annotations

import os
from pathlib import Path

from porch_tui.errors import PorchError
from porch_tui.git.repository import Repository
from porch_tui.git.transfer.host_repository import prepared
from porch_tui.places.wire.messages import Greeting


def open_repository(folder: Path, greeting: Greeting) -> Repository:
    """Return the repository in `folder`, made if there is none yet. Raises RepositoryError or OSError."""
    repository = prepared(folder / greeting.name, greeting.oid_length, greeting.name)
    for key, value in zip(("user.name", "user.email"), greeting.identity, strict=True):
        if value and not repository.git.run("config", key, check=False).stdout.strip():
            repository.git.run("config", key, value)
    return repository


def folder_of(root: Path, greeting: Greeting) -> Path:
    """Return the folder for an engine's repository. Raises PorchError for an id that is no name."""
    name = greeting.repository
    if not name or not name.isalnum() or len(name) > 64:
        raise PorchError(f"an engine named its repository {name[:80]!r}, which is no id")
    return root / os.fspath(name)
