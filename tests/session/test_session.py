"""A run as a front end sees it: what is waiting, what is where, and who starts an engine, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.errors import JournalError
from porch_tui.journal import rundir
from porch_tui.session.session import Session
from tests.tui.recordings import Recording


def started_session(run: Recording) -> tuple[Session, list[str]]:
    """Return a session that has started an engine, and the list of all that were started by it."""
    started: list[str] = []
    session = run.session(lambda: started.append("engine"))
    session.start_engine()
    return session, started


def test_no_second_engine_is_started_while_the_first_starts(tmp_path: Path) -> None:
    session, started = started_session(Recording(tmp_path, ["auth"]))

    session.start_engine()

    assert (["engine"], True) == (started, session.is_engine_expected)


def test_an_engine_that_died_after_it_was_seen_is_replaced(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"])
    session, started = started_session(run)
    with run.engine():
        assert session.is_engine_alive()

    session.start_engine()

    assert ["engine", "engine"] == started


def test_an_engine_that_wrote_and_died_between_two_looks_is_replaced(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"])
    session, started = started_session(run)
    run.start("auth")
    session.catch_up()

    session.start_engine()

    assert ["engine", "engine"] == started


def test_what_is_sent_waits_is_anticipated_and_is_answered_once_an_engine_takes_it(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"]).start("auth")
    session = run.session()
    command, stop = c.SetSlots(session.new_command_id(), 2), c.StopRun(session.new_command_id())

    session.send(command)
    session.send(stop)

    assert (False, True, True) == (
        session.can_start_engine,
        session.has_waiting_commands,
        session.is_stop_waiting,
    )
    assert (4, 2) == (session.state.slots.count, session.anticipated().slots.count)
    run.say(e.SlotsChanged(2), cause=command.id)
    assert None is session.answer(command)
    session.catch_up()
    answer = session.answer(command)
    assert answer is not None and isinstance(answer.event, e.SlotsChanged)
    assert [stop] == session.waiting_commands()


def test_a_run_that_has_not_begun_says_how_to_start_it(tmp_path: Path) -> None:
    run = rundir.create(tmp_path, RunId("run-1"))
    run.journal.touch()

    with pytest.raises(JournalError, match="its journal is empty; start it with porch run"):
        Session(run)


def test_the_logs_and_samples_of_attempts_are_found(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth", "later"], slots=1).start("auth")
    run.usage("auth", 50.0, 100).wait(1).usage("auth", 80.0, 300)
    session, auth, later = run.session(), TaskId("auth"), TaskId("later")

    assert "auth.1" in str(session.log(auth)) and "auth.2" in str(session.next_log(auth))
    assert [None, None, None] == [session.log(later), session.log(auth, 7), session.sample(later)]
    last = session.sample(auth)
    assert last is not None and 80.0 == last.cpu_percent
    assert [80.0] == [one.cpu_percent for one in session.samples(auth, 1)]
    assert [] == session.samples(later, 1)
    assert [50.0, 80.0] == [one.cpu_percent for one in session.history(e.AttemptId(auth, 1))]


def test_the_validation_that_decided_about_a_task_is_found(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth", "docs"]).start("auth", "docs").succeed("auth").build()
    run.judge(passes=True)  # the target
    session, auth, docs = run.session(), TaskId("auth"), TaskId("docs")
    running = session.running_validation(auth)
    assert running is not None and None is session.running_validation(docs)
    assert None is session.deciding_validation(auth)

    run.judge(passes=True)
    session.catch_up()

    decided = session.deciding_validation(auth)
    assert decided is not None and str(session.validation_log(*decided)) in session.validation_logs().values()
    assert None is session.deciding_validation(docs)


def test_a_rejected_task_was_decided_about_by_the_validation_that_rejected_it(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"]).start("auth").succeed("auth").build()
    for _ in range(6):
        if run.state.validations.in_flight:
            run.judge(passes=not any(one.tasks for one in run.state.validations.in_flight.values()))
        run.build()
    session = run.session()
    entry = run.state.entries[TaskId("auth")]
    assert EntryStatus.REJECTED is entry.status

    decided = session.deciding_validation(TaskId("auth"))

    assert decided is not None and decided[0] == entry.tree


def test_a_journal_that_an_engine_had_to_truncate_is_read_again(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"])
    before = run.rundir.journal.read_bytes()
    run.start("auth")
    session = run.session()
    assert TaskStatus.RUNNING is session.state.tasks[TaskId("auth")].status

    run.rundir.journal.write_bytes(before)
    session.catch_up()

    assert TaskStatus.RUNNING is not session.state.tasks[TaskId("auth")].status
    assert run.state.run == session.opened.run


def test_the_host_of_an_engine_is_named_if_it_is_another(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["auth"])
    session = run.session()

    assert ("", False) == (session.engine_host(), session.is_engine_alive())
    with run.engine():
        assert ("", True) == (session.engine_host(), session.is_engine_alive())
    assert () == session.predictions()
