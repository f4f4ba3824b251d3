"""`porch report`: prints the report of a run, or writes it to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.arguments import add_run
from porch_tui.cli.failures import failure_logs
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import replace_file, write
from porch_tui.cli.run_report import report_facts, run_trace
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.text import as_text
from porch_tui.report.junit import junit_document
from porch_tui.report.report import report_page
from porch_tui.report.report_json import report_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    formats = ["text", "md", "json", "html", "junit", "trace"]
    about = "default: text; md fits a comment on GitHub"
    parser.add_argument("--format", choices=formats, default="text", help=about)
    parser.add_argument(
        "--json", dest="format", action="store_const", const="json", help="the same as --format json"
    )
    parser.add_argument("-o", dest="output", metavar="FILE", help="write it to FILE")


def run(options: argparse.Namespace) -> int:
    """Print or write the report in the chosen format."""
    repository, session = session_of(options)
    facts = report_facts(session, repository)
    match options.format:
        case "md":
            text = as_markdown(report_page(facts))
        case "json":
            text = as_json(report_document(facts))
        case "html":
            text = as_html(report_page(facts))
        case "junit":
            text = junit_document(session.state, failure_logs(session))
        case "trace":
            text = run_trace(session)
        case _:
            text = as_text(report_page(facts))
    if options.output in (None, "-"):
        write(text)
    else:
        replace_file(Path(options.directory) / options.output, text.encode("utf-8", "backslashreplace"))
    return 0
