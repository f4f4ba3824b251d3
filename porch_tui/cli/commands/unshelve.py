"""`porch unshelve`: restore the work that `porch clean --shelve` has shelved."""

from __future__ import annotations

import argparse
import os
import shlex

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.housekeeping import shelving
from porch_tui.present.clean import clean


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("tasks", nargs="+", metavar="TASK")
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Restore the work of tasks, and say where it is."""
    repository = repository_at(options.directory)
    rundir = run_named(repository, options.run)
    restored = shelving.unshelve(repository, rundir, options.tasks)
    if options.json:
        tasks = [{"task": one.task, "worktree": str(one.path), "branch": one.branch} for one in restored]
        write_json({"run": rundir.run, "unshelved": tasks})
    else:
        for one in restored:
            place = shlex.quote(os.path.relpath(one.path, repository.root))
            write(f"restored {one.task} in {clean(place)}, on branch {one.branch}\n")
    for one in restored:
        if one.doubt:
            say(f"porch: {one.task}: {one.doubt}")
    return 0
