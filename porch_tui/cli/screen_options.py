"""What a person may say on the command line about how the screen is drawn. Imports nothing slow."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import count


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Let a command that opens the screen be told."""
    screen = parser.add_argument_group("screen")
    screen.add_argument("--fps", type=count, metavar="N", help="frames a second (default 10, over SSH 4)")
    screen.add_argument(
        "--low-bandwidth", action=argparse.BooleanOptionalAction, default=None, help="spare the line"
    )
    screen.add_argument(
        "--ascii", action="store_true", help="no characters beyond ASCII in porch's own signs"
    )
    screen.add_argument(
        "--theme", default="", metavar="NAME", help="dark, light, contrast, ansi, or a theme of textual's"
    )
    screen.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
