"""`porch conflicts`: lists the conflicts of a run, and what each side changed."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.conflict.desk import ConflictDesk, in_conflict
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.output.printing import write, write_json
from porch_tui.core.conflict.view import document
from porch_tui.report.conflict_text import conflicts_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", nargs="?", metavar="TASK")
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the conflicts of a run, or of one task."""
    repository, session = session_of(options)
    tasks = [task_named(session.state, options.task)] if options.task else in_conflict(session)
    desk = ConflictDesk(repository, session.rundir, lambda: session)
    found = [desk.conflict_view(task) for task in tasks]
    if options.json:
        write_json({"run": session.rundir.run, "conflicts": [document(one) for one in found]})
    else:
        write(conflicts_text(found))
    return 0
