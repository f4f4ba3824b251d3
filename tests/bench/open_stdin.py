"""What an open standard input costs, and how soon a question is noticed.

    python tests/bench/open_stdin.py [OTHERS]

The processor time of a shim whose step writes nothing for 20 s, with its standard input open and without, on
a machine with OTHERS more processes (200); then the time from a question until it is written down that the
step waits.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import Running, find, wait
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel

QUIET_S = 20.0
QUESTIONS = 15


def begin(directory: Path, script: str, *, is_open: bool) -> None:
    """Start a shell script as an attempt."""
    step = Step("run", ("sh", "-c", script), has_open_stdin=is_open)
    start(Assignment(directory, (step,), directory.parent, dict(os.environ), None))


def cpu_of_shim(directory: Path) -> float:
    """Return the processor time that a shim takes in a quiet second, in milliseconds."""
    found = find(directory)
    assert isinstance(found, Running)

    def used() -> float:
        fields = kernel.stat_fields(found.shim_pid)
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(QUIET_S)
    return (used() - before) * 1000 / QUIET_S


def noticed_after(directory: Path) -> float:
    """Return the seconds from a question until it is said that the step waits."""
    begin(directory, "sleep 1; date +%s.%N >asked; printf 'Name? '; read -r x", is_open=True)
    calls = directory / "calls.jsonl"
    while not calls.exists():
        time.sleep(0.002)
    took = time.time() - float((directory.parent / "asked").read_text())
    stop(directory)
    return took


def stop(directory: Path) -> None:
    """End an attempt."""
    control.stop(directory, grace_s=0)
    wait(directory, timeout_s=60)


def main() -> None:
    """Measure both, and print them."""
    others = [subprocess.Popen(["sleep", "600"]) for _ in range(int(*sys.argv[1:] or ["200"]))]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for is_open in (False, True):
            directory = folder / f"quiet.{is_open:d}"
            begin(directory, "sleep 600", is_open=is_open)
            took = cpu_of_shim(directory)
            print(f"open: {is_open}, {len(kernel.all_pids())} processes: {took:.2f} ms of a core each second")
            stop(directory)
        took_s = sorted(noticed_after(folder / f"asks.{number}") for number in range(QUESTIONS))
        print(f"noticed after {statistics.median(took_s):.2f} s, at most {took_s[-1]:.2f} s")
    for one in others:
        one.kill()
        one.wait()


if __name__ == "__main__":
    main()
