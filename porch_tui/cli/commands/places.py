"""`porch places`: prints where a run's tasks run, and what has become of those places."""

from __future__ import annotations

import argparse
import time

from porch_tui.cli.arguments import add_json, add_run
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import palette, width, write, write_json
from porch_tui.report.places import places_json, places_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the places."""
    _, session = session_of(options)
    state, is_alive = session.state, session.is_engine_alive()
    if options.json:
        write_json(places_json(state, engine_is_alive=is_alive))
    else:
        text = places_text(state, engine_is_alive=is_alive, now=time.time(), palette=palette(), width=width())
        write(text)
    return 0
