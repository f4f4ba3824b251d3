"""How long it takes to say of 11 branches which of them conflict, beside asking one pair after the other.

    python tests/bench/prediction.py [REPOSITORY] [--rounds N]

Clones the repository (default: this one), makes eleven branches that edit five
files of it each, and predicts the 55 pairs: together, as porch does it, and by
a `git merge-tree` each in the same round. Prints medians; the bar is 0.4 s.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.git.discovery import discover
from porch_tui.git.merge.prediction import Verdict, predict

BRANCHES, FILES, BAR_S = 11, 5, 0.4


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def branches(root: Path, chance: random.Random) -> list[str]:
    """Make the branches; a few of the files each edits are those that all of them choose from."""
    for key, value in {"user.name": "bench", "user.email": "bench@porch.invalid"}.items():
        git(root, "config", key, value)
    start = git(root, "rev-parse", "HEAD")
    tracked = [name for name in git(root, "ls-files", "-z").split("\0") if (root / name).is_file()]
    common = chance.sample(tracked, min(len(tracked), 20))
    heads = []
    for number in range(BRANCHES):
        git(root, "checkout", "-q", "--detach", start)
        for name in chance.sample(common, min(len(common), FILES)):
            with (root / name).open("ab") as file:
                file.write(f"branch {number}\n".encode())
        git(root, "commit", "-q", "-a", "-m", f"branch {number}")
        heads.append(git(root, "rev-parse", "HEAD"))
    return heads


def one_by_one(root: Path, pairs: list[tuple[str, str]]) -> int:
    """Return how many pairs conflict, by a process each."""
    words = ["git", "-C", str(root), "merge-tree", "--write-tree", "-z"]
    return sum(subprocess.run([*words, *pair], capture_output=True, check=False).returncode for pair in pairs)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("repository", nargs="?", type=Path, default=Path(__file__).parents[2])
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    together, singly = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "app"
        subprocess.run(["git", "clone", "-q", str(chosen.repository), str(root)], check=True)
        pairs = list(combinations(branches(root, random.Random(7)), 2))
        repository = discover(root)
        for _ in range(chosen.rounds):
            scratch = Path(folder) / "scratch"
            began = time.perf_counter()
            found = predict(repository, scratch, scratch / "objects", pairs)
            together.append(time.perf_counter() - began)
            shutil.rmtree(scratch)  # as in a run that has only begun
            began = time.perf_counter()
            conflicts = one_by_one(root, pairs)
            singly.append(time.perf_counter() - began)
            predicted = sum(forecast.verdict is Verdict.CONFLICT for forecast in found.values())
            assert conflicts == predicted, f"{predicted} conflicts predicted, {conflicts} met"
    batch_s, single_s = statistics.median(together), statistics.median(singly)
    print(f"{len(pairs)} pairs, {predicted} in conflict")
    print(f"together    {batch_s:6.3f} s  (bar: {BAR_S} s)")
    print(f"one by one  {single_s:6.3f} s")
    print(f"ratio       {batch_s / single_s:6.2f}")


if __name__ == "__main__":
    main()
