"""What a task costs in a plan of many, and how long people wait for what is said of them.

    python tests/bench/many_tasks.py [landings|checks|status|check …] [--tasks N] [--against PORCH]

    landings  processor time for each landed task, of 50 tasks and of N (default 1,000): at most 1.3 times
    checks    wall and processor time of 300 and of N tasks `true` of kind check: at most 3 s and 12 s
    status    `porch status` of N tasks that have ended, that wait, or that stand in the queue: at most 0.3 s
    check     `porch check` of ten times N tasks beside N worktrees: at most 2.5 s

Processor time is that of porch and of everything it has started, git and the tasks among it. `--against`
names the `porch` of another install, which is measured in turn with this one: on a shared machine only their
ratio says much. Linux only: orphans are collected by the measuring process.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

OURS = (sys.executable, "-P", "-m", "porch_tui")
PR_SET_CHILD_SUBREAPER = 36
FEW = 50


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command has cost, in seconds."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Who is measured, and where."""

    porch: tuple[str, ...]
    folder: Path
    tasks: int

    def run(self, *words: str, cwd: Path) -> Cost:
        """Run porch to its end, and whatever it has left running."""
        before, began = _children_s(), time.monotonic()
        ended = subprocess.run(
            [*self.porch, *words], check=False, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        wall_s = time.monotonic() - began
        with suppress(ChildProcessError):
            while True:
                os.wait()
        if ended.returncode != 0:
            raise SystemExit(f"{' '.join(words)} ended with {ended.returncode}: {ended.stdout.decode()}")
        return Cost(wall_s, _children_s() - before)

    @contextmanager
    def under_way(self, root: Path, is_ready: Callable[[str], bool]) -> Iterator[None]:
        """Have the plan run, until its journal is as it should be, and end everything afterwards."""
        words = [*self.porch, "run", "--headless", "--parallel", "--slots", "2"]
        with subprocess.Popen(
            words, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as engine:
            while not any(map(is_ready, _journals(root))):
                time.sleep(0.1)
            yield
            engine.send_signal(signal.SIGTERM)
            engine.wait()


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _journals(root: Path) -> list[str]:
    return [one.read_text() for one in root.glob(".git/porch/runs/*/journal.jsonl")]


def project(folder: Path, head: str, tasks: int, task: str) -> Path:
    """Return a repository of two files with a plan of so many tasks; `{n}` is the number of each."""
    root = folder / "app"
    root.mkdir(parents=True)
    lines = (f"  t{n}: {{{task.format(n=n)}}}" for n in range(tasks))
    (root / "porch.yaml").write_text("\n".join((head, "tasks:", *lines)) + "\n")
    (root / "a.txt").write_text("a\n")
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@porch.invalid")
    for words in (("init", "-qb", "main"), ("add", "-A"), (*identity, "commit", "-qm", "plan")):
        subprocess.run(["git", *words], cwd=root, check=True)
    for key, value in (("user.name", "bench"), ("user.email", "bench@porch.invalid")):
        subprocess.run(["git", "config", key, value], cwd=root, check=True)
    return root


def landings(bench: Bench) -> None:
    """Print what a landed task costs, of few and of many."""
    each_s = {}
    for count in (FEW, bench.tasks):
        root = project(bench.folder / f"landings-{count}", "name: b", count, "run: 'echo {n} > f{n}'")
        cost = bench.run("run", "--headless", "--parallel", cwd=root)
        each_s[count] = cost.cpu_s / count
        print(f"  {count:5} landings {cost.wall_s:7.1f} s   {each_s[count] * 1000:6.1f} ms of processor each")
    print(f"  ratio {each_s[bench.tasks] / each_s[FEW]:.2f}   (bar: 1.30)")


def checks(bench: Bench) -> None:
    """Print how long many tasks take that do nothing."""
    for count, bar_s in {300: 3.0, bench.tasks: 12.0}.items():
        root = project(bench.folder / f"checks-{count}", "name: b", count, "run: 'true', kind: check")
        cost = bench.run("run", "--headless", "--parallel", cwd=root)
        print(
            f"  {count:5} checks   {cost.wall_s:7.1f} s   {cost.cpu_s:6.1f} s of processor   (bar: {bar_s} s)"
        )


def status(bench: Bench) -> None:
    """Print how long `porch status` takes of a run in three states."""
    count = bench.tasks
    done = project(bench.folder / "done", "name: b", count, "run: 'true', kind: check")
    bench.run("run", "--headless", "--parallel", cwd=done)
    _print_cost(bench, "ended", done)
    waiting = project(bench.folder / "waiting", "name: b", count, "run: 'sleep 600'")
    with bench.under_way(waiting, lambda journal: "AttemptStarted" in journal):
        _print_cost(bench, "under way", waiting)
    head = "name: b\nvalidate: sleep 600"
    full = project(bench.folder / "full", head, min(count, 300), "run: 'echo {n} > f{n}'")
    with bench.under_way(full, lambda journal: journal.count('"EntryQueued"') >= min(count, 300)):
        _print_cost(bench, "queue full", full)


def _print_cost(bench: Bench, what: str, root: Path) -> None:
    costs = [bench_once(bench, root) for _ in range(3)]
    best = min(costs, key=lambda cost: cost.wall_s)
    print(f"  status, {what:10} {best.wall_s:5.2f} s   {best.cpu_s:5.2f} s of processor   (bar: 0.3 s)")


def bench_once(bench: Bench, root: Path) -> Cost:
    """Ask for the status once, whatever is under way besides."""
    before, began = _children_s(), time.monotonic()
    subprocess.run([*bench.porch, "status"], cwd=root, stdout=subprocess.DEVNULL, check=True)
    return Cost(time.monotonic() - began, _children_s() - before)


def check(bench: Bench) -> None:
    """Print how long `porch check` takes of a large plan beside many worktrees."""
    root = project(bench.folder / "check", "name: b", 10 * bench.tasks, "run: 'echo {n} > f{n}'")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True).stdout
    for number in range(bench.tasks):  # as `git worktree add` leaves them
        admin, place = root / f".git/worktrees/w{number}", root.parent / f"old/w{number}"
        admin.mkdir(parents=True)
        place.mkdir(parents=True)
        (admin / "gitdir").write_text(f"{place}/.git\n")
        (admin / "commondir").write_text("../..\n")
        (admin / "HEAD").write_bytes(head)
        (place / ".git").write_text(f"gitdir: {admin}\n")
    cost = bench.run("check", cwd=root)
    what = f"check of {10 * bench.tasks} tasks beside {bench.tasks} worktrees"
    print(f"  {what} {cost.wall_s:5.1f} s   {cost.cpu_s:5.1f} s of processor   (bar: 2.5 s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    known = {one.__name__: one for one in (landings, checks, status, check)}
    parser.add_argument("what", nargs="*", choices=[*known, []], default=list(known))
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--against", metavar="PORCH")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        for what in options.what:
            for name, porch in (("before", (options.against,)), ("now", OURS)):
                if porch[0] is not None:
                    print(f"{what}, {name}", flush=True)
                    known[what](Bench(porch, Path(folder) / f"{what}-{name}", options.tasks))


if __name__ == "__main__":
    main()
