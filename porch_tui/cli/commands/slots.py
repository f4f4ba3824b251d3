"""`porch slots`: changes how many tasks run at once."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering, slots
from porch_tui.cli.steering import steer
from porch_tui.core.model.commands import SetSlots
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("slots", type=slots, metavar="N", help="or auto: as many as the machine has room for")
    add_steering(parser)


def run(options: argparse.Namespace) -> int:
    """Set the slots."""
    return steer(options, lambda state: [SetSlots(new_command_id(), options.slots)])
