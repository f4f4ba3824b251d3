"""Plan texts read in one line, for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model.plan import Plan, TaskSpec
from porch_tui.planfile.mistakes import PlanMistakes
from porch_tui.planfile.read import plan_from

FULL = Path(__file__).with_name("full.yaml").read_text(encoding="utf-8")
ONE_TASK = "tasks: {a: {run: x}}\n"


def plan(text: str) -> Plan:
    return plan_from(text.encode(), "porch.yaml", "porch").plan


def spec_in(plan: Plan, task: str) -> TaskSpec:
    return next(spec for spec in plan.tasks if spec.id == task)


def warnings_of(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in plan_from(text.encode(), "porch.yaml", "porch").warnings]


def refusal(content: str | bytes) -> str:
    """Return the message for a plan that is refused."""
    content = content.encode() if isinstance(content, str) else content
    with pytest.raises(PlanMistakes) as caught:
        plan_from(content, "porch.yaml", "porch")
    return str(caught.value)


def task(keys: str) -> str:
    """Return a plan with task `b` and, in line 2, task `a` with these keys."""
    return f"tasks:\n  a: {{{keys}}}\n  b: {{run: x}}\n"
