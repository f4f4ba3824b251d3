"""`porch hold`: keeps entries of the merge queue from being merged."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.steering import steer_tasks
from porch_tui.core.model.commands import HoldEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Hold the tasks named."""
    return steer_tasks(options, HoldEntry)
