"""What it costs to own a task: starting, ending, adopting, and writing its log.

    python tests/bench/spawn.py [--rounds N] [--folder DIRECTORY] [--only ROW …]

many      300 × `true`, four at once, each with a shim and its result synced to disk before it counts,
          beside `xargs -P4` and GNU parallel, which keep no results
journal   from the end of a task's last process to its record in the journal of a real run
adoption  32 running tasks of a run whose engine was killed: until a new executor has them all in hand
output    200 MB of output into the log, beside the same program with `> file`

What is compared is measured in turns, a round of each; ratios are of the medians. DIRECTORY should be on
the disk where repositories lie: on a tmpfs to sync costs nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from porch_tui.core.model import events as e
from porch_tui.core.rules.evolve import replay
from porch_tui.engine.effects.tools import Tools
from porch_tui.executors.local import LocalExecutor
from porch_tui.git.discovery import discover
from porch_tui.process import liveness, spawn
from porch_tui.process.assignment import Assignment, Step
from project import Project, kill, until

MANY, AT_ONCE = 300, 4
ADOPTED = 32
PARALLEL = f"parallel --will-cite -j{AT_ONCE} true"
OUTPUT_BYTES = 200_000_000
WRITER = ("dd", "if=/dev/zero", "bs=64k", f"count={OUTPUT_BYTES // 65536}", "status=none")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run_attempt(directory: Path, argv: Sequence[str]) -> liveness.Exit:
    """Run one program as an attempt: what an executor does between the worktree and the commit."""
    step = Step("run", tuple(argv))
    spawn.start(Assignment(directory, (step,), Path("/"), dict(os.environ), None))
    found = liveness.wait(directory)
    assert isinstance(found, liveness.Ended) and found.exit.has_succeeded, found
    return found.exit


def many_by_porch(folder: Path) -> None:
    folder.mkdir()  # an attempt makes only its own
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: run_attempt(folder / str(number), ["true"]), range(MANY)))


def many_by_shell(command: str, folder: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(folder)}  # where GNU parallel collects output: on the same disk
    subprocess.run(f"seq {MANY} | {command}", shell=True, check=True, stderr=subprocess.DEVNULL, env=environ)


def bench_many(folder: Path, rounds: int) -> None:
    run_attempt(folder / "warm", ["true"])
    took: dict[str, list[float]] = {"porch": [], "xargs": [], "parallel": []}
    for number in range(rounds):
        took["porch"].append(timed(lambda number=number: many_by_porch(folder / f"round{number}")))
        took["xargs"].append(timed(lambda: many_by_shell(f"xargs -n1 -P{AT_ONCE} true", folder)))
        if shutil.which("parallel"):
            took["parallel"].append(timed(lambda: many_by_shell(PARALLEL, folder)))
    porch, xargs = statistics.median(took["porch"]), statistics.median(took["xargs"])
    text = f"{MANY} × true, durable: {porch:.2f} s; xargs {xargs:.2f} s: {porch / xargs:.1f} × (bar: 7)"
    if took["parallel"]:
        parallel = statistics.median(took["parallel"])
        print(f"{text}; GNU parallel {parallel:.2f} s: {porch / parallel:.2f} × (bar: 1)")
    else:
        print(f"{text}; GNU parallel: left out, it is not installed")


def bench_journal(folder: Path, rounds: int) -> None:
    """Print the delay for tasks that commit nothing, and for those whose changes are committed in between."""
    for kind, text in (("check", "nothing to commit"), ("change", "commit included")):
        late_ms = [1000 * late_s for n in range(rounds) for late_s in lateness(folder / f"{kind}{n}", kind)]
        p95 = sorted(late_ms)[int(len(late_ms) * 0.95)]
        middle = statistics.median(late_ms)
        print(f"exit → journal, {text}: median {middle:.0f} ms, p95 {p95:.0f} ms (bar: 50)")


def lateness(folder: Path, kind: str) -> list[float]:
    """Return the seconds from each task's end to its record, of a run of 24 tasks that end one by one."""
    project = Project(folder)
    tasks = "".join(
        f"  t{n}: {{kind: {kind}, run: 'sleep {1 + n / 8}; echo {n} > {n}.txt'}}\n" for n in range(24)
    )
    project.plan(f"name: bench\ntasks:\n{tasks}")
    project.porch("run", "--headless", "--slots", "24")
    late = []
    for record in project.records():
        if isinstance(record.event, e.AttemptSucceeded):
            end = liveness.read_exit(project.rundir.attempt(str(record.event.attempt)))
            assert end is not None
            late.append(record.at - end.ended_at)
    return late


def bench_adoption(folder: Path, rounds: int) -> None:
    took_ms = [1000 * adoption_s(orphaned(folder / f"adoption{number}")) for number in range(rounds)]
    text = f"adoption of {ADOPTED} tasks after kill -9 of the engine"
    print(f"{text}: {statistics.median(took_ms):.0f} ms (bar: 200)")


def orphaned(folder: Path) -> Project:
    """Return a project with a run whose tasks all run and whose engine was killed."""
    project = Project(folder)
    tasks = "".join(f"  t{n}: {{kind: check, run: sleep 1000}}\n" for n in range(ADOPTED))
    project.plan(f"name: bench\ntasks:\n{tasks}")
    engine = project.begin("run", "--headless", "--slots", str(ADOPTED))
    try:
        until(lambda: len(project.events(e.AttemptStarted)) == ADOPTED, "all tasks to run", 300)
    finally:
        kill(engine)
    return project


def adoption_s(project: Project) -> float:
    """Return the seconds from reading the journal to having every task in hand; then stop them all."""
    repository = discover(project.root)
    heard: list[e.AnyEvent] = []
    lock = threading.Lock()

    def offer(*events: e.AnyEvent) -> None:
        with lock:
            heard.extend(events)

    def count(kind: type[e.AnyEvent]) -> int:
        with lock:
            return sum(isinstance(event, kind) for event in heard)

    began = time.perf_counter()
    state = replay(project.records())
    assert state is not None
    tools, executor = (
        Tools.of_run(repository, project.rundir, offer, lambda: state),
        LocalExecutor(offer),
    )
    jobs = [tools.job(state, task.attempt.id) for task in state.tasks.values() if task.attempt]
    for job in jobs:
        executor.start(job)
    while count(e.AttemptStarted) < ADOPTED:
        time.sleep(0.001)
    took = time.perf_counter() - began
    for job in jobs:
        executor.stop(job)
    until(lambda: count(e.AttemptStopped) == ADOPTED, "everything to stop")
    return took


def bench_output(folder: Path, rounds: int) -> None:
    log_s, plain_s = [], []
    for number in range(rounds):
        attempt, plain = folder / f"output{number}", folder / "plain"
        log_s.append(run_attempt(attempt, WRITER).steps[0].wall_s)
        with plain.open("wb") as file:
            plain_s.append(timed(lambda file=file: subprocess.run(WRITER, stdout=file, check=True)))
        plain.unlink()
        shutil.rmtree(attempt)
    log, bare = statistics.median(log_s), statistics.median(plain_s)
    print(f"200 MB of output: {log:.2f} s; > file {bare:.2f} s: {log / bare:.2f} × (bar: 1.5)")


ROWS = {"many": bench_many, "journal": bench_journal, "adoption": bench_adoption, "output": bench_output}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path)
    options.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        for row in chosen.only:
            ROWS[row](Path(folder), chosen.rounds)


if __name__ == "__main__":
    main()
