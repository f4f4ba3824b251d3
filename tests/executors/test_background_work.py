"""Threads that run effects and attempts."""

from __future__ import annotations

import logging

from porch_tui.executors.background import start_thread


def test_an_error_in_a_thread_is_logged_and_reported(caplog):
    errors: list[Exception] = []

    with caplog.at_level(logging.ERROR):
        start_thread("bad", lambda: 1 // 0, errors.append).join(60)

    assert [ZeroDivisionError] == [type(error) for error in errors]
    assert "bad failed" in caplog.text


def test_a_thread_has_the_name_of_its_work():
    assert "good" == start_thread("good", lambda: None, lambda error: None).name
