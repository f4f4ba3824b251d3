"""Runs at rest that are made once for each test process, and put back for each test.

A run knows where its worktrees are, so it comes back where it was made. Only for tests after which no process
of a run is alive: it would find its folder again.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.project import Project


def at_rest(make: Callable[[Project], object]) -> Project:
    """Return a project as `make` left one, which must have come to rest."""
    place, kept = _made(make)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(kept, place, symlinks=True)
    project = Project.at(place / "app")
    for worktree in [place / "app", *place.glob("app-*")]:  # a copy has other inodes
        subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=worktree, check=False)
    return project


@cache
def _made(make: Callable[[Project], object]) -> tuple[Path, Path]:
    folder = Path(tempfile.mkdtemp(prefix="at-rest-")).resolve()
    atexit.register(_remove, folder, os.getpid())
    place, kept = folder / "place", folder / "kept"
    place.mkdir()
    make(Project(place))
    shutil.copytree(place, kept, symlinks=True)
    return place, kept


def _remove(folder: Path, owner: int) -> None:
    """Remove it at the end of the process that made it; not at that of one forked from it."""
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
