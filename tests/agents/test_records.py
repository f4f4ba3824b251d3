"""What agents write down while they run in a terminal: recordings of real programs, against a scripted model.

The model answered twice, each time with 100 tokens in and 20 out; then each was resumed, and asked more.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from porch_tui.agents.preset import preset
from porch_tui.agents.records import Conversation, filled, read
from porch_tui.core.model.agent_report import AgentReport

RECORDINGS = Path(__file__).parent / "recordings"
WORKTREE = "/home/ann/app-one"
SESSION = "0b0a5a1e-1111-5222-8333-444455556677"
NAMES = {
    "codex": ".codex/sessions/2026/11/30/rollout-2026-11-30T19-53-46-x.jsonl",
    "gemini": ".gemini/tmp/app-one/chats/session-2026-11-30T20-00-0b0a5a1e.jsonl",
    "pi": ".pi/agent/sessions/--home-ann-app-one--/x.jsonl",
    "qwen": f".qwen/projects/-home-ann-app-one/chats/{SESSION}.jsonl",
}
BEGINNING, LATER, RESUMED = 1796060000.0, 1796090000.0, 1796068435.0
"""Unix times: before all records, after them, and between the two attempts of codex."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which all agents have written down a conversation."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("CODEX_HOME", "PI_CODING_AGENT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    for name, path in NAMES.items():
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copy(RECORDINGS / f"{name}.records.txt", tmp_path / path)
    return tmp_path


def said(
    name: str, *, worktree: str = WORKTREE, session: str = SESSION, since: float = BEGINNING
) -> AgentReport:
    """Return what an agent has written down."""
    form = preset(name).interactive
    assert form is not None and form.records is not None
    return read(form.records, Conversation(worktree, session, since))


@pytest.mark.parametrize("name", ["pi", "qwen"])
def test_usage_last_words_and_session_are_known(home: Path, name: str) -> None:
    report = said(name)

    assert (report.usage.input_tokens, report.usage.output_tokens) == (200, 40)
    assert report.message == "All done."
    assert report.session
    assert report.model == "scripted"


def test_an_answer_that_is_written_down_again_counts_once(home: Path) -> None:
    report = said("gemini")

    assert (report.usage.input_tokens, report.usage.output_tokens) == (300, 60)
    assert report.message == "All done."


def test_a_resumed_conversation_counts_what_came_since(home: Path) -> None:
    both, second = said("codex"), said("codex", since=RESUMED)

    assert (both.usage.input_tokens, both.usage.output_tokens, both.usage.turns) == (400, 80, 2)
    assert (second.usage.input_tokens, second.usage.output_tokens, second.usage.turns) == (200, 40, 1)
    assert second.message == "more?"


def test_the_conversation_is_known_to_a_resumed_attempt_too(home: Path) -> None:
    assert said("codex", since=RESUMED).session == said("codex").session


@pytest.mark.parametrize("name", NAMES)
def test_what_others_have_written_is_not_read(home: Path, name: str) -> None:
    other = said(name, worktree="/home/ann/app-two", session="0b0a5a1e-1111-5222-8333-444455556688")

    assert other == AgentReport()


@pytest.mark.parametrize("name", NAMES)
def test_files_from_before_the_attempt_are_not_read(home: Path, name: str) -> None:
    os.utime(home / NAMES[name], (BEGINNING, BEGINNING))

    assert said(name, since=LATER) == AgentReport()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{", b"[]\n1\nnull\n", b"\xff\xfe\n", b'{"timestamp": "99"}\n']
)
def test_a_file_with_anything_in_it_is_read_without_an_error(home: Path, content: bytes) -> None:
    for name, path in NAMES.items():
        (home / path).write_bytes(content)

        assert said(name).usage.input_tokens is None


def test_a_variable_has_the_place_where_it_is_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled("${CODEX_HOME:-~/.codex}/sessions") == home / ".codex/sessions"

    monkeypatch.setenv("CODEX_HOME", "/elsewhere")

    assert filled("${CODEX_HOME:-~/.codex}/sessions") == Path("/elsewhere/sessions")
