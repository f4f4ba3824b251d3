"""`porch demo`: a two-minute tour: a small real repository, and a plan that shows what porch does."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from porch_tui.cli.arguments import add_how_to_run, add_on
from porch_tui.cli.commands.run import CANCELLED, is_headless, run_plan, unhurried_headless
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say
from porch_tui.demo.repository import make_repository

ABOUT = """\
porch demo: a small calculator in {root}

Its plan has six tasks, which run side by side:

  mul, div        write to the same lines: the second is in conflict
  rename, useadd  break the tests together: the second is rejected
  whisper         is slow, and in the way of none
  fetch           fails on purpose: leave it

Three of the first five land on main without you, and main passes its tests
all the time. The other two need you: {how}.
"""
ON_SCREEN = "the screen says which key is next"
WITHOUT_SCREEN = "at the end stands what to type"
AFTERWARDS = """
Look around: cd {root}
  porch                         the screen again
  porch report                  how it all went
  git log --oneline --graph     what landed"""


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
    """Make the repository, say what is about to happen, and run its plan.

    Its tasks fail and conflict on purpose, so exit code 1 is a success here.
    """
    folder = Path(options.folder) if options.folder else Path(tempfile.mkdtemp(prefix="porch-demo-"))
    root = make_repository(folder)
    options.directory = str(root)
    repository = repository_at(str(root))
    has_screen = not options.detach and not is_headless(options)
    say(ABOUT.format(root=root, how=ON_SCREEN if has_screen else WITHOUT_SCREEN))
    if has_screen and not _is_begun():
        say("porch: cancelled; nothing was started")
        return CANCELLED
    with unhurried_headless(options):
        code = run_plan(options, repository, None)
    if options.json or options.detach:
        return code
    say(AFTERWARDS.format(root=root))
    return 0 if code == 1 else code


def _is_begun() -> bool:
    """Wait until the person has read that, as the screen covers it; say whether they want to begin."""
    say("Press enter to begin, ctrl+c to leave.")
    try:
        return bool(sys.stdin.readline())
    except KeyboardInterrupt:
        return False
