"""Which tasks of a plan have a terminal, of which size, and what is refused."""

from __future__ import annotations

import pytest

from porch_tui.core.model.plan import TIMEOUT_S, Terminal
from tests.planfile.plan_reading import plan, refusal

AGENT = "agents: {c: {preset: codex, tty: true, size: 90x20}}"


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
    ],
)  # fmt: skip
def test_what_no_terminal_can_be_is_refused_with_its_place(text, found):
    assert "porch.yaml:1:" in refusal(text) and found in refusal(text)


def test_an_interactive_task_has_no_timeout_unless_the_plan_gives_one():
    tasks = "tasks: {a: {run: x, tty: true}, b: {run: x, tty: true, timeout: 5m}, c: {run: x}}"

    assert [task.timeout_s for task in plan(tasks).tasks] == [None, 300.0, TIMEOUT_S]
    assert plan(f"defaults: {{timeout: 2h}}\n{tasks}").tasks[0].timeout_s == 7200.0
