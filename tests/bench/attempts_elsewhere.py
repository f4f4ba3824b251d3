"""What an attempt costs on another machine, beside one here: pairs, one after the other, and their medians.

    python tests/bench/attempts_elsewhere.py [attempt|lag|log …] [--pairs N] [--dask ADDRESS]

    attempt   from the order to the reported end of `true`: at most 15 ms more through a pipe than here, and
              30 ms more through dask with TLS (--dask tls://HOST:PORT, with PORCH_TLS as for porch run)
    lag       from a line in a task's log there to the line in the file here: p50 at most 100 ms
    log       500 MB of log: how much memory that takes here and on the host, or through dask here and in the
              scheduler of porch cluster up: at most 50 MB more

The host is a program of its own on this machine, so that no network is measured but the pipe. Linux only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Isolation, RunId, TaskId, TaskSpec
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.executor import Executor, Job
from porch_tui.executors.local import LocalExecutor
from porch_tui.git.discovery import discover
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.near.remote import RemoteExecutor, greeting

ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)
DEADLINE_S = 120.0
BIG_LOG_MB = 500


@dataclass
class Ends:
    """The ends of attempts, as they are reported."""

    found: dict[e.AttemptId, e.AnyEvent] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    def offer(self, *events: e.AnyEvent) -> None:
        with self.news:
            self.found |= {event.attempt: event for event in events if isinstance(event, ENDS)}
            self.news.notify_all()

    def of(self, attempt: e.AttemptId) -> e.AnyEvent:
        with self.news:
            if not self.news.wait_for(lambda: attempt in self.found, DEADLINE_S):
                raise SystemExit(f"{attempt} did not end within {DEADLINE_S:g} s")
            return self.found[attempt]


@dataclass
class Bench:
    """A repository, and where attempts of it run."""

    folder: Path
    ends: Ends
    places: dict[str, Executor]
    number: int = 0

    def job(self, script: str) -> Job:
        self.number += 1
        name = f"t{self.number}"
        attempt = e.AttemptId(TaskId(name), 1)
        root, prefix = self.folder / "app", "refs/porch/bench"
        base = subprocess.run(
            ["git", "-C", root, "rev-parse", "main"], capture_output=True, text=True, check=True
        )
        checkout = TaskCheckout(
            discover(root),
            path=self.folder / f"app-{name}",
            branch=f"feature/{name}",
            base=base.stdout.strip(),
            isolation=Isolation.WORKTREE,
            head_ref=f"{prefix}/heads/{attempt}",
            leftover_ref=f"{prefix}/left/{name}/1",
            clone_refs=f"{prefix}/clone/{name}/1",
            pins=f"{prefix}/attempts/{name}/0",
        )
        spec = TaskSpec(TaskId(name), name, ("sh", "-c", script))
        directory = self.folder / "attempts" / str(attempt)
        return Job(
            RunId("bench"), attempt, spec, 0, directory, checkout, (), keep_worktree=False, env={}, lease_s=60
        )

    def run(self, place: str, script: str) -> float:
        """Run a script there; return the seconds from its order to its reported end."""
        job, began = self.job(script), time.perf_counter()
        self.places[place].start(job)
        if not isinstance(end := self.ends.of(job.attempt), e.AttemptSucceeded):
            raise SystemExit(f"{place}: {end}")
        return time.perf_counter() - began

    @property
    def host_pid(self) -> int:
        return int((self.folder / "hosts" / "lock").read_text())


@contextmanager
def bench(dask: str | None) -> Iterator[Bench]:
    """A repository with one commit, and executors here, through a pipe and, if asked for, through dask."""
    folder, ends = Path(tempfile.mkdtemp(prefix="bench-")), Ends()
    (folder / "attempts").mkdir()
    root = folder / "app"
    identity = ["-c", "user.name=u", "-c", "user.email=u@x"]
    for words in (["init", "-q", "-b", "main", str(root)],):
        subprocess.run(["git", *words], check=True)
    (root / "a").write_text("a\n" * 100)
    subprocess.run(["git", "-C", root, "add", "-A"], check=True)
    subprocess.run(["git", "-C", root, *identity, "commit", "-qm", "one"], check=True)
    argv = (sys.executable, "-m", "porch_tui.places.host", "--root", str(folder / "hosts"))
    hello = greeting("bench", "app", ("u", "u@x"))
    places: dict[str, Executor] = {
        "here": LocalExecutor(ends.offer),
        "pipe": RemoteExecutor(ends.offer, PipeCarrier(argv), hello),
    }
    if dask:
        from porch_tui.places.dask.access import access_to
        from porch_tui.places.dask.cluster import DaskCluster

        cluster = DaskCluster(access_to(dask, os.environ), root=str(folder / "hosts-of-{worker}"))
        name = next(iter(_workers(cluster)))
        places["dask"] = RemoteExecutor(ends.offer, cluster.carrier(name), hello)
    made = Bench(folder, ends, places)
    try:
        yield made
    finally:
        for executor in places.values():
            executor.close()
        with suppress(OSError, ValueError):
            os.kill(made.host_pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def _workers(cluster: object) -> tuple[str, ...]:
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        if names := tuple(getattr(cluster, "_workers", ())):
            return names
        time.sleep(0.1)
    raise SystemExit("the cluster has no worker")


def attempt(made: Bench, pairs: int) -> None:
    """Measure what an attempt of `true` costs in each place."""
    took: dict[str, list[float]] = {place: [] for place in made.places}
    for place in took:
        made.run(place, "true")  # connects, sends the base, and warms up
    for number in range(pairs):
        order = list(took) if number % 2 else list(reversed(took))
        for place in order:
            took[place].append(made.run(place, "true"))
    here = statistics.median(took["here"])
    for place, times in took.items():
        median_ms, here_ms = statistics.median(times) * 1000, here * 1000
        bar = {"pipe": "15", "dask": "30"}.get(place, "-")
        print(f"  true, {place:5} {median_ms:7.1f} ms   {median_ms - here_ms:+6.1f} ms   bar: {bar}")


def lag(made: Bench, pairs: int) -> None:
    """Measure how old a line of a log is when it is here."""
    for place in [one for one in made.places if one != "here"]:
        script = f"for n in $(seq {pairs}); do date +%s.%N; sleep 0.2; done"
        job = made.job(script)
        made.places[place].start(job)
        log, seen, lags = job.directory / "output.log", 0, []
        while job.attempt not in made.ends.found:
            text = log.read_text() if log.exists() else ""
            lines = text.splitlines()[seen:] if text.endswith("\n") else []
            now = time.time()
            lags += [now - float(line) for line in lines if line[:1].isdigit()]
            seen += len(lines)
            time.sleep(0.002)
        ordered = sorted(lags)
        p50, p90 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.9))
        print(f"  lag of a line, {place:5} p50 {p50:5.0f} ms   p90 {p90:5.0f} ms   bar: 100 (p50)")


def log(made: Bench, pairs: int) -> None:
    """Measure the memory that a large log takes."""
    place = "dask" if "dask" in made.places else "pipe"
    made.run(place, "true")
    pids = {"here": os.getpid()}
    if place == "pipe":
        pids["host"] = made.host_pid
    else:
        from porch_tui.places.dask.local_cluster import LocalCluster

        programs = LocalCluster.of_user(os.environ).record().programs
        pids |= {program.name: program.pid for program in programs}
    before = {name: _peak_kb(pid) for name, pid in pids.items()}
    took_s = made.run(place, f"head -c {BIG_LOG_MB}000000 /dev/zero | tr '\\0' 'x' | fold -w 100")
    for name, pid in pids.items():
        more_mb = (_peak_kb(pid) - before[name]) / 1024
        print(f"  {BIG_LOG_MB} MB of log, {place}, {name} {more_mb:+6.0f} MB   {took_s:.1f} s   bar: +50 MB")


def _peak_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise SystemExit(f"no memory of {pid}")


def main() -> None:
    """Measure what is asked for."""
    known: dict[str, Callable[[Bench, int], None]] = {"attempt": attempt, "lag": lag, "log": log}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="attempt|lag|log")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--dask", metavar="ADDRESS")
    options = parser.parse_args()
    with bench(options.dask) as made:
        for what in options.what or known:
            known[what](made, options.pairs)


if __name__ == "__main__":
    main()
