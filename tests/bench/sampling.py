"""What watching costs: a sample of many trees beside psutil's, and an idle engine on a full machine.

    python tests/bench/sampling.py [--processes N] [--tasks N] [--seconds S]

Fills the machine up to 500 processes with `sleep`, runs a plan of 32 sleeping tasks there, and

- samples the 32 trees once as porch does and once as `psutil.children(recursive)` per tree, in turn;
- takes the processor time of the engine, and of the git processes it started, over twenty quiet seconds.

The bars are 0.1 of psutil's time, and 2 % of one core. Everything it starts is ended again.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from porch_tui.process import liveness
from porch_tui.process.resource_usage import Sampler
from porch_tui.process.supervisor import kernel
from porch_tui.process.supervisor.kernel import Identity
from tests.project import Project, kill, until

ROUNDS = 11
SETTLED_S = 15.0
"""After the last task has started: conflicts are looked for once more, and then nothing changes."""


def sleeping(tasks: int) -> str:
    lines = [f"  t{number:02}: {{run: [sleep, '600']}}" for number in range(tasks)]
    return "\n".join(["slots: " + str(tasks), "tasks:", *lines, ""])


@contextmanager
def crowd(processes: int) -> Iterator[None]:
    """Keep the machine at this many processes at least."""
    missing = max(0, min(processes, 1000) - len(kernel.all_pids()))
    others = [subprocess.Popen(["sleep", "600"]) for _ in range(missing)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
        for other in others:
            other.wait()


@contextmanager
def engine(project: Project, tasks: int) -> Iterator[int]:
    """Run the plan in the foreground; yield the engine's number once all tasks run."""
    project.plan(sleeping(tasks))
    process = project.begin("run", "--headless", "--parallel")
    try:
        until(lambda: len(roots(project)) == tasks, "all tasks to run")
        yield process.pid
    finally:
        process.terminate()
        process.communicate()
        kill(process)


def roots(project: Project) -> dict[str, Identity]:
    """Return the shims of the attempts that run."""
    attempts = project.root.glob(".git/porch/runs/*/attempts/*")
    found = {path.name: liveness.find(path) for path in attempts}
    return {name: one.shim for name, one in found.items() if isinstance(one, liveness.Running)}


def by_psutil(trees: Mapping[str, Identity]) -> int:
    """Sum up each tree the way psutil's documentation shows."""
    total = 0
    for root in trees.values():
        for process in psutil.Process(root.pid).children(recursive=True):
            total += process.memory_info().rss + int(process.cpu_times().user)
    return total


def took_s(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu_s(pid: int) -> float:
    """Return the processor time of a process, and of the children it has waited for."""
    user, system, reaped_user, reaped_system = map(int, kernel.stat_fields(pid)[11:15])
    return (user + system + reaped_user + reaped_system) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--processes", type=int, default=500)
    options.add_argument("--tasks", type=int, default=32)
    options.add_argument("--seconds", type=float, default=20.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, crowd(chosen.processes - 2 * chosen.tasks):
        project = Project(Path(folder))
        with engine(project, chosen.tasks) as pid:
            trees, sampler = roots(project), Sampler()
            pairs = [
                (took_s(lambda: sampler.sample(trees)), took_s(lambda: by_psutil(trees)))
                for _ in range(ROUNDS)
            ]
            time.sleep(SETTLED_S)
            before, began = cpu_s(pid), time.monotonic()
            time.sleep(chosen.seconds)
            share = (cpu_s(pid) - before) / (time.monotonic() - began)
            processes = len(kernel.all_pids())
            whole_s = took_s(lambda: Sampler().sample(trees))
    ours_s, theirs_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{processes} processes, {chosen.tasks} trees")
    print(f"one sample, porch       {1000 * ours_s:7.1f} ms")
    print(f"every tenth of porch    {1000 * whole_s:7.1f} ms")
    print(f"one sample, psutil      {1000 * theirs_s:7.1f} ms")
    print(f"ratio                   {ours_s / theirs_s:7.3f}    (bar: 0.1)")
    print(f"idle engine             {share:7.1%}    of one core (bar: 2 %)")


if __name__ == "__main__":
    main()
