"""A host gets what its attempts start from, once, however many there are, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.executors.executor import Job
from porch_tui.git.transfer import copies
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.near.supplies import Supplies
from porch_tui.places.wire import messages as m
from project import Project, until
from tests.executors import places

ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)


class Place:
    """A host behind a pipe whose messages are recorded, and an engine with a repository of some size."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project = folder, Project(folder)
        self.events: list[Any] = []
        self.passed = folder / "passed"
        # what the host says goes through `tee`
        host = f"{sys.executable} -m porch_tui.places.host --root {folder}/hosts --idle 1"
        argv = ("bash", "-c", f"{host} | tee {self.passed}")
        hello = greeting("supplies", "app", ("U", "u@example.org"))
        self.executor = RemoteExecutor(self.on_events, PipeCarrier(argv), hello)

    def on_events(self, *events: Any) -> None:
        self.events.extend(events)

    def job(self, task: str, script: str, *copied: str) -> Job:
        made = places.job(self.folder, task, script)
        return replace(made, checkout=replace(made.checkout, copy=copied))

    def end_of(self, job: Job) -> Any:
        def ends() -> list[Any]:
            return [one for one in list(self.events) if isinstance(one, ENDS) and one.attempt == job.attempt]

        return until(ends, f"the end of {job.attempt}")[0]

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What the host has said of a kind."""
        lines = self.passed.read_bytes().split(b"\n")[:-1]
        return [one for line in lines if (one := json.loads(line))["type"] == kind]

    def ended_well(self, task: str) -> None:
        """Run a job to its end, which is a good one."""
        job = self.job(task, "echo made > made")
        self.executor.start(job)
        assert isinstance(end := self.end_of(job), e.AttemptSucceeded), end


@contextmanager
def running(folder: Path) -> Iterator[Place]:
    place = Place(folder)
    try:
        yield place
    finally:
        place.executor.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with running(tmp_path) as made:
        yield made


@pytest.mark.slow
def test_a_large_base_is_sent_once_and_in_windows_while_many_attempts_wait_for_it(place):
    place.project.commit({"large": os.urandom(2 * m.WINDOW).hex()})
    jobs = [place.job(f"task{number}", 'wc -c < large > "$FOLDER/$PORCH_TASK"') for number in range(3)]

    for job in jobs:
        place.executor.start(job)

    assert [type(place.end_of(job)) for job in jobs] == [e.AttemptSucceeded] * 3
    assert (place.folder / "task1").read_text().strip() == str(4 * m.WINDOW)
    assert [need.get("at", 0) for need in place.said("Need")] == [0, m.WINDOW, 2 * m.WINDOW]


def test_files_to_copy_arrive_once_and_do_not_become_work(place):
    root = place.project.root
    (root / ".git/info/exclude").write_text(".env\ncache\n")
    (root / ".env").write_text("KEY=1\n")
    (root / ".env").chmod(0o600)
    (root / "cache/a").mkdir(parents=True)
    (root / "cache/a/data").write_bytes(os.urandom(m.WINDOW))
    script = 'cat .env > "$FOLDER/$PORCH_TASK"; wc -c < cache/a/data >> "$FOLDER/$PORCH_TASK"'
    jobs = [place.job(f"task{number}", script, ".env", "cache") for number in range(2)]

    for job in jobs:
        place.executor.start(job)

    for job in jobs:
        assert isinstance(place.end_of(job), e.AttemptSucceeded)
        assert (place.folder / job.attempt.task).read_text() == f"KEY=1\n{m.WINDOW}\n"
    assert len({need["copies"] for need in place.said("Need") if need.get("copies")}) == 1
    heads = place.project.git("for-each-ref", "--format=%(objectname)", "refs/porch")
    assert set(heads.split()) <= {place.project.git("rev-parse", "main")}


def test_copies_that_cannot_go_along_fail_the_attempt_with_the_reason(place):
    (place.project.root / ".git/info/exclude").write_text("link\n")
    (place.project.root / "link").symlink_to("/etc/passwd")
    job = place.job("task", "true", "link")

    place.executor.start(job)

    end = place.end_of(job)
    assert isinstance(end, e.AttemptFailed)
    assert "'link' is a symlink" in end.failure.text


def test_a_base_that_is_gone_fails_the_attempt_with_the_reason_and_not_the_next_one(place):
    job = place.job("task", "true")
    gone = replace(job, checkout=replace(job.checkout, base="1" * 40))

    place.executor.start(gone)

    end = place.end_of(gone)
    assert isinstance(end, e.AttemptFailed)
    assert "could not be sent" in end.failure.text
    other = place.job("other", "true")
    place.executor.start(other)
    assert isinstance(place.end_of(other), e.AttemptSucceeded)


@pytest.mark.slow
def test_a_host_forgets_what_was_not_used_for_long_when_it_has_nothing_to_do(place):
    (place.project.root / ".git/info/exclude").write_text("data\n")
    (place.project.root / "data").write_text("x\n")
    job = place.job("task", "true", "data")
    place.executor.start(job)
    assert isinstance(place.end_of(job), e.AttemptSucceeded)
    host = place.folder / "hosts" / "supplies"
    (git_dir,) = host.glob("*/.git")
    (stamp,) = (git_dir / "porch/bases").iterdir()
    (copied,) = (host / "arriving").iterdir()
    until(lambda: not any(host.glob("attempts/*/*/output.log")), "the engine's word that all is here")
    for path in (stamp, copied):
        os.utime(path, (0, 0))

    place.executor.close()

    until(lambda: not copied.exists() and not stamp.exists(), "the host to forget them")
    until(lambda: place.project.git("-C", str(git_dir), "for-each-ref", "refs/porch/base") == "", "the ref")


def test_the_history_comes_along_only_for_tasks_that_want_it(place):
    place.project.commit({"lines": "one\n"}, "first")
    place.project.commit({"lines": "one\ntwo\n"}, "second")
    script = (
        'git log --format=%s > "$FOLDER/$PORCH_TASK"; git blame -s lines | cut -c1-8 >> "$FOLDER/$PORCH_TASK"'
    )

    def seen(job: Job, *, is_full: bool) -> list[str]:
        place.executor.start(replace(job, spec=replace(job.spec, has_full_history=is_full)))
        assert isinstance(place.end_of(job), e.AttemptSucceeded)
        return (place.folder / job.attempt.task).read_text().splitlines()

    alone = seen(place.job("alone", script), is_full=False)
    full = seen(place.job("full", script), is_full=True)
    later = seen(place.job("later", script), is_full=True)

    head, before = (place.project.git("rev-parse", name)[:8] for name in ("main", "main~1"))
    history = place.project.git("log", "--format=%s", "main").splitlines()
    assert alone == ["second", f"^{head[:7]}", f"^{head[:7]}"]
    assert full == later == [*history, before, head]
    assert [need.get("is_full", False) for need in place.said("Need")] == [False, True]


def supplied(checkout: Any, order: m.Order) -> tuple[Supplies, list[m.Message]]:
    supplies, said = Supplies(), list[m.Message]()
    supplies.note(order, checkout)
    return supplies, said


def order_for(job: Job) -> m.Order:
    from porch_tui.places.near.orders import order_of

    return order_of(job)


def test_a_host_gets_no_commit_that_it_was_not_ordered_to_use(tmp_path):
    project = Project(tmp_path)
    job = places.job(tmp_path, "task", "true")
    other = project.commit({"secret": "x\n"})
    supplies, said = supplied(job.checkout, order_for(job))

    for base in (other, "--all", "refs/heads/main", f"{job.checkout.base}\n--all", "HEAD"):
        supplies.send(m.Need(base), said.append)
    supplies.send(m.Need(job.checkout.base, is_full=True), said.append)
    supplies.send(m.Need(copies="0" * 64), said.append)

    assert said == []


def test_what_a_host_says_that_it_has_changes_nothing_but_the_size(tmp_path):
    project = Project(tmp_path)
    job = places.job(tmp_path, "task", "true")
    base = job.checkout.base
    supplies, said = supplied(job.checkout, order_for(job))
    names = (base, "--all", "1" * 40, "HEAD", "x" * 1000, project.git("rev-parse", f"{base}^{{tree}}"))

    supplies.send(m.Need(base, bases=names, histories=names, at=10**9), said.append)

    assert sum(len(one.data) for one in said) == said[0].size
    assert [one.at for one in said] == [0]


def test_files_that_change_while_they_are_sent_are_listed_again(tmp_path, monkeypatch):
    """Each time they are looked at, for a while; then they stay as they are."""
    with running(tmp_path) as place:
        (place.project.root / ".git/info/exclude").write_text("data\n")
        file = place.project.root / "data"
        file.write_text("0")
        write, times = copies.write, iter(range(1, 4))

        def changing(*words: Any) -> None:
            if (number := next(times, None)) is not None:
                file.write_text(f"{number}")
                os.utime(file, (number, number))
            write(*words)

        monkeypatch.setattr(copies, "write", changing)
        job = place.job("task", 'cat data > "$FOLDER/seen"', "data")
        place.executor.start(job)

        assert isinstance(place.end_of(job), e.AttemptSucceeded)
        assert (tmp_path / "seen").read_text() == "3"


@pytest.mark.slow
def test_what_could_not_be_taken_over_is_asked_for_again_by_the_next_attempt(place):
    place.ended_well("first")
    place.project.commit({"more": "x"})
    (arriving,) = place.folder.glob("hosts/*/arriving")
    arriving.rename(arriving.with_name("aside"))
    arriving.touch()
    job = place.job("second", "true")
    place.executor.start(job)
    assert "could not be taken over" in place.end_of(job).failure.text

    arriving.unlink()
    arriving.with_name("aside").rename(arriving)
    place.ended_well("third")


@pytest.mark.slow
def test_a_host_whose_folder_was_deleted_begins_again(place):
    place.ended_well("first")
    (repository,) = (one.parent for one in place.folder.glob("hosts/*/*/.git"))
    shutil.rmtree(repository.parent)

    place.ended_well("second")


@pytest.mark.slow
def test_what_runs_while_the_folder_of_its_host_is_deleted_is_lost_and_the_next_runs(place):
    job, hosts = place.job("first", "sleep 600"), place.folder / "hosts"
    place.executor.start(job)
    until(lambda: any(isinstance(one, e.AttemptStarted) for one in list(place.events)), "it to run")

    def is_deleted() -> bool:
        shutil.rmtree(hosts, ignore_errors=True)  # its supervisor may write while that goes on
        return not hosts.exists()

    until(is_deleted, "the folder to go")

    assert place.end_of(job).failure.kind is e.FailureKind.LOST
    place.ended_well("second")
