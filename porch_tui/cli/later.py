"""Commands of the contract that a later version brings."""

from __future__ import annotations

import argparse

from porch_tui.errors import PlanError


def refuse(options: argparse.Namespace) -> int:
    """Raise PlanError: not supported yet."""
    raise PlanError(f"porch {options.verb} is not supported yet")
