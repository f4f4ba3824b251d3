"""`porch resume-tasks`: resumes frozen tasks, or the run."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.commands.pause import pause_or_resume
from porch_tui.core.model import commands as c


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--all", action="store_true", help="start tasks again, and resume all frozen ones")
    add_steering(parser, "*")


def run(options: argparse.Namespace) -> int:
    """Resume the tasks named, or the run."""
    return pause_or_resume(options, c.ResumeRun, c.ResumeTask)
