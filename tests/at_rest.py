"""Runs at rest that are made once per test process, and restored for each test.

A run knows where its worktrees are, so it is restored at the same path. Only for tests that leave no process
of a run alive: it would find its folder again.
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


def at_rest(make: Callable[[Project], object], kind: type[Project] = Project) -> Project:
    """Return a project as `make` left it; nothing may run in it any more."""
    place, kept = _made(make)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(kept, place, symlinks=True)
    project = kind.at(place / "app")
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
    """Remove a folder when the process that made it ends, not when one forked from it does."""
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
