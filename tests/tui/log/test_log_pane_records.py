"""The log of an agent that prints records: read as words, and as records on demand."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from porch_tui.agents.preset import preset
from porch_tui.agents.transcript import Transcript
from porch_tui.tui.log.line_times import LineTimes, Times
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.pattern import Pattern

SAYS = '{"type":"item.completed","item":{"type":"agent_message","text":"%s"}}\n'


TRANSCRIPTS = partial(Transcript, preset("codex").output)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "one.1" / "output.log"
    path.parent.mkdir()
    path.write_text(SAYS % "First." + SAYS % "Second.")
    return path


def opened(log: Path, times: LineTimes | None = None) -> LogModel:
    """Return a model that has read a log of codex."""
    model = LogModel()
    model.resize(10)
    model.open(log, lambda: times or LineTimes(), TRANSCRIPTS)
    return model


def texts(model: LogModel) -> list[str]:
    assert model.lines is not None
    return [model.lines.line(number).head.decode() for number in range(model.line_count)]


def test_records_are_read_as_words_and_followed(log: Path):
    model = opened(log)
    with log.open("a") as file:
        file.write(SAYS % "Third.")
    while model.tick():
        pass

    assert texts(model) == ["First.", "Second.", "Third."]
    model.source.close()


def test_records_are_shown_on_demand_and_words_again(log: Path):
    model = opened(log)

    model.toggle_raw()
    assert texts(model) == log.read_text().splitlines()

    model.toggle_raw()
    assert texts(model) == ["First.", "Second."]
    model.source.close()


def test_what_is_searched_for_are_the_words(log: Path):
    model = opened(log)

    model.filter_by(Pattern("item"))
    assert model.line_count == 0

    model.filter_by(Pattern("second"))
    assert texts(model) == ["Second."]
    model.source.close()


def test_a_line_has_the_time_of_its_record(log: Path):
    first = len(SAYS % "First.")
    model = opened(log, LineTimes(100.0, [first, 2 * first + 1], [101.0, 107.0]))

    model.next_times()

    assert model.known_times.text(0, Times.OFFSET).strip() == "1s"
    assert model.known_times.text(len("First.\n"), Times.OFFSET).strip() == "7s"
    model.source.close()


def test_a_log_that_is_no_agents_is_shown_as_it_is(log: Path):
    said: list[str] = []
    model = LogModel(notify=said.append)
    model.open(log)

    model.toggle_raw()

    assert said == ["this log is shown as it is"]
    assert texts(model) == log.read_text().splitlines()


@pytest.mark.slow
def test_of_a_large_log_the_end_is_shown_until_all_of_it_is_readable(log: Path):
    log.write_text("".join(SAYS % f"Sentence {number}." for number in range(60_000)))
    model, deadline = opened(log), time.monotonic() + 60
    while texts(model)[-1] != "Sentence 59999." and time.monotonic() < deadline:
        model.tick()
    assert model.line_count < 60_000

    while model.line_count < 60_000 and time.monotonic() < deadline:
        model.tick()

    assert texts(model)[0] == "Sentence 0."
    assert (model.is_following, model.line_count) == (True, 60_000)
    model.source.close()


def test_a_search_in_a_large_log_is_for_all_of_it(log: Path):
    log.write_text("".join(SAYS % f"Sentence {number}." for number in range(60_000)))
    model = opened(log)

    model.filter_by(Pattern("Sentence 17."))

    deadline = time.monotonic() + 60
    while not model.line_count and time.monotonic() < deadline:
        model.tick()
    assert texts(model) == ["Sentence 17."]
    model.source.close()


def test_a_log_to_which_a_person_comes_back_is_ready(log: Path):
    other = log.with_name("other.log")
    other.write_text(SAYS % "Other.")
    model = opened(log)
    assert model.log is not None
    path = model.log.path

    model.open(other, None, TRANSCRIPTS)
    assert texts(model) == ["Other."]
    model.open(log, None, TRANSCRIPTS)

    assert model.log.path == path
    model.source.close()
