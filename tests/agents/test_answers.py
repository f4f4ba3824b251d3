"""A plan is found in what agents print: recordings of real programs, asked as their presets say.

The model answered with one task; qwen had to call its tool for answers by a schema.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from porch_tui.agents.answers import answers_in
from porch_tui.agents.preset import names, preset
from porch_tui.planfile.values.agents import planner_of_preset

RECORDINGS = Path(__file__).parent / "recordings"
ANSWER = {"tasks": [{"id": "one", "prompt": "Do it."}], "notes": "Mind it."}


@pytest.mark.parametrize("name", ["codex", "gemini", "opencode", "pi", "qwen"])
def test_the_answer_is_first_among_what_may_be_one(name: str):
    chosen = preset(name)
    assert chosen.plan is not None

    first, *_ = answers_in((RECORDINGS / f"{name}.plan.txt").read_bytes(), chosen.output, chosen.plan.answer)

    assert (json.loads(first) if isinstance(first, str) else first) == ANSWER


def test_a_document_by_the_schema_goes_before_messages():
    chosen = preset("claude")
    assert chosen.plan is not None
    records = (
        {"type": "assistant", "message": {"content": [{"type": "text", "text": "Here it is."}]}},
        {"type": "result", "subtype": "success", "is_error": False, "structured_output": ANSWER},
    )
    log = "\n".join(map(json.dumps, records)).encode()

    assert answers_in(log, chosen.output, chosen.plan.answer) == [ANSWER, "Here it is."]


def test_of_a_program_that_cannot_be_read_all_it_printed_is_the_answer():
    assert answers_in(b"a plan\n\xff", None) == ["a plan\n�"]


@pytest.mark.parametrize("is_fenced", [False, True])
@pytest.mark.parametrize("name", [name for name in names() if preset(name).plan])
def test_a_planner_gets_the_prompt_as_one_word_and_continues_its_conversation(name: str, is_fenced: bool):
    agent = planner_of_preset(name, name, ["--more"], ("SCHEMA", "FILE"), is_fenced=is_fenced)

    for words in (agent.command, agent.resume):
        assert sum("{prompt}" in word for word in words) == 1
        assert "--more" in words and not {"{model}", "{args}", "{schema}", "{schema_file}"} & set(words)
    assert "{session}" in agent.resume
