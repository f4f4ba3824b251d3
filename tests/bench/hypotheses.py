"""Whether the measured winner is the same each time, on a machine that is busy with other things.

    python tests/bench/hypotheses.py [--runs N] [--load N] [--repeat K]

Five theories make one loop faster by different amounts; the best is a third faster than the next. N
processes (default: twice as many as cores) keep the machine busy meanwhile, each with pauses of random
length. Prints the winner of each run, its median, that of the next and of the base, and what was undecided.
The bar: the same winner in 10 of 10 runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STEPS = {
    "base": 1_200_000,
    "half": 600_000,
    "third": 400_000,
    "tenth": 1_080_000,
    "same": 1_200_000,
    "more": 1_800_000,
}
"""How long each loop is."""
BEST = "third"
MEASURE = """\
import time
from work import STEPS
began = time.perf_counter()
total = 0
for step in range(STEPS):
    total += step
print(time.perf_counter() - began)
"""
LOAD = """\
import random, time
while True:
    until = time.monotonic() + random.uniform(0.05, 0.5)
    while time.monotonic() < until:
        pass
    time.sleep(random.uniform(0.0, 0.3))
"""


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


def project(root: Path, repeat: int) -> None:
    """Make a repository with the plan in it."""
    tasks = "".join(
        f"  {name}: {{kind: hypothesis, of: speed, run: 'echo STEPS = {steps} > work.py'}}\n"
        for name, steps in STEPS.items()
        if name != "base"
    )
    root.mkdir()
    (root / "work.py").write_text(f"STEPS = {STEPS['base']}\n")
    (root / "measure.py").write_text(MEASURE)
    (root / ".gitignore").write_text("__pycache__/\n")
    (root / "porch.yaml").write_text(
        "hypotheses:\n  speed:\n    question: What makes the loop fast?\n"
        f"    judge: [{json.dumps(sys.executable)}, measure.py]\n"
        f"    want: min\n    repeat: {repeat}\n    land: none\ntasks:\n{tasks}"
    )
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "base")):
        git(root, "-c", "user.name=bench", "-c", "user.email=bench@porch.invalid", *words)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep the machine busy inside the block."""
    started = [subprocess.Popen([sys.executable, "-c", LOAD]) for _ in range(processes)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def run_once(repeat: int) -> dict[str, object]:
    """Return what the status says of the hypothesis after a run."""
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        root = Path(folder) / "app"
        project(root, repeat)
        porch = [sys.executable, "-P", "-m", "porch_tui"]
        env = {**os.environ, "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@porch.invalid"}
        env |= {"GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@porch.invalid"}
        subprocess.run([*porch, "run", "--headless"], cwd=root, env=env, capture_output=True, check=False)
        done = subprocess.run(
            [*porch, "status", "--json"], cwd=root, env=env, capture_output=True, check=True
        )
        (found,) = json.loads(done.stdout)["hypotheses"]
        return dict(found)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--load", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    winners: Counter[str] = Counter()
    with busy(options.load):
        for number in range(1, options.runs + 1):
            found = run_once(options.repeat)
            winner = str(found["winner"] or f"none: {found['finding']}")
            winners[winner] += 1
            print(f"{number:2}  {winner:12} {found['why']}", flush=True)
    right = winners[BEST]
    print(f"{BEST} has won {right} of {options.runs} times with {options.load} busy processes")
    return 0 if right == options.runs else 1


if __name__ == "__main__":
    sys.exit(main())
