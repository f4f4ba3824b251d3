"""An agent whose last words ask something has not got the answer."""

from __future__ import annotations

import json

import pytest

from porch_tui.agents.output import OutputReader
from porch_tui.agents.preset import preset
from porch_tui.agents.question import asked


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Should I use A or B?", "Should I use A or B?"),
        ("I looked. **Shall I go on?**\n", "**Shall I go on?**"),
        (
            "Which one?\n\n1. SQLite\n2. Postgres\n\nTell me.",
            "Which one? 1. SQLite 2. Postgres Tell me.",
        ),
        ("どうしますか？", "どうしますか？"),
        ("All done.", ""),
        ("", ""),
        ("It is at http://host/path?query=1 now.", ""),
        ("It reads a ? b : c now.", ""),
        ("Is it done? Yes." + " And more of it." * 50, ""),
    ],
)
def test_the_last_words_say_what_is_asked(message: str, question: str):
    assert asked(message) == question


def test_a_tool_that_asks_the_person_counts_as_a_question():
    reader = OutputReader(preset("claude").output)
    call = {"type": "tool_use", "name": "AskUserQuestion", "input": {"questions": [{"question": "A or B?"}]}}

    reader.feed(json.dumps({"type": "assistant", "message": {"content": [call]}}).encode() + b"\n")

    assert reader.report().question == "A or B?"


def test_pieces_of_the_last_words_are_one_message():
    reader = OutputReader(preset("gemini").output)
    for piece in ("Shall I ", "go on?"):
        record = {"type": "message", "role": "assistant", "content": piece, "delta": True}
        reader.feed(json.dumps(record).encode() + b"\n")

    assert reader.report().message == "Shall I go on?"
