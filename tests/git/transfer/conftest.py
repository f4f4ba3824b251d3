"""Two repositories that know nothing of each other: the person's, and the one that a host keeps."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from porch_tui.git.repository import Repository
from porch_tui.git.transfer import bundles, packs
from porch_tui.git.transfer.bundles import Result
from porch_tui.git.transfer.host_repository import prepared
from porch_tui.git.transfer.packs import Choice

HEAD = "refs/porch/run/head/auth"


class Host:
    """A host's repository, and the git commands that its tasks type."""

    def __init__(self, root: Path, oid_length: int = 40) -> None:
        root.parent.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.oid_length = oid_length
        self.opened = prepared(root, oid_length)

    def git(self, *words: str | Path, at: Path | None = None, fails: bool = False) -> str:
        """Run git as a task there would; the output without its last newline."""
        done = subprocess.run(["git", *words], cwd=at or self.root, capture_output=True, check=False)
        if done.returncode != 0 and not fails:
            raise AssertionError(f"git {words}: {done.stderr.decode()}")
        return os.fsdecode(done.stdout).removesuffix("\n")

    def again(self) -> Repository:
        """Start the host again."""
        self.opened = prepared(self.root, self.oid_length)
        return self.opened

    def worktree(self, base: str) -> Path:
        """Make a worktree as a task has it."""
        path = self.root.parent / f"worktree-{base[:12]}"
        self.git("worktree", "add", "-q", "--detach", path, base)
        return path

    def commit(self, at: Path, files: Mapping[str, str | bytes], message: str = "work") -> str:
        """Commit files in a worktree, as Bob."""
        for name, content in files.items():
            file = at / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A", at=at)
        who = ("-c", "user.name=Bob", "-c", "user.email=bob@example.org")
        self.git(*who, "commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD", at=at)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host that has nothing yet."""
    return Host(tmp_path / "hosts" / "app")


@contextmanager
def sent(repository: Repository, base: str, choice: Choice) -> Iterator[BinaryIO]:
    """Yield a base, as it lies on the other side's disk."""
    with tempfile.TemporaryFile() as file:
        packs.write(repository, base, choice, file)
        yield file


def give(
    repository: Repository, host: Repository, base: str, *, is_full: bool = False, is_again: bool = False
) -> Choice:
    """Send a base to a host in the best way, and return that."""
    choice = packs.choose(repository, base, packs.tips(host), is_full=is_full, is_again=is_again)
    with sent(repository, base, choice) as file:
        packs.receive(host, base, file)
    return choice


def bundle(
    repository: Repository, base: str, refs: Mapping[str, str], *, others: Collection[str] = ()
) -> tuple[Result, bytes]:
    """The result of an attempt, and the bytes of its bundle."""
    with tempfile.TemporaryFile() as file:
        result = bundles.make(repository, base, refs, file, others=others)
        file.seek(0)
        return result, file.read()


@contextmanager
def on_disk(content: bytes) -> Iterator[BinaryIO]:
    """Yield a file with this content."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file
