"""A log without a screen: lines, window, search, filter and marks."""

from __future__ import annotations

import pytest

from porch_tui.tui.log.excerpts import text_of
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.pattern import Pattern

ROWS = 10


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "task.log"
    path.write_text("".join(f"line {n}\n" for n in range(100)))
    return path


@pytest.fixture
def model(path):
    model = LogModel()
    model.resize(ROWS)
    model.open(path)
    yield model
    model.close()


def texts(model):
    numbers = range(model.window.top, min(model.line_count, model.window.top + ROWS))
    return [model.lines.line(number).head.decode() for number in numbers]


def append(path, text):
    with path.open("a") as log:
        log.write(text)


def test_the_end_is_followed_until_a_move_up(model, path):
    append(path, "new\n")
    assert model.tick() and texts(model)[-1] == "new"

    model.scroll(-1)
    append(path, "newer\n")
    model.tick()
    assert not model.is_following and texts(model)[-1] == "line 99"


def test_a_search_goes_from_hit_to_hit(model):
    model.seek(Pattern("line 4"))
    model.go_to_nearest()
    assert "line 49" in texts(model)

    model.next_match(-1)
    assert "line 48" in texts(model) and model.has_steps_back


def test_a_filter_numbers_only_matching_lines_and_keeps_following(model, path):
    model.filter_by(Pattern("7"))
    assert model.line_count == 19 and model.is_following

    append(path, "line 107\n")
    model.tick()
    assert model.line_count == 20 and texts(model)[-1] == "line 107"


def test_step_back_removes_marks_then_search_then_filter(model):
    model.filter_by(Pattern("7"))
    model.seek(Pattern("line"))
    model.toggle_marks()
    for what in ("marked", "finder", "filter"):
        model.step_back()
        assert not getattr(model if what == "marked" else model.search, what)
    assert not model.has_steps_back and model.line_count == 100


def test_marked_lines_are_taken_as_they_are_in_the_file(model):
    model.toggle_marks()
    model.scroll(-2)
    extract = model.take_marked()

    assert extract is not None and text_of(extract) == "line 97\nline 98\nline 99\n"
    assert model.marked is None and model.is_following


def test_wrapped_lines_fill_the_view_by_their_heights(model):
    model.height = lambda number: 4
    model.toggle_wrap()

    assert model.window.top == 98


def test_a_missing_time_is_reported(path):
    messages = []
    model = LogModel(notify=messages.append)
    model.open(path)
    model.next_times()
    model.close()

    assert messages == ["the times of this log's lines are not known"]
