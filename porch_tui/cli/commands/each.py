"""`porch each`: one check for each file, line or word, without a plan file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from porch_tui.cli.arguments import add_on, add_screen, count
from porch_tui.cli.commands.run import is_headless, refuse_within_a_task, unhurried_headless, work_on
from porch_tui.cli.each_plan import FILE, each_plan
from porch_tui.cli.failures import failure_logs, print_failures
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import palette, replace_file, say, write, write_line
from porch_tui.cli.plans import prepared
from porch_tui.core.model import events as e
from porch_tui.core.model.events import Record
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import base_checkout
from porch_tui.journal.rundir import RunDir
from porch_tui.planfile.read import PlanFile
from porch_tui.report.checks import checks_text
from porch_tui.report.junit import junit_document
from porch_tui.report.progress import progress_line
from porch_tui.session.session import Session

MOST_SHOWN = 20
"""Failures whose output is printed; the others are in their logs."""
LAST_LINES = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = "porch each GLOB… -- COMMAND…"
    parser.add_argument(
        "globs", nargs="*", metavar="GLOB", help="tracked files; one that ends in / finds folders"
    )
    parser.add_argument(
        "behind",
        nargs="*",
        metavar="COMMAND",
        help="behind --: one text for the shell, or a program and its arguments; {} is the item,"
        " which is added at the end if it is nowhere",
    )
    items = parser.add_argument_group("instead of GLOB")
    items.add_argument("--list", metavar="FILE", help="a file with an item on each line; - is standard input")
    items.add_argument("--lines", metavar="CMD", help="a command that prints an item on each line")
    parser.add_argument(
        "--shared", action="store_true", help="the checks only read: run all of them in one worktree"
    )
    parser.add_argument(
        "--batch", type=count, default=1, metavar="N", help="give N items to each check; {} is all of them"
    )
    parser.add_argument("--max-fail", type=count, metavar="N", help="start no more after N failures")
    parser.add_argument("--slots", type=count, metavar="N", help="run N checks at once")
    add_on(parser, "where checks run")
    parser.add_argument("--setup", metavar="CMD", help="run once in each new worktree, before the check")
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")
    parser.add_argument("--headless", action="store_true", help="no screen: print what fails, then a summary")
    parser.add_argument("--json", action="store_true", help="records and the final status as JSON")
    add_screen(parser)
    parser.set_defaults(detach=False, wait=False, allow_red_base=False)


def run(options: argparse.Namespace) -> int:
    """Run the checks; 1 if one fails."""
    with unhurried_headless(options):
        repository = repository_at(options.directory)
        refuse_within_a_task(repository)
        read = each_plan(options, repository)
        for warning in read.warnings:
            say(f"porch: {warning.shown(FILE)}")
        with _base_checkout(options, repository, read.plan):
            return _run(options, repository, read)


@contextmanager
def _base_checkout(options: argparse.Namespace, repository: Repository, plan: Plan) -> Iterator[None]:
    """Begin what worktrees are copied from, while the engine is imported."""
    branch = refs.branch_of_head(repository.git_dir)
    tip = refs.loose(repository.common_dir, f"refs/heads/{branch}") if branch else None
    if tip and is_headless(options) and not options.shared:
        base_checkout.begin(repository, tip, len(plan.tasks))
    try:
        yield
    finally:
        base_checkout.end(repository)


def _run(options: argparse.Namespace, repository: Repository, read: PlanFile) -> int:
    from porch_tui.core.forecast.verdict import Mode
    from porch_tui.engine.new_run import RunOverrides, open_run

    overrides = RunOverrides(slots=options.slots, mode=Mode.PARALLEL, is_insecure=options.insecure)
    ready = prepared(repository, read, FILE, overrides, is_to_run=True)
    for text in (*(one.shown(FILE) for one in read.warned(ready.about_places)), *ready.warnings):
        say(f"porch: {text}")
    rundir = open_run(ready, read.content)
    if not options.json:
        say(f"run {rundir.run}: {counted(len(read.plan.tasks), 'check')}")
    if is_headless(options) and not options.json:
        code = _work(rundir, repository)
    else:
        code = work_on(options, repository, rundir)
    session = Session(rundir)
    if options.junit is not None:
        text = junit_document(session.state, failure_logs(session))
        replace_file(Path(options.directory) / options.junit, text.encode())
    # whoever leaves the screen while checks run has seen none fail yet
    return code or int(any(task.status is TaskStatus.FAILED for task in session.state.tasks.values()))


def _work(rundir: RunDir, repository: Repository) -> int:
    """Run the checks in the foreground; print what fails as it does, and how all came out at the end."""
    from porch_tui.cli.engine_here import work
    from porch_tui.cli.run_report import conclude

    code = work(rundir, repository, _print_news)
    session = Session(rundir)
    print_failures(session, MOST_SHOWN, LAST_LINES)
    write("".join(f"{line}\n" for line in checks_text(session.state, palette())))
    conclude(rundir, repository, session)
    return code


def _print_news(records: Sequence[Record], state: RunState) -> None:
    """Print what does not go as it should."""
    for record in records:
        if isinstance(record.event, e.AttemptFailed | e.Noticed) and (line := progress_line(state, record)):
            write_line(line)
