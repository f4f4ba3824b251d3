"""`porch release`: lets held entries of the merge queue be merged."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.steering import steer_tasks
from porch_tui.core.model.commands import ReleaseEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Release the tasks named."""
    return steer_tasks(options, ReleaseEntry)
