"""Forty attempts on three workers, while workers and the scheduler are killed when a seed says so."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from lab import Lab

from porch_tui.core.model import events as e
from porch_tui.places.dask.cluster import DaskCluster
from porch_tui.places.near.remote import RemoteExecutor, greeting
from project import Project, until
from tests.executors import places

WORKERS = ("w1", "w2", "w3")
ATTEMPTS, AT_ONCE, LINES = 40, 2, 12
SCRIPT = (
    "echo ran >> $FOLDER/{task}.ran; n=0; "
    f"while [ $n -lt {LINES} ]; do echo line $n; n=$((n+1)); sleep 0.1; done; echo {{task}} > made-{{task}}"
)


class Run:
    """Gives attempts to workers, so many at once to each, and hears how they end."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.project = Project(folder)
        self.ends: dict[str, list[e.AnyEvent]] = {}
        self._left = [f"t{number}" for number in range(ATTEMPTS)]
        self._lock = threading.Lock()
        self.jobs = {task: places.job(folder, task, SCRIPT.replace("{task}", task)) for task in self._left}
        self.cluster = DaskCluster(lab.access, root=str(folder / "hosts" / "{worker}"), idle_s=2)
        hello = greeting("chaos", "app", ("U", "u@example.org"))
        self.executors = {
            worker: RemoteExecutor(
                lambda *events, worker=worker: self._on_events(worker, *events),
                self.cluster.carrier(worker),
                hello,
            )
            for worker in WORKERS
        }

    def begin(self) -> None:
        for worker in WORKERS:
            for _ in range(AT_ONCE):
                self._next(worker)

    def _next(self, worker: str) -> None:
        with self._lock:
            task = self._left.pop() if self._left else None
        if task is not None:
            self.executors[worker].start(self.jobs[task])

    def _on_events(self, worker: str, *events: e.AnyEvent) -> None:
        for event in events:
            if isinstance(event, e.AttemptSucceeded | e.AttemptFailed | e.AttemptStopped):
                with self._lock:
                    self.ends.setdefault(str(event.attempt.task), []).append(event)
                self._next(worker)

    @property
    def is_over(self) -> bool:
        with self._lock:
            return len(self.ends) == ATTEMPTS

    def close(self) -> None:
        for executor in self.executors.values():
            executor.close()
        self.cluster.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_command_starts_once_and_every_log_is_whole_whatever_is_killed(tmp_path, seed):
    chance = random.Random(seed)
    with Lab.started(tmp_path / "lab", *WORKERS) as lab:
        run = Run(lab, tmp_path)
        try:
            run.begin()
            victims = [*WORKERS, "scheduler"]
            chance.shuffle(victims)
            for victim in victims:
                due = min(chance.randint(1, 8) + len(run.ends), ATTEMPTS - 1)
                until(lambda due=due: len(run.ends) >= due, f"the moment to kill {victim}")
                lab.kill(victim)
                lab.restart(victim)
                if victim == "scheduler":  # which takes all workers along
                    for worker in WORKERS:
                        lab.restart(worker)
                lab.until_joined(*WORKERS)
            until(lambda: run.is_over, f"the end of all; {ATTEMPTS - len(run.ends)} are left", 300)
        finally:
            run.close()
    wrong = {
        task: ends for task, ends in run.ends.items() if [type(end) for end in ends] != [e.AttemptSucceeded]
    }
    assert wrong == {}
    starts = Counter({task: len((tmp_path / f"{task}.ran").read_text().splitlines()) for task in run.jobs})
    assert set(starts.values()) == {1}
    whole = "".join(f"line {number}\n" for number in range(LINES))
    for task, job in run.jobs.items():
        assert whole == (job.directory / "output.log").read_text()
        assert task == run.project.git("show", f"{job.checkout.head_ref}:made-{task}")
