"""`porch demo`: a two-minute tour: a small real repository, and a plan that shows what porch does."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from porch_tui.cli.arguments import add_how_to_run, add_on
from porch_tui.cli.commands.run import run_plan, unhurried_headless
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import say, write
from porch_tui.cli.run_report import report_facts
from porch_tui.demo.repository import make_repository
from porch_tui.report.forms.text import as_text
from porch_tui.report.report import report_page
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", help="where to create it (default: a temporary folder)"
    )
    add_how_to_run(parser)
    add_on(parser)
    parser.set_defaults(
        slots=None, serial=False, parallel=True, allow_red_base=False, fresh=False, beside=False
    )


def run(options: argparse.Namespace) -> int:
    """Make the repository, run its plan, and print the report.

    Its tasks fail and conflict on purpose, so exit code 1 is a success here.
    """
    folder = Path(options.folder) if options.folder else Path(tempfile.mkdtemp(prefix="porch-demo-"))
    root = make_repository(folder)
    options.directory = str(root)
    repository = repository_at(str(root))
    with unhurried_headless(options):
        code = run_plan(options, repository, None)
    if options.json or options.detach:
        return code
    facts = report_facts(Session(run_named(repository, None)), repository)
    write(f"\n{as_text(report_page(facts))}\n")
    say(f"\nLook around: cd {root}; git log --oneline --graph; porch report")
    return 0 if code == 1 else code
