"""Repositories that are made once per test process, and copied for each test."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path


def git(root: Path, *words: str) -> None:
    """Run git in a folder; it must succeed."""
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def empty(root: Path) -> None:
    """Make a repository without a commit, with Ada as author."""
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    for sample in (root / ".git/hooks").glob("*.sample"):
        sample.unlink()


def app(root: Path) -> None:
    """Make a repository with one commit."""
    empty(root)
    (root / "README.md").write_text("An app.\n")
    (root / ".gitignore").write_text("*.log\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "more")


def three_files(root: Path) -> None:
    """Make a repository with one commit of three files and a .gitignore."""
    empty(root)
    (root / "sub").mkdir()
    for name in ("f", "g", "sub/h"):
        (root / name).write_text("one\n")
    (root / ".gitignore").write_text("*.env\n.env\nbuild/\ncache\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")


def copy(make: Callable[[Path], None], root: Path) -> None:
    """Copy what `make` makes to `root`, and make its parents."""
    shutil.copytree(_made(make), root, symlinks=True)
    if make is not empty:
        git(root, "update-index", "-q", "--refresh")  # a copy has other inodes


@cache
def _made(make: Callable[[Path], None]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="template-"))
    atexit.register(_remove, folder, os.getpid())
    root = folder / "root"
    root.mkdir()
    make(root)
    return root


def _remove(folder: Path, owner: int) -> None:
    """Remove a folder when the process that made it ends, not when one forked from it does."""
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
