"""How long porch takes to say its version, and how a run of ten tasks went, beside a bare interpreter.

    python tests/bench/start_up.py [--rounds N]

All in the same rounds. The bars: 1.5 times `python -c pass` and 40 ms for the version; for the status 0.12 s
where the interpreter takes 14 ms, so 8.5 times that.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASKS = 10
STATUS_BAR = 8.5


def finished_run(root: Path, porch: str) -> None:
    """Make a repository with a run whose tasks have all landed."""
    root.mkdir()
    tasks = [f"  t{n}: {{run: 'echo {n} > f{n}'}}" for n in range(TASKS)]
    (root / "porch.yaml").write_text("\n".join(["name: b", "tasks:", *tasks, ""]))
    for words in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "b"],
        ["config", "user.email", "b@example.com"],
        ["add", "-A"],
        ["commit", "-q", "-m", "plan"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    subprocess.run([porch, "run", "--headless"], cwd=root, check=True, capture_output=True)


def seconds(command: list[str], root: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=21)
    rounds = options.parse_args().rounds
    porch = shutil.which("porch", path=str(Path(sys.executable).parent)) or shutil.which("porch")
    assert porch, "porch is not installed beside this interpreter: pip install ."
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "porch --version": [porch, "--version"],
        "porch status": [porch, "status"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        finished_run(root, porch)
        for _ in range(rounds):
            for name, command in commands.items():
                took[name].append(seconds(command, root))
    medians = {name: 1000 * statistics.median(values) for name, values in took.items()}
    bare = medians["python -c pass"]
    bars = {
        "python -c pass": "",
        "porch --version": f"(bar: {1.5 * bare + 40:.0f} ms)",
        "porch status": f"(bar: {STATUS_BAR:.1f})",
    }
    for name, median in medians.items():
        print(f"{name:16} {median:6.1f} ms  {median / bare:5.2f} x  {bars[name]}".rstrip())


if __name__ == "__main__":
    main()
