"""Replays a repository's own merges: does porch decide as `git merge` does, and what does it cost?

    python tests/bench/replay.py [REPOSITORY] [--merges N]

Takes the newest N two-parent merges of all branches and merges the second
parent on top of the first again, three ways: by porch, by a raw `git merge-tree`,
and by `git merge` in a checkout. Prints how many verdicts, path sets and trees
agree, and the median milliseconds of each. Works on a clone; changes nothing else.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.git.discovery import discover
from porch_tui.git.merge import candidates
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError

Verdict = tuple[bool, str | frozenset[str]]
"""Whether it is clean; the tree if so, else the paths in conflict."""


@dataclass
class Tally:
    """What the replay has seen."""

    clean: int = 0
    conflicted: int = 0
    undecidable: int = 0
    differing: list[str] = field(default_factory=list)
    porch_ms: list[float] = field(default_factory=list)
    raw_ms: list[float] = field(default_factory=list)


def git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)


def timed(took: list[float], began: float) -> None:
    took.append(1000 * (time.perf_counter() - began))


def by_porch(repository: Repository, scratch: Path, onto: str, head: str, took: list[float]) -> Verdict:
    began = time.perf_counter()
    found = candidates.merge(repository, scratch, onto, head)
    timed(took, began)
    if isinstance(found, str):
        return True, found
    return False, frozenset(one.path.partition("~")[0] for one in found.conflicts)


def by_git(checkout: Path, onto: str, head: str) -> Verdict:
    git(checkout, "checkout", "-q", "-f", "--detach", onto)
    git(checkout, "clean", "-fdxq")
    identity = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "rerere.enabled=false")
    done = git(checkout, *identity, "merge", "--no-ff", "-q", "-m", "replay", head)
    if done.returncode == 0:
        return True, git(checkout, "rev-parse", "HEAD^{tree}").stdout.decode().strip()
    listed = git(checkout, "diff", "--name-only", "--diff-filter=U", "-z").stdout.split(b"\0")
    git(checkout, "merge", "--abort")
    return False, frozenset(
        path.decode("utf-8", "surrogateescape").partition("~")[0] for path in listed if path
    )


def replay(root: Path, merges: list[list[str]], checkout: Path, scratch: Path) -> Tally:
    repository, tally = discover(root), Tally()
    for merge, onto, head in merges:
        began = time.perf_counter()
        git(root, "merge-tree", "--write-tree", "-z", onto, head)
        timed(tally.raw_ms, began)
        try:
            porch = by_porch(repository, scratch, onto, head, tally.porch_ms)
        except GitError:
            tally.undecidable += 1
            continue
        tally.clean += porch[0]
        tally.conflicted += not porch[0]
        if porch != by_git(checkout, onto, head):
            tally.differing.append(merge)
    return tally


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("repository", nargs="?", default=str(Path(__file__).parents[2]))
    options.add_argument("--merges", type=int, default=200)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, checkout = Path(folder) / "app", Path(folder) / "checkout"
        subprocess.run(["git", "clone", "-q", chosen.repository, str(root)], check=True)
        git(root, "worktree", "add", "-q", "--detach", str(checkout))
        listed = git(root, "rev-list", "--all", "--min-parents=2", "--max-parents=2", "--parents").stdout
        merges = [line.split() for line in listed.decode().splitlines()][: chosen.merges]
        if not merges:
            print("no merges to replay")
            return
        tally = replay(root, merges, checkout, Path(folder) / "scratch")
        counts = f"clean {tally.clean}  conflicted {tally.conflicted}  undecidable {tally.undecidable}"
        print(f"merges    {len(merges)}  {counts}")
        print(
            f"as git    {len(merges) - tally.undecidable - len(tally.differing)}  differing {tally.differing}"
        )
        raw, porch = statistics.median(tally.raw_ms), statistics.median(tally.porch_ms)
        print(f"raw merge-tree {raw:5.1f} ms  porch {porch:5.1f} ms  ratio {porch / raw:.2f}")


if __name__ == "__main__":
    main()
