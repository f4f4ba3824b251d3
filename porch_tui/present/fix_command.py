"""What to type to see, and have written, what runs have taught about a plan."""

from __future__ import annotations

import shlex

DEFAULT_PLANS = ("porch.yaml", "porch.yml")


def fix_command(plan_path: str) -> str:
    """Return what to type for the advice about a plan file, by its path from the root of the repository."""
    return (
        "porch check --fix" if plan_path in DEFAULT_PLANS else f"porch check {shlex.quote(plan_path)} --fix"
    )
