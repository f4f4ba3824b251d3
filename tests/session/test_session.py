"""A run as a front end sees it: who starts an engine, and when."""

from __future__ import annotations

from pathlib import Path

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
