"""`Engine.absorb` with a real journal and inbox; the test plays the world outside."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Plan, RunId, Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.effects import Effect, LandTrain, RunAttempt
from porch_tui.core.rules.evolve import replay
from porch_tui.engine import engine as engine_module
from porch_tui.engine.engine import Cancel, Engine, Finished
from porch_tui.errors import JournalError, RepositoryError
from porch_tui.journal import inbox, rundir
from porch_tui.journal.log import Journal, read

A = TaskId("a")


class RecordingRunner:
    """Runs nothing: records what is started and what is cancelled, so that the test can answer."""

    def __init__(self) -> None:
        self.started: list[Effect] = []
        self.cancelled: list[Effect] = []

    def start(self, effect: Effect, state: RunState, finished: Callable[[], None]) -> Cancel:
        self.started.append(effect)
        return lambda: self.cancelled.append(effect)


@pytest.fixture
def run(tmp_path: Path) -> rundir.RunDir:
    """A run of one task without an engine."""
    (tmp_path / "porch").mkdir()
    made = rundir.create(tmp_path, RunId("20261122-000000-test"))
    plan = Plan("test", (TaskSpec(A, "Do a", ("true",)),))
    journal = Journal.create(made.journal)
    zero = Sha("0" * 40)
    journal.append(
        [
            e.RunOpened(
                made.run, plan, "porch.yaml", "/app", "main", zero, zero, zero, zero,
                slots=1, slots_reason="", validate_jobs=1, cores=1, memory_bytes=1,
            )
        ],
        "test",
    )  # fmt: skip
    journal.close()
    return made


def engine_on(run: rundir.RunDir, written: list[e.AnyEvent] | None = None) -> Engine:
    records = list(read(run.journal))
    state = replay(records)
    assert state is not None

    def hear(fresh: object, _: RunState) -> None:
        if written is not None:
            written.extend(record.event for record in fresh)  # type: ignore[attr-defined]

    return Engine(run, Journal.open(run.journal), state, {record.cause for record in records}, hear)


def looks(count: int) -> Callable[[RunState], bool]:
    """Return a `may_end` that lets the engine look around so many times."""
    left = iter(range(count))
    return lambda state: next(left, None) is None


def test_a_wanted_effect_is_started_once(run: rundir.RunDir):
    runner, engine = RecordingRunner(), engine_on(run)

    engine.run(runner, looks(3))

    assert [RunAttempt(e.AttemptId(A, 1), Sha("0" * 40), 0)] == runner.started


def test_a_command_in_the_inbox_is_carried_out_and_removed(run: rundir.RunDir):
    inbox.drop(run, c.StopTask("cmd-1", A))
    engine = engine_on(run)

    engine.run(RecordingRunner(), looks(3))

    assert engine.state.tasks[A].status is TaskStatus.STOPPING
    assert not list(run.inbox.glob("*.json"))


def test_a_command_that_the_journal_names_is_not_carried_out_again(run: rundir.RunDir):
    """The engine died between making its record durable and removing the command's file."""
    inbox.drop(run, c.SetSlots("cmd-1", 3))
    engine_on(run).run(RecordingRunner(), looks(2))
    inbox.drop(run, c.SetSlots("cmd-2", 5))
    engine_on(run).run(RecordingRunner(), looks(2))
    inbox.drop(run, c.SetSlots("cmd-1", 3))

    engine = engine_on(run)
    engine.run(RecordingRunner(), looks(2))

    assert engine.state.slots.count == 5
    assert not list(run.inbox.glob("*.json"))


def test_a_refusal_is_a_record_that_names_its_command(run: rundir.RunDir):
    inbox.drop(run, c.ResumeRun("cmd-1"))

    engine_on(run).run(RecordingRunner(), looks(2))

    refusal = next(record for record in read(run.journal) if record.cause == "cmd-1")
    assert e.CommandRefused("resume-tasks", "it is not paused") == refusal.event


def test_a_file_that_is_no_command_is_refused_and_kept(run: rundir.RunDir):
    (run.inbox / "00000000000000000001-cmd-9.json").write_text("{}")
    written: list[e.AnyEvent] = []

    engine_on(run, written).run(RecordingRunner(), looks(2))

    assert [one for one in written if isinstance(one, e.CommandRefused)]
    assert [path.name for path in run.refused.iterdir()] == ["00000000000000000001-cmd-9.json"]


def test_a_late_report_changes_nothing(run: rundir.RunDir):
    engine = engine_on(run)
    engine.run(RecordingRunner(), looks(1))
    before = len(list(read(run.journal)))

    engine.absorb((e.AttemptSucceeded(e.AttemptId(A, 7), Sha("1" * 40)),))

    assert before == len(list(read(run.journal)))


def test_an_effect_that_is_not_wanted_any_more_is_cancelled(run: rundir.RunDir):
    runner, engine = RecordingRunner(), engine_on(run)
    engine.run(runner, looks(1))
    attempt = e.AttemptId(A, 1)

    engine.absorb((e.AttemptFailed(attempt, e.Failure(e.FailureKind.EXIT, "exit 1", 1)),))

    assert runner.started == runner.cancelled


def test_the_state_is_the_one_the_journal_replays_to(run: rundir.RunDir):
    engine = engine_on(run)
    engine.run(RecordingRunner(), looks(1))
    engine.absorb((e.AttemptStarted(e.AttemptId(A, 1), 42),))

    assert replay(read(run.journal)) == engine.state


def test_a_slow_signal_handler_does_not_block_the_engine(run: rundir.RunDir):
    """An engine that was asked to stop said so, and then waited until something else happened."""
    handled: list[int] = []

    def hear(signum: int, _: object) -> None:
        time.sleep(2 * engine_module.POLL_S)
        handled.append(signum)

    engine = engine_on(run)
    engine.run(RecordingRunner(), looks(1))
    before = signal.signal(signal.SIGALRM, hear)
    rescue = threading.Timer(30, lambda: engine.offer(e.AttemptStarted(e.AttemptId(A, 7), 1)))
    rescue.start()
    try:
        signal.setitimer(signal.ITIMER_REAL, engine_module.POLL_S / 2)
        engine.run(RecordingRunner(), lambda state: bool(handled))
        assert rescue.is_alive()
    finally:
        rescue.cancel()
        signal.signal(signal.SIGALRM, before)


class LimitedRunner(RecordingRunner):
    """Meets a limit of the system the first few times it is to start something."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def start(self, effect: Effect, state: RunState, finished: Callable[[], None]) -> Cancel:
        self._times -= 1
        if self._times >= 0:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return super().start(effect, state, finished)


def test_an_effect_that_meets_a_limit_of_the_system_starts_later(run: rundir.RunDir, monkeypatch):
    monkeypatch.setattr(engine_module, "RETRY_S", 0.0)
    runner = LimitedRunner(2)

    engine_on(run).run(runner, lambda state: bool(runner.started))

    assert [RunAttempt(e.AttemptId(A, 1), Sha("0" * 40), 0)] == runner.started


def test_a_limit_that_stays_while_nothing_runs_ends_the_engine_with_how_to_continue(
    run: rundir.RunDir, monkeypatch
):
    monkeypatch.setattr(engine_module, "RETRY_S", 0.0)
    monkeypatch.setattr(engine_module, "LIMIT_S", 0.0)

    with pytest.raises(RepositoryError, match=f"no more processes.*porch resume {run.run}"):
        engine_on(run).run(LimitedRunner(1000), lambda state: False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_on_a_full_disk_the_run_waits_until_it_is_interrupted(run: rundir.RunDir, monkeypatch):
    monkeypatch.setattr(engine_module, "DISK_RETRY_S", 0.0)
    state = engine_on(run).state
    full = Journal(Path("/dev/full"), os.open("/dev/full", os.O_RDWR), size=0, last=None)
    engine = Engine(run, full, state, set(), lambda records, state: None)
    looks_left = iter(range(3))

    with pytest.raises(JournalError, match="No space left"):
        engine.run(RecordingRunner(), looks(1), lambda: next(looks_left, None) is None)

    assert None is next(looks_left, None)
    assert state == engine.state


def test_holding_an_entry_after_an_escape_waits_for_the_landing_in_progress(run: rundir.RunDir):
    runner, engine = RecordingRunner(), engine_on(run)
    engine.run(runner, looks(1))
    attempt, head = e.AttemptId(A, 1), Sha("1" * 40)
    engine.absorb((e.AttemptSucceeded(attempt, head),))
    zero = Sha("0" * 40)
    engine.absorb((e.CandidateBuilt(A, head, zero, (), Sha("2" * 40), Sha("3" * 40)),))
    landing = runner.started[-1]
    assert isinstance(landing, LandTrain)

    engine.absorb((e.AttemptEscaped(attempt, "was at work in your own checkout"),))
    engine.command(c.WithdrawEntry("cmd-1", A))
    engine.run(runner, looks(1))
    assert [E.READY] == [entry.status for entry in engine.state.entries.values()]
    assert landing not in runner.cancelled

    engine.absorb(Finished(landing))
    assert [E.HELD] == [entry.status for entry in engine.state.entries.values()]


def test_a_new_engine_holds_an_entry_after_an_escape_before_landing_it(run: rundir.RunDir):
    runner, engine = RecordingRunner(), engine_on(run)
    engine.run(runner, looks(1))
    attempt, head, zero = e.AttemptId(A, 1), Sha("1" * 40), Sha("0" * 40)
    engine.absorb((e.AttemptSucceeded(attempt, head),))
    engine.absorb((e.CandidateBuilt(A, head, zero, (), Sha("2" * 40), Sha("3" * 40)),))
    engine.absorb((e.AttemptEscaped(attempt, "was at work in your own checkout"),))
    assert isinstance(runner.started[-1], LandTrain)

    again, runner = engine_on(run), RecordingRunner()  # the other was killed
    again.run(runner, looks(1))

    assert ([], [E.HELD]) == (runner.started, [entry.status for entry in again.state.entries.values()])
