"""`porch status`: prints the state of a run and what needs the person."""

from __future__ import annotations

import argparse
import os

from porch_tui.cli.arguments import add_json, add_run
from porch_tui.cli.lookup import session_of

SPACE_FOR_RECORDS_BYTES = 64 * 1024
"""With less free on the disk a record may not fit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the status; warnings go to stderr."""
    repository, session = session_of(options)
    # here, as importing them at the top would import first what `session_of` imports while git answers
    from porch_tui.cli.output.printing import say, write_json
    from porch_tui.cli.run_status import print_status, status_of
    from porch_tui.housekeeping.orphan_warning import orphan_warning

    folder = session.rundir.path
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < SPACE_FOR_RECORDS_BYTES and session.is_engine_alive():
        say(f"porch: the disk of {folder} is full: the run waits for free space")
    if warning := orphan_warning(session):
        say(f"porch: {warning}")
    if options.json:
        write_json(status_of(session, repository, is_engine_alive=session.is_engine_alive()))
    else:
        print_status(session, repository)
    return 0
