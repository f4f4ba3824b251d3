"""Plan texts read in one line, for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from porch_tui.core.model.plan import CommandLine, Plan, TaskSpec
from porch_tui.planfile.each.items import NO_ITEMS, ItemsError, ItemSource
from porch_tui.planfile.read import plan_from
from porch_tui.planfile.text.mistakes import PlanMistakes

FULL = Path(__file__).with_name("full.yaml").read_text(encoding="utf-8")
ONE_TASK = "tasks: {a: {run: x}}\n"


class Known:
    """Items of a repository that is only a list of files, which every command prints too."""

    def __init__(self, *files: str) -> None:
        self.files = files

    def tracked_files(self, commit: str | None) -> Sequence[str]:
        return self.files

    def printed_items(self, command: CommandLine) -> Sequence[str]:
        if "false" in command:
            raise ItemsError("the command failed with exit 1")
        return self.files


def plan(text: str, items: ItemSource | None = None) -> Plan:
    return plan_from(text.encode(), "porch.yaml", "porch", items or NO_ITEMS).plan


def spec_in(plan: Plan, task: str) -> TaskSpec:
    return next(spec for spec in plan.tasks if spec.id == task)


def warnings_of(text: str, items: ItemSource | None = None) -> list[tuple[int, str]]:
    read = plan_from(text.encode(), "porch.yaml", "porch", items or NO_ITEMS)
    return [(each.line, each.text) for each in read.warnings]


def refusal(content: str | bytes, items: ItemSource | None = None) -> str:
    """Return the message for a plan that is refused."""
    content = content.encode() if isinstance(content, str) else content
    with pytest.raises(PlanMistakes) as caught:
        plan_from(content, "porch.yaml", "porch", items or NO_ITEMS)
    return str(caught.value)


def theory(entry: str, own: str = "", after: str = "[]") -> str:
    """Return a plan with a hypothesis in line 2, its theory `t` in line 4, and another task `u`."""
    of = "run: x, kind: hypothesis, of: q"
    return f"hypotheses:\n  {entry}\ntasks:\n  t: {{{own}{of}}}\n  u: {{run: x, after: {after}}}\n"


def task(keys: str) -> str:
    """Return a plan with task `b` and, in line 2, task `a` with these keys."""
    return f"tasks:\n  a: {{{keys}}}\n  b: {{run: x}}\n"
