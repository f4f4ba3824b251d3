"""`porch budget`: lets tasks, or the whole run, use more than the plan gives them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from functools import reduce

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import tasks_named
from porch_tui.cli.steering import steer
from porch_tui.core.model.budget import Budget, together
from porch_tui.core.model.commands import RaiseBudget
from porch_tui.core.model.state import RunState
from porch_tui.errors import PlanError
from porch_tui.journal.inbox import new_command_id
from porch_tui.planfile.values.value_parsing import seconds, token_count

MORE = "+"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="[TASK ...] +AMOUNT",
        help="+5usd, +1M or +200k tokens, +30m or +1h30m of time; without TASK, of the run",
    )
    add_steering(parser)


def run(options: argparse.Namespace) -> int:
    """Raise the budgets of the tasks named, or of the run."""
    amounts = [word for word in options.words if word.startswith(MORE)]
    names = [word for word in options.words if not word.startswith(MORE)]
    if not amounts:
        raise PlanError("say how much more, such as porch budget auth +1M: +5usd, +1M tokens, +30m of time")
    by = reduce(together, map(_amount, amounts))

    def commands(state: RunState) -> Sequence[RaiseBudget]:
        tasks = tasks_named(state, names) if names else [None]
        return [RaiseBudget(new_command_id(), task, by) for task in tasks]

    return steer(options, commands)


def _amount(word: str) -> Budget:
    """Return the amount that a word such as `+5usd` means; PlanError if it means none."""
    text = word.removeprefix(MORE)
    if re.fullmatch(r"(?=.*[1-9])\d{1,9}(\.\d{1,6})?usd", text):
        return Budget(usd=float(text.removesuffix("usd")))
    if re.fullmatch(r"(?=.*[1-9])\d{1,9}(\.\d{1,6})?[kKM]", text):
        return Budget(tokens=token_count(text))
    if re.fullmatch(r"(?=.*[1-9])(\d{1,5}h)?(\d{1,5}m)?(\d{1,9}s)?", text):
        return Budget(wall_s=seconds(text))
    raise PlanError(f"{word} is no amount; expected +5usd, +1M or +200k (tokens), or +30m or +1h30m (time)")
