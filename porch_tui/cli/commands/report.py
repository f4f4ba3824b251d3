"""`porch report`: prints the report of a run, or writes it to a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from porch_tui.cli.arguments import add_run
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import replace_file, write
from porch_tui.cli.run_report import run_report, run_trace
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    formats = ["text", "md", "json", "html", "trace"]
    parser.add_argument("--format", choices=formats, default="text", help="default: text")
    parser.add_argument("-o", dest="output", metavar="FILE", help="write it to FILE")


def run(options: argparse.Namespace) -> int:
    """Print or write the report in the chosen format."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    report = run_report(session, repository)
    formats: dict[str, Callable[[], str]] = {
        "text": report.text,
        "md": report.markdown,
        "json": report.json,
        "html": report.html,
        "trace": lambda: run_trace(session),
    }
    text = formats[options.format]()
    if options.output in (None, "-"):
        write(text)
    else:
        replace_file(Path(options.directory) / options.output, text.encode("utf-8", "backslashreplace"))
    return 0
