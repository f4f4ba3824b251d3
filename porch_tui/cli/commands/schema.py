"""`porch schema`: prints the JSON Schema of plan files."""

from __future__ import annotations

import argparse

from porch_tui.cli.output.printing import write_json
from porch_tui.planfile.reference import json_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command: none."""


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    write_json(json_schema())
    return 0
