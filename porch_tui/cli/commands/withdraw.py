"""`porch withdraw`: takes entries out of the merge queue."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.steering import steer_tasks
from porch_tui.core.model.commands import WithdrawEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Withdraw the tasks named."""
    return steer_tasks(options, WithdrawEntry)
