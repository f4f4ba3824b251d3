"""What a terminal costs: the speed of a program that writes flat out, and the memory of its shim.

    python tests/bench/terminal.py

Pairs, one after the other: the same writer into a terminal that is only read and written to a file, as any
reader must, and into that of a step. Then PSS of a shim: without a terminal, with one, with a screen.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from porch_tui.core.model.plan import Terminal
from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import Running, find, wait
from porch_tui.process.spawn import start

LINES = 200_000
WRITER = f"""
import sys
line = "x" * 79 + "\\n"
for _ in range({LINES} // 50):
    sys.stdout.write(line * 50)
    sys.stdout.flush()
"""
PAIRS = 5


def plainly_read(folder: Path) -> float:
    """Return lines per second into a terminal that is read and written to a file."""
    master, slave = os.openpty()
    began = time.monotonic()
    writer = subprocess.Popen([sys.executable, "-S", "-c", WRITER], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    with (folder / "plain").open("wb", buffering=0) as log:
        try:
            while data := os.read(master, 65536):
                log.write(data)
        except OSError:  # no one has it open any more
            pass
    writer.wait()
    os.close(master)
    return LINES / (time.monotonic() - began)


def in_step(folder: Path, number: int) -> float:
    """Return lines per second into the terminal of a step."""
    directory = folder / f"speed.{number}"
    began = time.monotonic()
    begin(directory, (sys.executable, "-S", "-c", WRITER), Terminal(80, 24))
    wait(directory, timeout_s=600)
    return LINES / (time.monotonic() - began)


def begin(directory: Path, argv: tuple[str, ...], terminal: Terminal | None) -> None:
    """Start a step."""
    start(Assignment(directory, (Step("run", argv, terminal=terminal),), Path("/"), dict(os.environ), None))


def memory_kib(directory: Path, argv: tuple[str, ...], terminal: Terminal | None) -> int:
    """Return the PSS of a shim whose step has printed what it has to."""
    begin(directory, argv, terminal)
    while b"ready" not in (directory / "output.log").read_bytes():
        time.sleep(0.02)
    time.sleep(0.5)
    found = find(directory)
    assert isinstance(found, Running), found
    rollup = Path(f"/proc/{found.shim.pid}/smaps_rollup").read_text()
    control.stop(directory, 0)
    wait(directory, timeout_s=60)
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pairs = [(plainly_read(folder), in_step(folder, number)) for number in range(PAIRS)]
        for plain, step in pairs:
            print(f"{plain:9,.0f} lines/s plainly read {step:9,.0f} in a step: {step / plain:4.0%}")
        print(f"median of the shares: {statistics.median(step / plain for plain, step in pairs):.0%}")
        shell = ("sh", "-c", "echo ready; sleep 1000")
        asks = ("sh", "-c", "printf '\\033[6n'; read -r answer & sleep 1; echo ready; sleep 1000")
        none = memory_kib(folder / "none", shell, None)
        kinds = [
            ("a terminal", memory_kib(folder / "terminal", shell, Terminal())),
            ("a screen", memory_kib(folder / "screen", asks, Terminal())),
        ]
        print(f"shim without a terminal: {none / 1024:.1f} MB PSS")
        for what, kib in kinds:
            print(f"shim with {what}: {(kib - none) / 1024:+.1f} MB")


if __name__ == "__main__":
    main()
