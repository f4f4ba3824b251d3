"""What agents print is read as they printed it: recordings of real programs, against a scripted model.

The model answered twice, each time with 100 tokens in and 20 out. One call of pi's tokens costs $0.00014.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.agents.output import AgentReport, OutputReader
from porch_tui.agents.preset import OutputFormat, Take, preset

RECORDINGS = Path(__file__).parent / "recordings"
REFUSED = "Incorrect API key provided: dummy."


def read(recording: str, piece_bytes: int = 1000) -> AgentReport:
    """Return what a recording says, read in pieces."""
    reader = OutputReader(preset(recording.partition(".")[0]).output)
    content = (RECORDINGS / f"{recording}.txt").read_bytes()
    for start in range(0, len(content), piece_bytes):
        reader.feed(content[start : start + piece_bytes])
    return reader.report()


@pytest.mark.parametrize("name", ["aider", "mini"])
def test_text_for_people_says_whether_it_ended_well(name):
    assert read(f"{name}.ok").error is None
    assert REFUSED in (read(f"{name}.401").error or "")


def test_tokens_in_text_for_people_are_counted():
    usage = read("aider.ok").usage

    assert (usage.input_tokens, usage.output_tokens, usage.turns) == (100, 20, 1)


@pytest.mark.parametrize("name", ["cline", "cn", "codex", "gemini", "opencode", "pi", "qwen"])
def test_work_that_ended_well_has_no_error_and_a_last_message(name):
    report = read(f"{name}.ok")

    assert report.error is None
    assert report.message == "All done."


@pytest.mark.parametrize("name", ["cline", "cn", "codex", "gemini", "opencode", "pi", "qwen"])
def test_a_refused_account_is_an_error_whatever_the_exit_code(name):
    report = read(f"{name}.401")

    assert report.error is not None
    assert REFUSED in report.error


@pytest.mark.parametrize("name", ["cline", "codex", "gemini", "opencode", "pi", "qwen"])
def test_tokens_are_those_that_the_model_counted(name):
    usage = read(f"{name}.ok").usage

    assert (usage.input_tokens, usage.output_tokens) == (200, 40)


def test_cost_is_what_the_agent_says():
    assert read("pi.ok").usage.cost_usd == pytest.approx(0.00028)
    assert read("codex.ok").usage.cost_usd is None


@pytest.mark.parametrize("name", ["cline", "codex", "gemini", "opencode", "pi", "qwen"])
def test_the_session_is_known_so_that_it_can_be_continued(name):
    assert read(f"{name}.ok").session


@pytest.mark.parametrize("piece_bytes", [1, 7, 100_000])
def test_pieces_of_any_size_say_the_same(piece_bytes):
    assert read("opencode.ok", piece_bytes) == read("opencode.ok")


def test_an_error_that_was_overcome_is_none():
    reader = OutputReader(preset("pi").output)

    reader.feed((RECORDINGS / "pi.401.txt").read_bytes() + b"\n")
    assert reader.report().error
    reader.feed((RECORDINGS / "pi.ok.txt").read_bytes() + b"\n")
    assert reader.report().error is None


@pytest.mark.parametrize(
    "line",
    [b"{", b'{"type":', b'{"type": 1e999}', b"{" * 100_000, b'{"a": "\xff"}', b'{"type": []}'],
)
def test_whatever_an_agent_prints_is_read_without_an_error(line):
    reader = OutputReader(preset("codex").output)

    reader.feed(line + b"\n")

    assert reader.report() == AgentReport()


def test_text_is_read_by_regular_expressions_and_amounts_written_for_people_are_numbers():
    tokens = r"Tokens: ([\d.,]+[kM]?) sent"
    reader = OutputReader(OutputFormat("text", input_tokens=(Take(tokens),), error=(Take("Error: (.*)"),)))

    reader.feed(b"Tokens: 2.4k sent, 120 received.\nTokens: 1,100 sent\nError: no \xffway\n")

    assert reader.report().usage.input_tokens == 3500
    assert reader.report().error == "no �way"
