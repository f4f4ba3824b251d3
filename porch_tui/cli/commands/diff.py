"""`porch diff`: shows what a task changes on the target, or what it has changed so far."""

from __future__ import annotations

import argparse
import os
import sys

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.output.printing import has_colors, say, write_json
from porch_tui.cli.output.streams import put_out
from porch_tui.cli.review.desk import page
from porch_tui.cli.review.task_diff import TaskDiff, task_diff
from porch_tui.core.model.index import awaits_review
from porch_tui.journal.reviewing import remember_shown
from porch_tui.present.explain import after_review


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--stat", action="store_true", help="a line a file, with how much has changed")
    how.add_argument("--name-only", action="store_true", help="the names of the files only")
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the difference; on a terminal through git's pager, with what it is before and after it."""
    repository, session = session_of(options)
    state, task = session.state, task_named(session.state, options.task)
    with task_diff(repository, state, task) as diff:
        if options.json:
            write_json({"run": session.rundir.run, **document(diff)})
        else:
            say(f"porch: {diff.about}")
            for hint in diff.hints:
                say(f"porch: {hint}")
            short = ["--stat"] if options.stat else ["--name-only"] if options.name_only else []
            if sys.stdout.isatty():
                page(diff, short if has_colors() else ["--no-color", *short])
            else:
                put_out(diff.patch(*short))
        is_whole = not (options.stat or options.name_only)
        if diff.head is not None and awaits_review(state, task):
            if is_whole:
                remember_shown(session.rundir, task, diff.head)
            if not options.json:
                say(f"porch: next: {after_review(state, task)}")
    return 0


def document(diff: TaskDiff) -> dict[str, object]:
    """Return what a task changes, for programs."""
    return {
        "task": diff.task,
        "what": diff.what.value,
        "about": diff.about,
        "head": diff.head,
        "before": diff.before,
        "after": diff.after,
        "conflicts": list(diff.conflicts),
        "hints": list(diff.hints),
        "files": diff.files(),
        "patch": os.fsdecode(diff.patch()),
    }
