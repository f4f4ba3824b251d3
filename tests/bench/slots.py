"""What `slots: auto` costs beside the best fixed number, for work that computes and for work that waits.

    python tests/bench/slots.py [--real cpu,mixed,waiting]

Plays the loads of the design's table on an imaginary machine of two cores, which nothing else uses: porch's
own core decides there, from what it would read. `--real` runs smaller ones on this machine instead, with each
fixed number and with `auto`; that takes three minutes and says something only where nothing else is at work.

    cpu      12 tasks of one second of processor time
    mixed    24 tasks that compute 0.1 s and wait 0.1 s, ten times
    waiting  24 tasks that compute 0.03 s and wait 0.3 s, ten times (long: 48, sixty times)

The bar is 1.15 for cpu and mixed. `auto` begins with one a core, and takes a moment to learn more.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.core.model.events import SlotsChanged
from tests.core.fake_machine import FIXED, LOADS, Load, Machine
from tests.project import Project

WORK = """
import sys, time
cpu_s, wait_s, times = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
for _ in range(times):
    until = time.process_time() + cpu_s
    while time.process_time() < until:
        pass
    time.sleep(wait_s)
"""


REAL = {
    "cpu": (Load(12, 0.7, 0.0, 1), (2, 4, 8)),
    "mixed": (Load(16, 0.1, 0.1, 10), (4, 8, 16)),
    "waiting": (Load(24, 0.03, 0.3, 10), (8, 24)),
}
"""What is run on this machine, and with which fixed numbers."""
CORES = 2


def run_s(load: Load, slots: int | str) -> tuple[float, list[int]]:
    """Return the wall time of the tasks, from the first that began to the end, and the numbers of slots."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write("work.py", WORK)
        command = f"[{sys.executable}, -S, work.py, '{load.cpu_s}', '{load.wait_s}', '{load.times}']"
        tasks = [f"  t{number:02}: {{kind: check, run: {command}}}" for number in range(load.tasks)]
        project.plan("\n".join([f"slots: {slots}", "tasks:", *tasks, ""]))
        project.porch("run", "--headless", "--parallel")
        records = project.records()
        changes = [record.event.slots for record in records if isinstance(record.event, SlotsChanged)]
        return records[-1].at - records[0].at, changes


def show(name: str, fixed: dict[int, float], auto_s: float, changes: list[int]) -> None:
    best_s = min(fixed.values())
    fixed_slots = ", ".join(f"{slots}: {took:.1f} s" for slots, took in fixed.items())
    print(f"{name:8} auto {auto_s:5.1f} s = {auto_s / best_s:4.2f} of the best ({fixed_slots})")
    print(f"{'':8} slots became {', '.join(map(str, changes)) or 'no others'}")


def imagined() -> None:
    for name, load in LOADS.items():
        fixed = {slots: Machine(load, CORES, slots).makespan_s() for slots in FIXED}
        machine = Machine(load, CORES, None)
        show(name, fixed, machine.makespan_s(), machine.changes)


def real(names: list[str]) -> None:
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    for name in names:
        load, numbers = REAL[name]
        fixed = {slots: run_s(load, slots)[0] for slots in numbers}
        show(name, fixed, *run_s(load, "auto"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--real", metavar="LOADS")
    chosen = options.parse_args()
    if chosen.real:
        real(chosen.real.split(","))
    else:
        imagined()


if __name__ == "__main__":
    main()
