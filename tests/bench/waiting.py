"""How long a call of a task takes into the journal, and until a program learns that it has no focus.

    python tests/bench/waiting.py

A real run of a task with a terminal: it calls in each way there is, is answered, and calls again. Then a
step that asks for reports of its focus, and measures when it is said to have none.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Terminal
from porch_tui.journal.log import read
from porch_tui.journal.rundir import all_runs
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import wait
from porch_tui.process.spawn import start

CALLER = r"""
import json, sys, time
ways = ["\x07", "\x1b]9;note\x07", "\x1b]777;notify;a;note\x1b\\", "\x1b]99;;note\x1b\\",
        "\x1b]7501;state=blocked:kind=permission\x1b\\"]
with open("../calls", "w") as file:
    for number in range(8):
        half = ways[number % 5]
        sys.stdout.write(half[: len(half) // 2]); sys.stdout.flush(); time.sleep(0.01)
        sys.stdout.write(half[len(half) // 2 :]); sys.stdout.flush()
        print(time.time(), file=file, flush=True)
        sys.stdin.readline()
        time.sleep(0.5)
"""
FOCUS = r"""
import os, sys, termios, time, tty
tty.setraw(0)
began = time.monotonic()
os.write(1, b"\x1b[?1004h")
said = b""
while b"\x1b[O" not in said:
    said += os.read(0, 100)
print("took", time.monotonic() - began)
"""
CALLS, TRIES = 8, 20
"""So few calls that their number is not limited."""


def of_calls(folder: Path) -> list[float]:
    """Return the seconds from each call to its record."""
    root = folder / "app"
    porch = [sys.executable, "-P", "-m", "porch_tui"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    (root / "caller.py").write_text(CALLER)
    plan = {"tasks": {"caller": {"tty": True, "run": [sys.executable, "caller.py"]}}}
    (root / "porch.yaml").write_text(json.dumps(plan))
    for words in (["add", "-A"], ["-c", "user.name=U", "-c", "user.email=u@e", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    subprocess.run([*porch, "run", "--detach"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    [rundir] = all_runs(root / ".git")
    calls = folder / "calls"
    for number in range(1, CALLS + 1):
        deadline = time.monotonic() + 30
        while len(waits(rundir.journal)) < number and time.monotonic() < deadline:
            time.sleep(0.02)
        answer = [*porch, "send", "caller", "--key", "enter"]
        subprocess.run(answer, cwd=root, check=True, stdout=subprocess.DEVNULL)
    said = [float(line) for line in calls.read_text().split()]
    return [heard - at for at, heard in zip(said, waits(rundir.journal), strict=True)]


def waits(journal: Path) -> list[float]:
    """Return when each wait was written down, in seconds since the epoch."""
    return [one.at for one in read(journal) if isinstance(one.event, e.AttemptWaits)]


def of_focus(folder: Path, number: int) -> float:
    """Return the seconds until a program is said to have no focus."""
    directory = folder / f"focus.{number}"
    step = Step("run", (sys.executable, "-S", "-c", FOCUS), terminal=Terminal(80, 24))
    start(Assignment(directory, (step,), Path("/"), dict(os.environ), None))
    wait(directory, timeout_s=60)
    return float((directory / "output.log").read_text().split("took ")[1].split()[0])


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        calls = sorted(of_calls(Path(name)))
        focus = sorted(of_focus(Path(name), number) for number in range(TRIES))
    for what, found in (("a call is in the journal", calls), ("focus is said to be elsewhere", focus)):
        print(f"{what} after {1000 * statistics.median(found):.0f} ms, at most {1000 * found[-1]:.0f} ms")


if __name__ == "__main__":
    main()
