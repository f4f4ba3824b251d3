"""`porch settings`: lists a person's own settings and where each came from, or opens them in the editor."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.lookup import is_terminal
from porch_tui.cli.output.printing import say, write
from porch_tui.cli.remembered import read_remembered, remembered_file
from porch_tui.cli.screen.keymap import checked_keys
from porch_tui.cli.settings import Settings, read_settings, settings_file
from porch_tui.cli.settings_text import commented_file, settings_listing
from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.editor import edit_anywhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "what", nargs="?", choices=["edit"], metavar="edit", help="open the file in your editor; begins it"
    )


def run(options: argparse.Namespace) -> int:
    """List the settings, or have them edited; then print what is wrong with them."""
    file = settings_file()
    if options.what == "edit":
        _edit(file)
    settings = read_settings()
    if options.what != "edit":
        write(f"{settings_listing(file, settings, read_remembered(), remembered_file())}\n")
    _warn(settings)
    return 0


def _edit(file: Path) -> None:
    """Open the file in the editor; one that is not there is begun, with every setting in a comment."""
    if not is_terminal():
        raise RepositoryError(f"an editor takes a terminal; the settings are in {file}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(commented_file())
    except FileExistsError:
        pass
    except OSError as error:
        raise RefusedError(f"{file} cannot be begun: {error.strerror}") from error
    edit_anywhere(file, read_settings().editor)


def _warn(settings: Settings) -> None:
    for warning in (*settings.warnings, *checked_keys(settings).warnings):
        say(f"porch: {warning}")
