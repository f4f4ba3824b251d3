"""The two-minute tour: a small real repository with a plan that meets everything porch is for."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from porch_tui.cli.commands.run import at_readers_pace, begin
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import say, write
from porch_tui.cli.run_report import story_of
from porch_tui.demo.repository import make_repository
from porch_tui.session.session import Session


def demo(options: argparse.Namespace) -> int:
    """Make the repository, run its plan, and tell the whole story.

    Its tasks fail and conflict on purpose, so that this is no failure of the tour.
    """
    folder = Path(options.folder) if options.folder else Path(tempfile.mkdtemp(prefix="porch-demo-"))
    root = make_repository(folder)
    options.directory = str(root)
    options.slots, options.on, options.serial, options.parallel = None, None, False, True
    options.allow_red_base, options.fresh, options.beside = False, False, False
    repository = repository_at(str(root))
    with at_readers_pace(options):
        code = begin(options, repository, None)
    if options.json or options.detach:
        return code
    write(f"\n{story_of(Session(run_named(repository, None)), repository).text()}\n")
    say(f"\nLook around: cd {root}; git log --oneline --graph; porch report")
    return 0 if code == 1 else code
