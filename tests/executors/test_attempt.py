"""What one attempt means: how it is prepared, what its end is called, and what of its work is kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import places
import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, Kind
from porch_tui.executors import local, orders
from porch_tui.executors.executor import Job
from porch_tui.executors.local import LocalExecutor
from porch_tui.process.supervisor import spool
from project import Project, until

ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)
FAILING_GIT = """#!/bin/sh
# fails each of the first {times} calls, once there is the file `go`
if [ -e {folder}/go ] && [ "$(wc -l < {folder}/calls)" -lt {times} ]; then
  echo . >> {folder}/calls; {failure}
fi
exec {git} "$@"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def run(job: Job) -> list[e.AnyEvent]:
    """Run an attempt, and return the events it has led to."""
    events: list[e.AnyEvent] = []
    LocalExecutor(lambda *new: events.extend(new)).start(job)
    until(lambda: any(isinstance(event, ENDS) for event in events), "its end")
    return events


def failure(job: Job) -> e.Failure:
    """Run an attempt that fails, and return how."""
    end = run(job)[-1]
    assert isinstance(end, e.AttemptFailed), end
    return end.failure


def success(job: Job) -> e.AttemptSucceeded:
    end = run(job)[-1]
    assert isinstance(end, e.AttemptSucceeded), end
    return end


def failing_git(folder: Path, monkeypatch: pytest.MonkeyPatch, failure: str, times: int) -> None:
    """Let git fail a number of times, once `folder` has the file `go`."""
    (folder / "calls").touch()
    git = folder / "bin" / "git"
    git.parent.mkdir()
    git.write_text(FAILING_GIT.format(folder=folder, times=times, failure=failure, git=shutil.which("git")))
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(local, "RETRY_S", 0.0)


def test_setup_command_and_checks_run_in_order_and_a_failing_step_is_named(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "echo run >> seen")
    steps = {"setup": (("sh", "-c", "echo setup >> seen"),)}
    spec = replace(job.spec, checks=(("sh", "-c", "echo check >> seen; exit 4"),))

    failed = failure(replace(job, spec=spec, **steps))

    assert e.Failure(e.FailureKind.CHECK, "check: exit 4", 4) == failed
    assert "setup\nrun\ncheck\n" == (tmp_path / "app-a" / "seen").read_text()


def test_a_program_that_the_shell_does_not_find_is_named(project: Project, tmp_path: Path):
    failed = failure(places.job(tmp_path, "a", "no-such-program -q"))

    assert e.Failure(e.FailureKind.EXIT, "exit 127: no-such-program: command not found", 127) == failed


def test_the_next_attempt_starts_from_the_base_unless_it_continues(project: Project, tmp_path: Path):
    setup = (("sh", "-c", "echo setup >> ../setups"),)
    run(replace(places.job(tmp_path, "a", "echo left > left; exit 1"), setup=setup))

    kept = replace(places.job(tmp_path, "a", "cat left; exit 1", number=2), setup=setup, keep_worktree=True)
    again = replace(places.job(tmp_path, "a", "test ! -e left", number=3), setup=setup)

    assert "exit 1" == failure(kept).text
    assert "left\n" == (kept.directory / "output.log").read_text()
    assert kept.checkout.base == success(again).head
    assert "setup\n" == (tmp_path / "setups").read_text()


def test_paths_outside_the_declared_ones_are_reported(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "mkdir docs; echo > docs/a; echo > other")

    assert ("other",) == success(replace(job, spec=replace(job.spec, paths=("docs/**",)))).undeclared_paths


def test_a_check_has_the_base_as_its_head_whatever_it_writes(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "echo > made")

    assert job.checkout.base == success(replace(job, spec=replace(job.spec, kind=Kind.CHECK))).head


def test_an_agent_that_changes_nothing_has_failed(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "true")

    assert e.FailureKind.NO_CHANGE is failure(replace(job, spec=replace(job.spec, agent="claude"))).kind


def test_work_that_cannot_be_collected_is_a_failure_of_its_own_and_is_kept(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "echo precious > p; git checkout -q -b mine")

    [*_, end] = run(job)

    assert isinstance(end, e.AttemptFailed) and e.FailureKind.UNCOLLECTABLE is end.failure.kind
    assert "precious" == project.git("show", f"{end.leftover_ref}:p")


def test_an_attempt_that_cannot_be_prepared_has_not_started(project: Project, tmp_path: Path):
    job = places.job(tmp_path, "a", "true")
    (tmp_path / "app-a").write_text("in the way")

    assert e.FailureKind.NOT_STARTED is failure(job).kind


def test_what_else_a_clone_has_is_kept_and_reported(project: Project, tmp_path: Path):
    beside = "git checkout -qb idea; git commit -q --allow-empty -m idea; git checkout -q feature/a"
    job = places.job(tmp_path, "a", f"{beside}; echo x >> README.md; git stash -q; echo > made")
    checkout = replace(job.checkout, isolation=Isolation.CLONE)

    *_, noticed, end = run(replace(job, checkout=checkout))

    assert isinstance(end, e.AttemptSucceeded) and "made" in project.git("ls-tree", "--name-only", end.head)
    assert isinstance(noticed, e.Noticed) and "a.1 left more than its branch in its clone" in noticed.text
    assert "idea" in noticed.text


def test_repositories_of_an_earlier_attempt_are_moved_and_reported(project: Project, tmp_path: Path):
    run(places.job(tmp_path, "a", "git init -q nested; exit 1"))

    noticed, *_ = run(places.job(tmp_path, "a", "test ! -e nested", number=2))

    assert (
        isinstance(noticed, e.Noticed)
        and "repositories that an earlier attempt left (nested)" in noticed.text
    )


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 1000])
def test_work_is_collected_although_git_is_killed_now_and_then(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
):
    failing_git(tmp_path, monkeypatch, 'kill -9 "$$"', times)
    monkeypatch.setattr(local, "MOST_KILLED", 1)

    [*_, end] = run(places.job(tmp_path, "a", "echo > made; touch $FOLDER/go"))

    if times == 1:
        assert isinstance(end, e.AttemptSucceeded)
    else:
        assert isinstance(end, e.AttemptFailed) and e.FailureKind.UNCOLLECTABLE is end.failure.kind


@pytest.mark.parametrize("times", [1, 1000])
def test_a_limit_of_the_system_means_fewer_attempts_at_once_and_another_try(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
):
    failing_git(tmp_path, monkeypatch, "echo 'fatal: Too many open files' >&2; exit 128", times)
    job = places.job(tmp_path, "a", "echo > made")
    (tmp_path / "go").touch()

    slots, *_, end = run(job)

    assert isinstance(slots, e.SlotsChanged) and slots.is_auto
    if times == 1:
        assert isinstance(end, e.AttemptSucceeded)
    else:
        assert isinstance(end, e.AttemptFailed) and e.FailureKind.NOT_STARTED is end.failure.kind


@pytest.mark.parametrize(
    ("state", "begins"),
    [
        ("D", ("waits for process 7 (dd) of root, which cannot be killed: busy in the kernel", "ps -o")),
        ("S", ("waits for process 7 (dd) of root, which porch may not kill", "sudo kill -9 7")),
    ],
)
def test_what_a_person_must_know_about_the_wait_for_an_attempt_is_reported(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, begins: tuple[str, str]
):
    monkeypatch.setattr(orders, "REPEAT_S", 0.05)
    events: list[e.AnyEvent] = []
    executor = LocalExecutor(lambda *new: events.extend(new))
    job = places.job(tmp_path, "a", "touch $FOLDER/go; sleep 600")
    executor.start(job)
    until((tmp_path / "go").exists, "its start")

    spool.put(f"{job.directory}/state.json", {"stuck": [[7, "dd", "root", state]]})

    until(lambda: len(events) > 1, "a notice")
    notice = events[1]
    assert isinstance(notice, e.AttemptNoticed)
    assert (True, True) == (notice.notice.startswith(begins[0]), notice.advice.startswith(begins[1]))
    executor.stop(job, 0.0)
    until(lambda: isinstance(events[-1], e.AttemptStopped), "its end")


def test_a_notice_about_a_validation_names_it_and_the_command_to_type():
    events: list[e.AnyEvent] = []
    report = orders.reporter("the validation of a", lambda *new: events.extend(new))

    report(orders.Notice("waits for process 7", "sudo kill -9 7"))
    report(orders.Notice(""))

    assert [e.Noticed("the validation of a waits for process 7: sudo kill -9 7")] == events
