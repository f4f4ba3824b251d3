"""How long worktrees take to make, beside serial `git worktree add`: ratios, all in one run.

    python tests/bench/worktrees.py [--rounds N] [--folder DIRECTORY]

Many small ones (64 of 100 files) and a few of medium size (8 of 3,000 files, 15 MB), made as a run
makes them: asked for by as many threads as there are tasks, the base checked out once and copied; then the
latter again, from the pool, after 20 files of each were changed and 20 made. The two take turns in each
round, in fresh folders, and medians are compared. Nothing is deleted before the end: on ext4 without a
journal whatever is created within minutes of a large deletion is 10 to 30 times slower, and then that is
what is measured. Where other programs delete much meanwhile, a DIRECTORY on a tmpfs keeps out of it (4 GB).
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from porch_tui.git.discovery import discover
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import base_checkout, pool
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree_list import worktrees_lock

SMALL, MEDIUM = (100, 500), (3000, 5_000)
"""Number of files, and bytes of each."""


def git(root: Path, *words: str | Path) -> str:
    done = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(root: Path, files: int, size: int) -> Repository:
    """Make a repository whose files compress about as text does."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for key, value in {"user.name": "bench", "user.email": "bench@porch.invalid"}.items():
        git(root, "config", key, value)
    chance = random.Random(files)
    words = [chance.randbytes(4).hex() for _ in range(500)]
    for number in range(files):
        file = root / f"d{number % 50}" / f"f{number}"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(chance.choices(words, k=size // 9)))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")
    git(root, "gc", "-q")
    return discover(root)


def seconds(work: Callable[..., object], *words: object, **named: object) -> float:
    began = time.monotonic()
    work(*words, **named)
    return time.monotonic() - began


def by_git(found: Repository, place: Path, count: int) -> None:
    for number in range(count):
        name = f"{place.name}-{number}"
        git(found.root, "worktree", "add", "-q", "-b", name, place / str(number), "main")


def by_porch(found: Repository, place: Path, count: int, *, is_warm: bool = False) -> None:
    base = git(found.root, "rev-parse", "main")

    def make(number: int) -> None:
        name = f"{place.name}-{number}"
        keep = () if is_warm else None
        ensure(found, place / str(number), name, base, f"porch bench/{name}", pool_keep=keep)

    if not is_warm:
        base_checkout.begin(found, base, count)
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(make, range(count)))
    base_checkout.end(found)


def warm_up(found: Repository, place: Path, count: int) -> None:
    """Put worktrees into the pool in which 20 files were changed and 20 made, and committed."""
    for number in range(count):
        worktree = place / str(number)
        for file in range(20):
            (worktree / f"d{file}" / f"f{file}").write_text("changed")
            (worktree / f"made-{file}").write_text("made")
        git(worktree, "add", "-A")
        git(worktree, "commit", "-q", "-m", "work")
        with worktrees_lock(found):
            assert pool.give(found, worktree, count, ())


def compare(
    what: str, found: Repository, count: int, rounds: int, bar: float, *, is_warm: bool = False
) -> None:
    """Print both times for each worktree, and their ratio; `is_warm`: porch has them in its pool."""
    place = found.root.parent
    times: dict[str, list[float]] = {"git": [], "porch": []}
    if is_warm:
        by_porch(found, place / "first", count)
    for turn in range(rounds):
        last = place / (f"warm-{turn - 1}" if turn else "first")
        theirs, ours = place / f"git-{is_warm}-{turn}", place / f"{'warm' if is_warm else 'porch'}-{turn}"
        times["git"].append(seconds(by_git, found, theirs, count))
        if is_warm:
            warm_up(found, last, count)
        times["porch"].append(seconds(by_porch, found, ours, count, is_warm=is_warm))
    each = {name: statistics.median(walls) / count * 1000 for name, walls in times.items()}
    ratio = each["porch"] / each["git"]
    print(f"{what:<28} {each['porch']:7.1f} ms each, git {each['git']:7.1f}: {ratio:.2f} x  (bar: {bar:.2f})")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    rounds = chosen.rounds
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        small = repository(Path(folder) / "small" / "app", *SMALL)
        medium = repository(Path(folder) / "medium" / "app", *MEDIUM)
        compare("64 small worktrees", small, 64, rounds, 0.45)
        compare("8 medium worktrees", medium, 8, rounds, 0.60)
        compare("8 medium ones from the pool", medium, 8, rounds, 0.20, is_warm=True)


if __name__ == "__main__":
    main()
