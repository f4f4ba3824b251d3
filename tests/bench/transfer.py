"""What it costs to move a base to another repository and a result back, beside `git fetch`.

    python tests/bench/transfer.py [--rounds N] [--mib N] [--repository FOLDER] [--folder DIRECTORY]

The result, N MiB in 64 files that cannot be compressed, comes through the pipe of a child process: made there
as a bundle, spooled here, checked and taken; for git, the same pipe is its ssh. The base is that of the
repository in FOLDER (a clone of a real one), and then one 50 commits later: alone, on top of the earlier one,
with its history, and as `git fetch` does each. Ways take turns in each round, in fresh repositories; medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from porch_tui.git.repository import Repository
from porch_tui.git.transfer import bundles, packs
from porch_tui.git.transfer.host_repository import prepared
from porch_tui.git.transfer.packs import Choice, Kind

HEAD, ELSEWHERE = "refs/porch/run/head/auth", "refs/porch/other/head/auth"
CHUNK = 1 << 20
FILES = 64


def git(root: Path, *words: str | Path, env: dict[str, str] | None = None) -> str:
    everything = os.environ | (env or {})
    done = subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True, env=everything
    )
    return done.stdout.strip()


def opened(root: Path) -> Repository:
    """Return a repository with its `.git`, or a bare one, as porch has it."""
    git_dir = root / ".git" if (root / ".git").exists() else root
    return Repository(root, git_dir, git_dir, root.name)


def made(root: Path) -> str:
    """Make a repository with one commit, and return that."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "bench")
    git(root, "config", "user.email", "bench@porch.invalid")
    (root / "f").write_text("one\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")
    return git(root, "rev-parse", "HEAD")


def give(source: Repository, target: Repository, base: str, choice: Choice) -> int:
    with tempfile.TemporaryFile() as file:
        packs.write(source, base, choice, file)
        packs.receive(target, base, file)
        return os.fstat(file.fileno()).st_size


# the child: the other side of the pipe


def send(root: Path, base: str, head: str) -> None:
    with tempfile.TemporaryFile() as file:
        bundles.make(opened(root), base, {HEAD: head}, file)
        file.seek(0)
        shutil.copyfileobj(file, sys.stdout.buffer, CHUNK)


def fetch_by_porch(near: Path, far: Path, base: str, head: str) -> None:
    words = [sys.executable, __file__, "--send", str(far), base, head]
    with tempfile.TemporaryFile() as file, subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        shutil.copyfileobj(child.stdout, file, CHUNK)
        file.flush()
        assert bundles.take(opened(near), base, {HEAD: head}, file, allowed=[HEAD])


def fetch_by_git(near: Path, far: Path, ssh: Path) -> None:
    git(near, "fetch", "-q", f"ssh://there{far}", f"{HEAD}:{HEAD}", env={"GIT_SSH_COMMAND": str(ssh)})


def results(folder: Path, rounds: int, mib: int) -> None:
    ssh = folder / "ssh"
    ssh.write_text('#!/bin/sh\nwhile [ "$1" != there ]; do shift; done; shift; exec sh -c "$*"\n')
    ssh.chmod(0o755)
    took: dict[str, list[float]] = defaultdict(list)
    base = made(folder / "near")
    far = prepared(folder / "far", 40)
    give(opened(folder / "near"), far, base, Choice(Kind.SNAPSHOT))
    git(far.root, "worktree", "add", "-q", "--detach", folder / "work", base)
    for number in range(FILES):
        (folder / "work" / f"large-{number}").write_bytes(os.urandom((mib << 20) // FILES))
    git(folder / "work", "add", "-A")
    who = ("-c", "user.name=b", "-c", "user.email=b@porch.invalid")
    git(folder / "work", *who, "commit", "-q", "-m", "work")
    head = git(folder / "work", "rev-parse", "HEAD")
    git(far.root, "update-ref", HEAD, head)
    for number in range(rounds):
        for name in ("porch", "git"):
            near = folder / f"near-{name}-{number}"
            shutil.copytree(folder / "near", near)
            began = time.monotonic()
            if name == "porch":
                fetch_by_porch(near, far.root, base, head)
            else:
                fetch_by_git(near, far.root, ssh)
            took[name].append(time.monotonic() - began)
            assert git(near, "rev-parse", HEAD) == head
            shutil.rmtree(near)
    porch, by_git = (statistics.median(took[name]) for name in ("porch", "git"))
    print(f"result of {mib} MiB: porch {porch:.2f} s, git fetch {by_git:.2f} s, ratio {porch / by_git:.2f}")


class Ways:
    """The ways of a base into fresh repositories of one round; each returns the bytes it moved, if known."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._source = source
        self._later = git(source, "rev-parse", "HEAD")
        self._earlier = git(source, "rev-list", "--first-parent", "--skip=50", "-1", "HEAD")
        names = ("one", "other", "git-one", "git-other")
        self._one, self._other, self._git_one, self._git_other = (prepared(folder / it, 40) for it in names)

    def _give(self, target: Repository, base: str, kind: Kind, *have: str) -> int:
        return give(opened(self._source), target, base, Choice(kind, have))

    def _fetch(self, into: Repository, commit: str, *options: str) -> int:
        there = ("--upload-pack", "git -c uploadpack.allowAnySHA1InWant=true upload-pack")
        refspec = f"{commit}:{packs.BASES}{commit}"
        git(into.root, "fetch", "-q", "--no-tags", *options, *there, f"file://{self._source}", refspec)
        return 0

    def snapshot(self) -> int:
        return self._give(self._one, self._earlier, Kind.SNAPSHOT)

    def git_snapshot(self) -> int:
        return self._fetch(self._git_one, self._earlier, "--depth=1")

    def thin(self) -> int:
        return self._give(self._one, self._later, Kind.THIN, self._earlier)

    def git_thin(self) -> int:
        return self._fetch(self._git_one, self._later, "--depth=1")

    def hit(self) -> int:
        assert packs.has(self._one, self._later)
        return 0

    def full(self) -> int:
        return self._give(self._other, self._earlier, Kind.FULL)

    def git_full(self) -> int:
        return self._fetch(self._git_other, self._earlier)

    def full_later(self) -> int:
        return self._give(self._other, self._later, Kind.FULL, self._earlier)

    def git_full_later(self) -> int:
        return self._fetch(self._git_other, self._later)


def bases(folder: Path, rounds: int, source: Path) -> None:
    took, sizes = defaultdict[str, list[float]](list), dict[str, int]()
    for number in range(rounds):
        here = folder / f"round-{number}"
        here.mkdir()
        ways = Ways(source, here)
        names = [name for name in vars(Ways) if not name.startswith("_")]
        for name in names:
            way: Callable[[], int] = getattr(ways, name)
            began = time.monotonic()
            sizes[name] = way()
            took[name].append(time.monotonic() - began)
        shutil.rmtree(here)
    for name, times in took.items():
        size = f", {sizes[name] / 1e6:.2f} MB" if sizes[name] else ""
        print(f"base, {name.replace('_', ' ')}: {statistics.median(times) * 1000:.1f} ms{size}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mib", type=int, default=32)
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--send", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        send(Path(options.send[0]), *options.send[1:])
        return
    with tempfile.TemporaryDirectory(prefix="transfer-", dir=options.folder) as name:
        folder = Path(name)
        results(folder, options.rounds, options.mib)
        if options.repository:
            bases(folder, options.rounds, options.repository.resolve())


if __name__ == "__main__":
    main()
