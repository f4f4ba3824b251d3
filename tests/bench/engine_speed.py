"""Whether a screen at the end of a slow line slows the run down: the same run with one, and without any.

    python tests/bench/engine_speed.py [--rounds N] [--tasks N]

A real engine, four tasks at once that each write 5,000 lines a second for a third of a second, change a file
and land. The screen shows their logs side by side in a terminal that is read at 50 kB/s. Measured is from the
landing of a first task, which waits for the screen, to that of the last. Rounds are pairs, in turn one first
and the other first. The bar: 95 % of the speed.
"""

from __future__ import annotations

import argparse
import os
import select
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from porch_tui.core.model import events as e
from project import Project, until
from tests.tui.pty_harness import PtyProgram

BYTES_A_S = 50_000
SLOTS = 4
WARM_S = 2.0
"""By then whatever an engine keeps ready is ready, with a screen or without."""
ATTACH = "import sys; from porch_tui.cli import main; sys.exit(main(['attach', '-C', sys.argv[1]]))"
FLOOD = """\
import pathlib, sys, time
for _ in range(16):
    units = (f"08:00:41 \\x1b[32mINFO\\x1b[0m  {sys.argv[1]} has done unit {n:09}\\n" for n in range(100))
    print("".join(units), end="", flush=True)
    time.sleep(0.02)
pathlib.Path(sys.argv[1]).write_text("done\\n")
"""


def project(folder: Path, tasks: int) -> Project:
    """Return a repository with a plan of so many tasks, behind one that waits for the file `go`."""
    made = Project(folder)
    made.write("flood.py", FLOOD)
    lines = ["  gate: {run: 'until test -e ../go; do sleep 0.02; done; echo > gate'}"]
    lines += [
        f"  task-{n}: {{run: '{sys.executable} flood.py task-{n}', after: [gate]}}" for n in range(tasks)
    ]
    made.plan("tasks:\n" + "\n".join(lines) + "\n")
    return made


@contextmanager
def slow_screen(made: Project) -> Iterator[None]:
    """Have all logs on a screen whose terminal takes 50 kB a second."""
    is_over = threading.Event()
    with PtyProgram(ATTACH, str(made.root), columns=160, rows=48) as program:
        program.read_until_shown("gate")
        program.send("a")
        program.read_until_shown("1 ▸ gate")
        reader = threading.Thread(target=read_slowly, args=(program, is_over))
        reader.start()
        try:
            yield
        finally:
            is_over.set()
            reader.join()


def read_slowly(program: PtyProgram, is_over: threading.Event) -> None:
    while not is_over.is_set():
        if select.select([program._master], [], [], 0.05)[0]:
            piece = os.read(program._master, BYTES_A_S // 50)
            time.sleep(len(piece) / BYTES_A_S)


def run_s(folder: Path, tasks: int, *, has_screen: bool) -> float:
    """Return the seconds between the first landing and the last."""
    made = project(folder, tasks)
    words = [sys.executable, "-P", "-m", "porch_tui", "run", "--headless", "--slots", str(SLOTS)]
    with subprocess.Popen(
        words, cwd=made.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as engine:
        until(lambda: made.events(e.AttemptStarted), "the gate")
        with slow_screen(made) if has_screen else nullcontext():
            time.sleep(WARM_S)
            (folder / "go").touch()
            engine.wait()
    landed = [record.at for record in made.records() if isinstance(record.event, e.Landed)]
    assert len(landed) == tasks + 1, f"only {len(landed)} landed"
    return landed[-1] - landed[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=40)
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            took = {}
            for has_screen in (True, False) if number % 2 else (False, True):
                place = Path(folder) / f"{number}-{has_screen}"
                took[has_screen] = run_s(place, options.tasks, has_screen=has_screen)
            ratios.append(took[False] / took[True])
            print(f"without {took[False]:6.2f} s   with {took[True]:6.2f} s   {ratios[-1]:6.1%}", flush=True)
    print(f"speed with a screen on 50 kB/s {statistics.median(ratios):6.1%}   (bar: 95 %)")


if __name__ == "__main__":
    main()
