"""What to do in a repository where porch has done nothing yet."""

from __future__ import annotations

from pathlib import Path

PLAN_NAMES = ("porch.yaml", "porch.yml")

BEGINNINGS = """\
  porch init         writes a plan that fits this repository, for you to edit
  porch plan "GOAL"  has an agent write one; --from FILE makes one of a list
  porch demo         shows porch at work, in a small repository of its own"""


def plan_in(root: Path) -> Path | None:
    """Return the plan file of a repository, if it has one."""
    return next((root / name for name in PLAN_NAMES if (root / name).exists()), None)


def first_steps(root: Path) -> str:
    """Return what to do where there was no run yet."""
    plan = plan_in(root)
    if plan is None:
        return f"no run yet, and no plan ({PLAN_NAMES[0]}) in {root}. To begin:\n{BEGINNINGS}"
    return f"no run yet; porch check says what to expect of {plan.name}, and porch run starts it"
