"""Real agent programs as tasks, against a scripted model: what they make lands, and how they end is true."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from agents.model_server import TOKENS, TOKENS_IN, TOKENS_OUT, ModelServer

from porch_tui.core.model import events as e
from porch_tui.present.amounts import tokens
from project import Project, kill, until
from tests.fences import needs_bwrap

pytestmark = pytest.mark.slow

PLAN = """\
target: main
validate: "true"
agents:
  codex: {{preset: codex}}
  pi: {{preset: pi, model: scripted, args: [--provider, scripted]}}
  opencode: {{preset: opencode}}
  gemini: {{preset: gemini, model: gemini-2.5-pro}}
  aider: {{preset: aider, model: openai/scripted, args: [--edit-format, whole]}}
  qwen: {{preset: qwen, model: scripted, args: [--auth-type, openai]}}
tasks:
  one: {{agent: {agent}, prompt: "{prompt}"}}
"""
FENCE = """\
wraps: {{fence: {{preset: bwrap, writable: [~/.config{agents}]}}}}
defaults: {{wrap: fence}}
"""
"""The home of these tests, and perhaps the folder of the agents, is in /tmp: bwrap has a /tmp of its own."""
EDIT = "DO: echo made > made.txt :END"
AGENTS = ("codex", "pi", "opencode", "gemini", "qwen")


def files_of(project: Project) -> dict[str, bytes]:
    """Return the bytes of all files in the person's checkout, ignored ones included."""
    files = (one for one in project.root.rglob("*") if ".git" not in one.parts and one.is_file())
    return {str(one.relative_to(project.root)): one.read_bytes() for one in files}


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_edits_and_its_work_lands_with_the_persons_checkout_as_it_was(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.plan(PLAN.format(agent=agent, prompt=EDIT))
    project.git("switch", "-q", "-c", "elsewhere")
    (project.root / "notes").write_text("uncommitted")
    before = files_of(project)

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert files_of(project) == before
    assert project.git("show", "main:made.txt") == "made"
    (ended,) = project.events(e.AttemptSucceeded)
    usage = ended.used.agent.usage
    assert (usage.input_tokens, usage.output_tokens) == (2 * TOKENS_IN, 2 * TOKENS_OUT)
    assert ended.used.agent.session
    assert f"{2 * TOKENS} tokens" in project.porch("report").stdout
    logged = project.porch("logs", "one").stdout
    assert "echo made > made.txt" in logged and "All done." in logged


def test_the_report_has_what_the_model_sent_to_each_of_five_agents_and_to_all(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    for agent in AGENTS:
        needs(agent)
    before, _, _ = PLAN.partition("tasks:")
    task = "  {0}: {{agent: {0}, prompt: 'You are {0}. DO: echo made > {0}.txt :END'}}\n"
    project.plan(before.format() + "tasks:\n" + "".join(map(task.format, AGENTS)))

    project.porch("run", "--headless", "--parallel", env=agent_env)

    sent = {agent: sum(f"You are {agent}." in prompt for prompt in model.prompts) for agent in AGENTS}
    used = json.loads(project.porch("report", "--format", "json").stdout)["resources"]
    said = {one["task"]: one["agent"] for one in used["tasks"]}
    assert {agent: one["input_tokens"] for agent, one in said.items()} == {
        agent: count * TOKENS_IN for agent, count in sent.items()
    }
    assert {agent: one["output_tokens"] for agent, one in said.items()} == {
        agent: count * TOKENS_OUT for agent, count in sent.items()
    }
    for document in (used, project.status()):
        assert document["agents"]["input_tokens"] == len(model.prompts) * TOKENS_IN
        assert document["agents"]["output_tokens"] == len(model.prompts) * TOKENS_OUT
    total = tokens(len(model.prompts) * TOKENS)
    assert f"{total} tokens" in project.porch("status").stdout
    assert f"{total} tokens" in project.porch("report").stdout


@needs_bwrap
@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_works_behind_bwrap_with_its_own_state(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    place = project.root / ".git" / "config"
    escape = f"DO: echo made > made.txt; echo x >> {place}; true :END"
    folder = os.environ.get("PORCH_TEST_AGENTS")
    agents = f", {Path(folder).parent}" if folder else ""
    project.plan(PLAN.format(agent=agent, prompt=escape) + FENCE.format(agents=agents))
    before = place.read_bytes()

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:made.txt") == "made"
    assert project.events(e.AttemptSucceeded)[0].used.agent.session
    assert place.read_bytes() == before


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_whose_account_is_refused_has_failed_whatever_its_exit_code(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    model.refuses = True
    project.plan(PLAN.format(agent=agent, prompt=EDIT))

    project.porch("run", "--headless", env=agent_env, expect=1)

    (failed,) = project.events(e.AttemptFailed)
    assert failed.failure.kind is e.FailureKind.AGENT
    assert "Incorrect API key" in failed.failure.text
    assert "Incorrect API key" in project.status()["needs_you"][0]["why"]


def test_aider_edits_and_its_litter_does_not_land(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("aider")
    project.plan(PLAN.format(agent="aider", prompt="DO:EDIT made.txt made :END"))

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:made.txt") == "made"
    assert "aider" not in project.git("log", "--name-only", "--format=", "main")
    (ended,) = project.events(e.AttemptSucceeded)
    usage = ended.used.agent.usage
    assert (usage.input_tokens, usage.output_tokens) == (TOKENS_IN, TOKENS_OUT)
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_aider_whose_account_is_refused_has_failed_and_leaves_nothing_on_the_target(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("aider")
    model.refuses = True
    project.plan(PLAN.format(agent="aider", prompt="DO:EDIT made.txt made :END"))
    before = project.git("rev-parse", "main")

    project.porch("run", "--headless", env=agent_env, expect=1)

    (failed,) = project.events(e.AttemptFailed)
    assert failed.failure.kind is e.FailureKind.AGENT
    assert "Incorrect API key" in failed.failure.text
    assert project.outcomes() == {"one": "failed"}
    assert project.git("rev-parse", "main") == before
    assert project.git("status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize("agent", ["codex", "pi"])
def test_an_agent_that_only_talks_needs_the_person_who_sees_what_it_said(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.plan(PLAN.format(agent=agent, prompt="Say something."))

    project.porch("run", "--headless", env=agent_env, expect=1)

    assert 'changed nothing and said: "All done."' in project.status()["needs_you"][0]["why"]


@pytest.mark.parametrize("agent", ["codex", "pi", "opencode", "qwen"])
def test_an_agent_that_asks_gets_the_answer_where_it_stopped(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.plan(PLAN.format(agent=agent, prompt="I wonder. ASK: Tabs or spaces? :END"))
    project.porch("run", "--headless", env=agent_env, expect=1)

    (failed,) = project.events(e.AttemptFailed)
    assert failed.failure.kind is e.FailureKind.ASKED
    (need,) = project.status()["needs_you"]
    assert 'asked, and got no answer: "Tabs or spaces?"' in need["why"]

    project.porch("retry", "one", "--keep", "--say", f"Tabs. {EDIT}", env=agent_env, expect=None)
    project.porch("resume", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    (ended,) = project.events(e.AttemptSucceeded)
    assert ended.used.agent.session == failed.used.agent.session
    assert "Tabs." in model.prompts[-1]


def test_an_account_at_its_limit_makes_the_agent_wait_and_uses_no_retry(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    model.limited_until = time.time() + 20
    project.plan(PLAN.format(agent="codex", prompt=EDIT))

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert project.events(e.AttemptLimited) and project.events(e.AgentReleased)
    assert not project.events(e.AttemptFailed) and not project.events(e.TaskRetried)
    assert "usage limit" in project.porch("report").stdout


def test_an_agent_that_waits_for_its_account_by_itself_continues_too(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("pi")  # it asks again after growing waits
    model.limited_until = time.time() + 20
    project.plan(PLAN.format(agent="pi", prompt=EDIT))

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert not project.events(e.AttemptFailed) and not project.events(e.TaskRetried)


LIMITED = """\
target: main
tasks:
  works: {agent: codex, prompt: "DO: echo made > made.txt; for i in $(seq 80); do sleep 0.1; done :END"}
  meets: {agent: codex, prompt: "DO: echo more > more.txt :END"}
  own: {run: "echo own > own.txt"}
"""


def test_while_an_account_is_at_its_limit_running_tasks_of_the_agent_are_paused_and_then_continue(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    project.plan(LIMITED)
    engine = project.begin("run", "--headless", "--parallel", "--slots", "1", env=agent_env)
    until(lambda: any("made.txt" in prompt for prompt in model.prompts), "the first task to be at work")
    model.limited_until = time.time() + 12
    assert project.porch("slots", "2").returncode == 0

    until(lambda: project.events(e.AttemptPaused), "the first task to be paused")
    reason = next(one["reason"] for one in project.status()["tasks"] if one["id"] == "works")
    assert reason.startswith("waits for codex's usage limit until ")

    assert engine.wait(120) == 0
    assert set(project.outcomes().values()) == {"landed"}
    assert [one.reason for one in project.events(e.AttemptResumed)]
    assert not project.events(e.AttemptFailed) and not project.events(e.TaskRetried)
    kill(engine)


RETRIED = """\
target: main
validate: "true"
agents:
  codex: {{preset: codex}}
  pi: {{preset: pi, model: scripted, args: [--provider, scripted]}}
tasks:
  one:
    agent: {agent}
    prompt: "Make it. DO: echo made >> made.txt :END"
    checks: "echo FAILED tests/test_made.py::test_twice; test $(wc -l < made.txt) = 2"
    retries: 1
    retry_with: {retry_with}
"""


@pytest.mark.parametrize("agent", ["codex", "pi"])
def test_a_resumed_attempt_continues_the_conversation_and_knows_what_failed(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.plan(RETRIED.format(agent=agent, retry_with="resume"))

    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    (failed,), (succeeded,) = project.events(e.AttemptFailed), project.events(e.AttemptSucceeded)
    assert failed.failure.kind is e.FailureKind.CHECK
    assert succeeded.used.agent.session == failed.used.agent.session
    assert "FAILED tests/test_made.py::test_twice" in model.prompts[-1]


def test_a_fresh_attempt_has_the_task_and_the_failure_in_its_prompt(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    project.plan(RETRIED.format(agent="codex", retry_with="fresh"))

    project.porch("run", "--headless", env=agent_env, expect=1)

    one, two = project.events(e.AttemptFailed)
    assert one.used.agent.session != two.used.agent.session
    assert "Make it." in model.prompts[-1]
    assert "FAILED tests/test_made.py::test_twice" in model.prompts[-1]
    assert model.prompts[-1].count("Make it.") == 1, "what the agent printed for programs is left out"


def test_what_the_person_says_is_in_the_next_prompt(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    project.plan(RETRIED.format(agent="codex", retry_with="fresh").replace("retries: 1", "retries: 0"))
    project.porch("run", "--headless", env=agent_env, expect=1)

    project.porch("retry", "one", "--say", "Append a second line.", env=agent_env, expect=None)
    project.porch("resume", "--headless", env=agent_env, expect=None)

    assert "Append a second line." in model.prompts[-1]
