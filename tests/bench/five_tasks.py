"""What porch adds to the work itself: five shell tasks of 1 to 3 s, side by side, on a real repository.

    python tests/bench/five_tasks.py [REPOSITORY] [--rounds N]

Clones the repository (default: this one) into a temporary folder, runs the plan
there without a screen, and prints wall time, the critical path with one
validation, and what is left over: the bar is 1.5 s.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASKS_S = {"a": 1.0, "b": 1.5, "c": 2.0, "d": 2.5, "e": 3.0}
VALIDATION_S = 1.0
PLAN = f"name: bench\nvalidate: sleep {VALIDATION_S}\ntasks:\n" + "".join(
    f"  {name}: {{run: 'sleep {s}; echo {name} > {name}.txt'}}\n" for name, s in TASKS_S.items()
)


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


def run_once(source: Path, folder: Path) -> float:
    """Return the seconds from starting porch to having its exit code."""
    root = folder / "app"
    subprocess.run(["git", "clone", "-q", str(source), str(root)], check=True)
    for key, value in {"user.name": "bench", "user.email": "bench@porch.invalid"}.items():
        git(root, "config", key, value)
    git(root, "switch", "-q", "-C", "bench")
    (root / "porch.yaml").write_text(PLAN)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "plan")
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-P", "-m", "porch_tui", "run", "--headless"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    return time.monotonic() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("repository", nargs="?", default=str(Path(__file__).parents[2]))
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    floor_s = max(TASKS_S.values()) + VALIDATION_S
    source = Path(chosen.repository).resolve()
    # nothing is deleted between rounds: on some disks that slows down whatever is created next
    with tempfile.TemporaryDirectory() as folder:
        walls = [run_once(source, Path(folder) / str(number)) for number in range(chosen.rounds)]
    median = statistics.median(walls)
    print(f"wall              {median:6.2f} s  (of {', '.join(f'{wall:.2f}' for wall in walls)})")
    print(f"one after another {sum(TASKS_S.values()) + VALIDATION_S:6.2f} s")
    print(f"critical path + one validation {floor_s:6.2f} s")
    print(f"porch adds        {median - floor_s:6.2f} s  (bar: 1.50 s)")


if __name__ == "__main__":
    main()
