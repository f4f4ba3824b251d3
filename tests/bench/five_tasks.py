"""What porch adds to the work itself: five shell tasks of 1 to 3 s, side by side, on a real repository.

    python tests/bench/five_tasks.py [REPOSITORY] [--rounds N] [--against PYTHON]

Clones the repository (default: this one) into a temporary folder, runs the plan there without a screen, and
prints wall time, the critical path with one validation, and what is left over: the bar is 0.55 s. One more
round counts the git processes: the bar is 160. With the interpreter of another installation, both take turns.
"""

from __future__ import annotations

import argparse
import os
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
BAR_S, BAR_PROCESSES = 0.55, 160


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


def project(source: Path, folder: Path) -> Path:
    """Return a clone with the plan in it."""
    root = folder / "app"
    subprocess.run(["git", "clone", "-q", str(source), str(root)], check=True)
    for key, value in {"user.name": "bench", "user.email": "bench@porch.invalid"}.items():
        git(root, "config", key, value)
    git(root, "switch", "-q", "-C", "bench")
    (root / "porch.yaml").write_text(PLAN)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "plan")
    # a person's checkout is older than this: of files as young as their index, git reads all again each time
    time.sleep(1.1)
    git(root, "status")
    return root


def run_once(python: str, root: Path, trace: Path | None = None) -> float:
    """Return the seconds from starting porch to having its exit code; `trace` gets a line per git event."""
    env = os.environ | ({"GIT_TRACE2_EVENT": str(trace)} if trace else {})
    began = time.monotonic()
    subprocess.run(
        [python, "-P", "-m", "porch_tui", "run", "--headless"],
        cwd=root,
        env=env,
        check=True,
        capture_output=True,
    )
    return time.monotonic() - began


def processes(python: str, source: Path, folder: Path) -> int:
    """Return how many git processes a run starts."""
    trace = folder / "trace"
    run_once(python, project(source, folder), trace)
    return sum('"event":"start"' in line for line in trace.read_text().splitlines())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("repository", nargs="?", default=str(Path(__file__).parents[2]))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--against", help="the interpreter of another installation of porch")
    chosen = options.parse_args()
    floor_s = max(TASKS_S.values()) + VALIDATION_S
    source = Path(chosen.repository).resolve()
    sides = {"porch": sys.executable} | ({"the other one": chosen.against} if chosen.against else {})
    walls: dict[str, list[float]] = {side: [] for side in sides}
    # nothing is deleted between rounds: on some disks that slows down whatever is created next
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(chosen.rounds):
            for side, python in sides.items():
                walls[side].append(run_once(python, project(source, Path(scratch) / f"{number} {side}")))
        counts = {side: processes(python, source, Path(scratch) / side) for side, python in sides.items()}
    print(f"one after another {sum(TASKS_S.values()) + VALIDATION_S:6.2f} s")
    print(f"critical path + one validation {floor_s:6.2f} s")
    for side, measured in walls.items():
        median = statistics.median(measured)
        print(f"{side}: wall {median:6.2f} s  (of {', '.join(f'{wall:.2f}' for wall in measured)})")
        print(f"{side}: adds {median - floor_s:6.2f} s  (bar: {BAR_S:.2f} s)")
        print(f"{side}: {counts[side]} git processes  (bar: {BAR_PROCESSES})")


if __name__ == "__main__":
    main()
