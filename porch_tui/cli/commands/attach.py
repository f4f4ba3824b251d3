"""attach, as far as it goes before anything slow is imported: a sign of life.

What follows takes several times as long as the interpreter's own start, so
this file may import nothing but the splash and what tells whether to show it.
"""

from __future__ import annotations

import argparse
import sys

from porch_tui.cli.quick_imports import import_msgspec
from porch_tui.tui.terminal.environment import is_usable_terminal
from porch_tui.tui.terminal.splash import splash


def attach(options: argparse.Namespace) -> int:
    """Open the screen on a run; what is refused is told on the normal screen."""
    if not (is_usable_terminal() and sys.stdout.isatty()):
        return _attach(options)
    with splash("porch"):
        return _attach(options)


def _attach(options: argparse.Namespace) -> int:
    import_msgspec()
    from porch_tui.cli.commands.run import attach

    return attach(options)
