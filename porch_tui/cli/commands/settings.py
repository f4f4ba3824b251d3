"""`porch settings`: lists a person's own settings and where each came from, prints, sets and unsets one,
or opens them in the editor.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.cli.lookup import is_terminal
from porch_tui.cli.output.printing import say, write
from porch_tui.cli.remembered import forget, read_remembered, remembered_file, with_remembered
from porch_tui.cli.screen.keymap import checked_keys, usual_keys, why_not
from porch_tui.cli.screen.themes import theme_warning, why_no_theme
from porch_tui.cli.settings import (
    KEYS,
    NAMES_OF_KEYS,
    TABLES,
    Settings,
    as_written,
    keys_taken,
    no_setting,
    read_settings,
    settings_file,
)
from porch_tui.cli.settings_editing import set_in_file, unset_in_file
from porch_tui.cli.settings_text import commented_file, settings_listing, value_of
from porch_tui.errors import PlanError, RefusedError, RepositoryError
from porch_tui.git.editor import edit_anywhere

EDIT = "edit"
OF_KEY = "keys."
"""How the name of a setting begins that is the key of an action."""


class _Offered(tuple[str, ...]):
    """What the shell offers; others, such as `keys.task.retry`, may be typed as well."""

    def __contains__(self, name: object) -> bool:
        return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    names = _Offered((EDIT, *KEYS))
    parser.add_argument(
        "name",
        nargs="?",
        choices=names,
        metavar="KEY",
        help="print its value, such as that of theme or keys.task.retry; edit: open the file in your editor",
    )
    parser.add_argument(
        "value", nargs="*", metavar="VALUE", help="set it; several where it is a list (-- before options)"
    )
    parser.add_argument(
        "--unset", metavar="KEY", help="take it out of the file, and forget what you chose on the screen"
    )


def run(options: argparse.Namespace) -> int:
    """Do what was asked; then print what is wrong with the settings."""
    file, name, words = settings_file(), options.name, options.value
    if options.unset is not None:
        if name is not None:
            raise PlanError(f"--unset takes one key, and {name!r} is left; unset them one by one")
        _unset(file, options.unset)
    elif name is None:
        write(f"{settings_listing(file, read_settings(), read_remembered(), remembered_file())}\n")
    elif name == EDIT and not words:
        _edit(file)
    elif words:
        _set(file, name, words)
    else:
        _print(name)
        return 0  # what it prints may be read by a program, and the others are not its subject
    _warn(with_remembered(read_settings(), read_remembered()))
    return 0


def _print(name: str) -> None:
    _check_name(name)
    value, _ = _in_force(name)
    write(f"{value if isinstance(value, str) else as_written(value)}\n")


def _set(file: Path, name: str, words: Sequence[str]) -> None:
    _check_name(name)
    value = _taken(name, words)
    line = set_in_file(file, name, value, commented_file())
    write(f"{name} = {as_written(value)}  {file}:{line}\n")


def _unset(file: Path, name: str) -> None:
    """Take a setting out of the file, and of what the screen remembers; say what counts instead."""
    _check_name(name)
    unset_in_file(file, name)
    forget(name)
    value, origin = _in_force(name)
    write(f"{name} = {as_written(value)}  {origin}\n")


def _in_force(name: str) -> tuple[object, str]:
    """Return the value of a setting, and where it came from."""
    settings = read_settings()
    if not name.startswith(OF_KEY):
        return value_of(name, settings, read_remembered(), remembered_file())
    id = name.removeprefix(OF_KEY)
    return settings.keys.get(id, usual_keys(id)), str(settings.origins.get(name, "default"))


def _check_name(name: str) -> None:
    """Raise PlanError if no value has this name."""
    if name in TABLES:
        how = "keys.task.retry f5 sets one" if name == "keys" else "edit: write one into the file"
        raise PlanError(f"{name} has no value of its own, but {TABLES[name]}; porch settings {how}")
    key, sign, value = name.partition("=")
    if sign and key in KEYS:
        raise PlanError(f"no setting is called {name!r}; set it without =: porch settings {key} {value}")
    if name.startswith(OF_KEY):
        if why := why_not(name.removeprefix(OF_KEY)):
            raise PlanError(why)
    elif name not in KEYS:
        raise PlanError(no_setting(name))


def _taken(name: str, words: Sequence[str]) -> object:
    """Return what was typed as the file has it, once it is known to be good.

    A value may be typed as it stands in the file, `'["a", "b"]'`, or plainly, as `dark` or `a b`.
    """
    readings: list[object] = []
    if len(words) == 1:
        with suppress(tomllib.TOMLDecodeError):
            readings += tomllib.loads(f"value = {words[0]}").values()
        readings.append(words[0])
    readings.append(list(words))
    is_key = name.startswith(OF_KEY)
    taken = keys_taken if is_key else KEYS[name].taken
    value = next((one for one in readings if taken(one) is not None), None)
    typed = " ".join(words)
    if value is None or not typed.isprintable():
        expected = NAMES_OF_KEYS if is_key else KEYS[name].expected
        raise PlanError(f"found {as_written(typed)} for {name}; expected {expected}")
    why = ""
    if is_key:
        why = why_not(name.removeprefix(OF_KEY), keys_taken(value))
    elif name == "theme":
        why = why_no_theme(str(value))
    if why:
        raise PlanError(why)
    return value


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
    if not edit_anywhere(file, read_settings().editor):
        raise RepositoryError(
            f"the editor ended with an error, and {file} is as it left it;"
            " another one: porch settings editor COMMAND"
        )


def _warn(settings: Settings) -> None:
    for warning in (*settings.warnings, theme_warning(settings), *checked_keys(settings).warnings):
        if warning:
            say(f"porch: {warning}")
