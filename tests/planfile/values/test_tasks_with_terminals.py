"""Which tasks of a plan have a terminal or an open standard input, and what is refused."""

from __future__ import annotations

import pytest

from porch_tui.agents.prompt import first_call, is_too_long, next_call
from porch_tui.core.model.plan import TIMEOUT_S, OpenStdin, Terminal
from tests.planfile.plan_reading import plan, refusal, warnings_of

AGENT = "agents: {c: {preset: codex, tty: true, size: 90x20}}"
OPEN = "agents: {c: {preset: aider, stdin_open: true, waits: 'name:'}}"
BOTH = "defaults.stdin_open: found stdin_open: true and tty: true for task 'a'"


def terminal_in(text: str) -> Terminal | None:
    return plan(text).tasks[0].terminal


@pytest.mark.parametrize(
    ("text", "terminal"),
    [
        ("tasks: {a: {run: x}}", None),
        ("tasks: {a: {run: x, tty: true}}", Terminal(120, 36)),
        ("tasks: {a: {run: x, tty: true, size: 80x24}}", Terminal(80, 24)),
        ("defaults: {tty: true, size: 90x20}\ntasks: {a: {run: x}}", Terminal(90, 20)),
        ("defaults: {tty: true}\ntasks: {a: {run: x, tty: false}}", None),
        (f"{AGENT}\ntasks: {{a: {{agent: c, prompt: p}}}}", Terminal(90, 20)),
        (f"{AGENT}\ntasks: {{a: {{agent: c, prompt: p, tty: false}}}}", None),
        (f"{AGENT}\ntasks: {{a: {{agent: c, prompt: p, size: 80x24}}}}", Terminal(80, 24)),
    ],
)  # fmt: skip
def test_a_task_has_the_terminal_that_it_or_its_agent_asks_for(text, terminal):
    assert terminal_in(text) == terminal


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tasks: {a: {run: x, tty: true, size: 1x24}}", "expected columns and rows from 2 to 1000"),
        ("tasks: {a: {run: x, tty: true, size: 80x1001}}", "expected columns and rows from 2 to 1000"),
        ("tasks: {a: {run: x, tty: true, size: big}}", "expected columns and rows from 2 to 1000"),
        ("tasks: {a: {run: x, size: 80x24}}", "found size without a terminal; expected tty: true as well"),
        ("tasks: {a: {run: x, kind: check, shared: true, tty: true}}", "found tty: true and shared: true"),
        ("tasks: {a: {run: x, tty: true, stdin_open: true}}", "stdin_open: true and tty: true for task 'a'"),
        ("defaults: {stdin_open: true}\ntasks: {a: {run: x, tty: true}}", BOTH),
        ("tasks: {a: {run: x, kind: check, shared: true, stdin_open: true}}",
         "found stdin_open: true and shared: true"),
        ("tasks: {a: {run: x, stdin_open: true, waits: '('}}", "expected a regular expression"),
    ],
)  # fmt: skip
def test_what_no_terminal_can_be_is_refused_with_its_place(text, found):
    assert "porch.yaml:1:" in refusal(text) and found in refusal(text)


@pytest.mark.parametrize(
    ("text", "open_stdin"),
    [
        ("tasks: {a: {run: x, stdin_open: true}}", OpenStdin()),
        ("tasks: {a: {run: x, stdin_open: true, waits: 'name:'}}", OpenStdin("name:")),
        ("defaults: {stdin_open: true}\ntasks: {a: {run: x}}", OpenStdin()),
        ("defaults: {stdin_open: true}\ntasks: {a: {run: x, tty: true, stdin_open: false}}", None),
        (f"{OPEN}\ntasks: {{a: {{agent: c, prompt: p}}}}", OpenStdin("name:")),
        (f"{OPEN}\ntasks: {{a: {{agent: c, prompt: p, stdin_open: false}}}}", None),
    ],
)
def test_a_task_has_the_open_standard_input_that_it_or_its_agent_asks_for(text, open_stdin):
    assert plan(text).tasks[0].open_stdin == open_stdin


@pytest.mark.parametrize(("preset", "is_warned"), [("codex", True), ("aider", False)])
def test_an_agent_that_first_reads_all_of_its_standard_input_is_warned_of(preset, is_warned):
    text = f"tasks: {{a: {{agent: {preset}, prompt: p, stdin_open: true}}}}"

    assert (
        any("first reads its standard input to the end" in one for _, one in warnings_of(text)) is is_warned
    )


def test_an_interactive_task_has_no_timeout_unless_it_gives_one():
    tasks = "tasks: {a: {run: x, tty: true}, b: {run: x, tty: true, timeout: 5m}, c: {run: x}}"
    asking = "tasks: {a: {run: x, stdin_open: true}, b: {run: x, stdin_open: true, timeout: 5m}}"

    assert [task.timeout_s for task in plan(tasks).tasks] == [None, 300.0, TIMEOUT_S]
    assert [task.timeout_s for task in plan(asking).tasks] == [None, 300.0]


@pytest.mark.parametrize("key", ["tty", "stdin_open"])
def test_a_timeout_of_defaults_does_not_end_what_waits_for_a_person_unless_the_defaults_make_it_wait(key):
    tasks = f"tasks: {{a: {{run: x, {key}: true}}, b: {{run: x, {key}: true, timeout: 5m}}, c: {{run: x}}}}"
    by_agent = f"agents: {{x: {{preset: codex, {key}: true}}}}\ntasks: {{a: {{agent: x, prompt: p}}}}"
    by_defaults = f"defaults: {{timeout: 2h, {key}: true}}\ntasks: {{a: {{run: x}}}}"

    assert [one.timeout_s for one in plan(f"defaults: {{timeout: 2h}}\n{tasks}").tasks] == [
        None,
        300.0,
        7200.0,
    ]
    assert plan(f"defaults: {{timeout: 2h}}\n{by_agent}").tasks[0].timeout_s is None
    assert plan(by_defaults).tasks[0].timeout_s == 7200.0


@pytest.mark.parametrize("prompt", ["- a list", "--help", "x" * 140_000])
def test_a_prompt_is_an_argument_since_a_terminal_is_the_standard_input(prompt):
    task = f"tasks:\n  a: {{agent: codex, prompt: '{prompt}', tty: true}}\n"
    agent = plan(task).agent_of(plan(task).tasks[0])
    assert agent is not None

    for call in (first_call(agent, prompt), next_call(agent, prompt, "it failed")):
        assert call.stdin == ""
        assert any(prompt in word and not word.startswith("-") for word in call.command)

    assert any("more than 128 KiB" in text for _, text in warnings_of(task)) is is_too_long(prompt)
    piped = task.replace("tty: true", "tty: false")
    assert not any("more than 128 KiB" in text for _, text in warnings_of(piped))
