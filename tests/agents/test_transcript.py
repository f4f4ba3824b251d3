"""An agent's log as a person reads it: words, commands, errors; nothing unknown is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from porch_tui.agents.preset import names, preset
from porch_tui.agents.transcript import Transcript

RECORDINGS = Path(__file__).parent / "recordings"
REFUSED = "Incorrect API key provided: dummy."
WITH_RECORDS = ["cline", "codex", "gemini", "opencode", "pi", "qwen"]


def shown(agent: str, content: bytes, piece_bytes: int = 1000) -> str:
    """Return what a person reads of an agent's output that comes in pieces."""
    transcript = Transcript(preset(agent).output)
    pieces = (content[at : at + piece_bytes] for at in range(0, len(content), piece_bytes))
    return (b"".join(map(transcript.feed, pieces)) + transcript.end()).decode("utf-8", "replace")


def recorded(name: str) -> bytes:
    return (RECORDINGS / f"{name}.txt").read_bytes()


@pytest.mark.parametrize("agent", WITH_RECORDS)
def test_the_words_of_an_agent_its_commands_and_what_it_used_are_lines_of_text(agent):
    lines = shown(agent, recorded(f"{agent}.ok")).splitlines()

    (command,) = (line for line in lines if line.startswith("$ "))
    assert "echo hi > made.txt" in command
    assert "All done." in lines
    assert any(line.startswith("-- 200 tokens in, 40 out") for line in lines)
    assert not any(line.startswith("{") for line in lines)


@pytest.mark.parametrize("agent", [*WITH_RECORDS, "cn"])
def test_an_error_is_a_line_of_its_own_and_is_said_once(agent):
    text = shown(agent, recorded(f"{agent}.401"))

    assert [line for line in text.splitlines() if line.startswith("error:") and REFUSED in line]
    assert text.count("error: ") == len({line for line in text.splitlines() if line.startswith("error: ")})


@pytest.mark.parametrize("agent", names())
def test_what_no_rule_knows_is_shown_as_it_is(agent):
    strange = b'{"type":"new_kind","trouble":"disk on fire"}\n{"type":\nTraceback\n[1]\n\xff\n'

    assert shown(agent, strange) == strange.decode("utf-8", "replace")


def test_text_for_people_stays_as_it_is():
    assert shown("aider", recorded("aider.ok")).rstrip("\n") == recorded("aider.ok").decode().rstrip("\n")


@pytest.mark.parametrize("piece_bytes", [1, 7, 100_000])
def test_pieces_of_any_size_are_read_the_same(piece_bytes):
    assert shown("pi", recorded("pi.ok"), piece_bytes) == shown("pi", recorded("pi.ok"))


def test_the_lines_of_setup_and_checks_are_not_the_agents():
    record = recorded("codex.ok").splitlines()[0]
    log = (
        b"-- porch: setup: make\n" + record + b"\n-- porch: run: codex\n" + record + b"\n-- porch: check: x\n"
    )

    assert shown("codex", log + record + b"\n").splitlines() == [
        "-- porch: setup: make",
        record.decode(),
        "-- porch: run: codex",
        "-- porch: check: x",
        record.decode(),
    ]


def test_a_long_result_is_cut_in_its_middle():
    output = "\n".join(f"line {number}" for number in range(100))
    item = {"type": "command_execution", "aggregated_output": output, "status": "completed"}

    text = shown("codex", json.dumps({"type": "item.completed", "item": item}).encode())

    assert text.splitlines() == [
        *("  line 0", "  line 1", "  line 2", "  … 92 more lines"),
        *(f"  line {number}" for number in range(95, 100)),
    ]


def test_what_was_used_is_not_said_where_a_part_of_the_log_was_dropped():
    gap = "\0\0… 12 MiB dropped …\n".encode()

    assert "tokens" not in shown("codex", gap + recorded("codex.ok"))


def test_pieces_of_a_sentence_are_one_line():
    pieces = [
        {"type": "message", "role": "assistant", "content": one, "delta": True} for one in ("Al", "l done.")
    ]

    text = shown("gemini", b"\n".join(json.dumps(one).encode() for one in pieces) + b"\nother\n")

    assert text == "All done.\nother\n"


def test_what_an_agent_says_cannot_steer_the_terminal():
    item = {"type": "agent_message", "text": "red \x1b[31malert\x07"}

    text = shown("codex", json.dumps({"type": "item.completed", "item": item}).encode())

    assert text == "red  [31malert \n"


def test_what_claude_prints_is_readable():
    records = [
        {"type": "system", "subtype": "init", "session_id": "s", "model": "m"},
        {
            "type": "assistant",
            "message": {
                "content": [
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "name": "Bash", "input": {"command": "ls", "description": "List"}},
                ]
            },
        },
        {"type": "user", "message": {"content": [{"type": "tool_result", "content": "a\nb"}]}},
        {
            "type": "user",
            "message": {
                "content": [
                    {"type": "tool_result", "is_error": True, "content": [{"type": "text", "text": "no"}]}
                ]
            },
        },
        {
            "type": "result",
            "subtype": "success",
            "is_error": False,
            "result": "Done.",
            "usage": {"input_tokens": 1200, "output_tokens": 30},
            "total_cost_usd": 0.5,
        },
    ]

    text = shown("claude", b"\n".join(json.dumps(one).encode() for one in records))

    assert text.splitlines() == [
        *("I look.", "$ Bash ls", "  a", "  b", "error: no"),
        "-- 1,200 tokens in, 30 out, $0.50",
    ]
