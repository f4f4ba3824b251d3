"""How long porch takes to say its version, beside a bare interpreter in the same rounds.

    python tests/bench/start_up.py [--rounds N]

The bar: at most 1.5 times `python -c pass` and 40 ms.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=21)
    rounds = options.parse_args().rounds
    porch = shutil.which("porch", path=str(Path(sys.executable).parent)) or shutil.which("porch")
    assert porch, "porch is not installed beside this interpreter: pip install ."
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "porch --version": [porch, "--version"]}
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            took[name].append(seconds(command))
    medians = {name: 1000 * statistics.median(values) for name, values in took.items()}
    for name, median in medians.items():
        print(f"{name:16} {median:6.1f} ms")
    bar = 1.5 * medians["python -c pass"] + 40
    print(
        f"bar              {bar:6.1f} ms  ratio {medians['porch --version'] / medians['python -c pass']:.2f}"
    )


if __name__ == "__main__":
    main()
