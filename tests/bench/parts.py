"""How many real commits touch one part only, if a repository is split by `porch plan --by`.

    python tests/bench/parts.py REPOSITORY... [--by dirs|packages] [--commits N]

Clones each repository, splits it, and looks at its last N commits (default: 200) that touch sources which are
still there, merges not counted: once with the history up to now, as `porch plan` sees it, and once with parts
made before the first of these commits, which know nothing of them. Checks too that each tracked source file
is in exactly one part, and that the same facts give the same parts. The bar is 70 %.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.codebase.facts import read
from porch_tui.codebase.history import commits
from porch_tui.core.files.facts import Facts
from porch_tui.core.files.languages import language_of
from porch_tui.core.splitting.parts import By, Split, split
from porch_tui.git.discovery import discover
from porch_tui.git.repository import Repository

BAR = 0.7
LOOKED_THROUGH = 5000


def touching(repository: Repository, head: str, sources: set[str], number: int) -> list[frozenset[str]]:
    """Return which sources each of the last commits touched that touched any."""
    touched = (paths & sources for paths in commits(repository, head, LOOKED_THROUGH))
    return list(islice(filter(None, touched), number))


def before(repository: Repository, head: str, sources: set[str], number: int) -> str:
    """Return the commit before the last ones that touched sources."""
    text = repository.git.text("rev-list", "--no-merges", f"--max-count={LOOKED_THROUGH}", head)
    left = number
    for commit in text.split("\n"):
        paths = repository.git.paths("diff-tree", "-r", "-z", "--name-only", "--no-commit-id", commit)
        if left == 0:
            return commit
        left -= not sources.isdisjoint(paths)
    raise SystemExit(f"{repository.root} has fewer than {number} commits that touch sources")


def share(found: Split, changes: list[frozenset[str]]) -> float:
    """Return the share of commits that touched one part only."""
    part_of = {path: part.name for part in found.parts for path in part.files}
    return sum(len({part_of[path] for path in paths}) == 1 for paths in changes) / len(changes)


def verified(facts: Facts, by: By) -> Split:
    """Return the parts; AssertionError unless each source is in exactly one, and they are always the same."""
    found = split(facts, by)
    times = Counter(path for part in found.parts for path in part.files)
    assert {path: 1 for path in facts.sizes if language_of(path)} == times
    assert found == split(facts, by)
    return found


def measure(root: Path, by: By, number: int) -> bool:
    """Print the figures of one repository, and return whether they reach the bar."""
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", root, clone], check=True)
        repository = discover(clone)
        head = repository.git.text("rev-parse", "HEAD")
        began = time.perf_counter()
        facts = read(repository, head)
        read_s, began = time.perf_counter() - began, time.perf_counter()
        now = verified(facts, by)
        split_s = time.perf_counter() - began
        sources = set(filter(language_of, facts.sizes))
        earlier = read(repository, before(repository, head, sources, number))
        then = verified(earlier, by)
        known = share(now, touching(repository, head, sources, number))
        unknown = share(then, touching(repository, head, set(filter(language_of, earlier.sizes)), number))
    print(
        f"{root.resolve().name:<12} {by:<9} {len(sources):5} sources {len(now.parts):2} parts, the largest"
        f" {_largest(now):3.0%}: {known:3.0%} of {number} commits touch one; made before them"
        f" ({len(then.parts)} parts, {_largest(then):.0%}): {unknown:3.0%}."
        f" Read in {read_s:.2f} s, split in {split_s:.2f} s."
    )
    return known >= BAR


def _largest(found: Split) -> float:
    return max(part.bytes for part in found.parts) / sum(part.bytes for part in found.parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--by", type=By, choices=(By.DIRS, By.PACKAGES), default=None)
    parser.add_argument("--commits", type=int, default=200, metavar="N")
    options = parser.parse_args()
    ways = (options.by,) if options.by else (By.DIRS, By.PACKAGES)
    reached = [measure(root, by, options.commits) for root in options.repositories for by in ways]
    raise SystemExit(not all(reached))


if __name__ == "__main__":
    main()
