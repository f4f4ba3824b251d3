"""A person's own settings: `settings.toml` in porch's configuration folder, beside `keys.toml`.

A mistake in it is no reason not to start: it is reported with its line, and the default is used instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from porch_tui.core.model.plan import CommandLine
from porch_tui.present.notify import Notify

LEAVE_KEYS = ("ctrl+]",)
LEAVE_KEY = re.compile(r"ctrl\+[a-z\]\\^_]|f(?:[1-9]|1[0-2])")
"""Keys that terminals send as bytes of their own."""
OTHER_NAMES = frozenset({"ctrl+i", "ctrl+j", "ctrl+m"})
"""Other names of tab and enter, which a task needs."""


class Settings(Struct, frozen=True):
    """What a person has set; the defaults are what they get without a file."""

    bell: bool = True
    """The terminal's bell rings when something needs the person."""
    notify: Notify = Notify.OFF
    title: bool = True
    """The window's title, and the name of a tmux window, say how far the run is."""
    on_need: CommandLine = ()
    """Run by the engine when something needs the person."""
    on_end: CommandLine = ()
    """Run by the engine when a run has ended."""
    leave_keys: tuple[str, ...] = LEAVE_KEYS
    """What leaves the terminal of a task that the person has stepped into."""
    warnings: tuple[str, ...] = ()
    """What was wrong with the file, each with its line."""


class Key(Struct, frozen=True):
    """One key of the file."""

    meaning: str
    """A sentence without its full stop."""
    expected: str
    """What belongs there, in words."""
    taken: Callable[[Any], object | None]
    """Returns the value as `Settings` has it; None if it is not what belongs there."""


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _notify(value: object) -> Notify | None:
    return Notify(value) if isinstance(value, str) and value in list(Notify) else None


def _command(value: object) -> CommandLine | None:
    words = _texts(value)
    return words if words is not None and (not words or words[0].strip()) else None


def _leave_keys(value: object) -> tuple[str, ...] | None:
    keys = _texts(value)
    if not keys:
        return None
    good = all(LEAVE_KEY.fullmatch(key) and key not in OTHER_NAMES for key in keys)
    return tuple(dict.fromkeys(keys)) if good else None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(one, str) and "\0" not in one for one in value):
        return None
    return tuple(value)


PAGE_WIDTH = 79
A_TRUTH = "true or false"
A_COMMAND = 'a list of words, the program first, such as ["notify-send", "porch"]'

KEYS: Mapping[str, Key] = {
    "bell": Key("Ring the terminal's bell when something needs you", A_TRUTH, _truth),
    "notify": Key(
        "Show a notification when something needs you: by the terminal (osc9, osc777) or the desktop",
        " or ".join(f'"{one}"' for one in Notify),
        _notify,
    ),
    "title": Key("Say in the title of the window, and of a tmux window, how far the run is", A_TRUTH, _truth),
    "on_need": Key("A command to run when something needs you", A_COMMAND, _command),
    "on_end": Key("A command to run when a run has ended", A_COMMAND, _command),
    "leave_keys": Key(
        "What leaves the terminal of a task that you have stepped into",
        'a list of keys, such as ["ctrl+]", "f12"]: f1 to f12, or ctrl+ with a letter or one of ] \\ ^ _'
        " (not ctrl+i, ctrl+j and ctrl+m, which are tab and enter)",
        _leave_keys,
    ),
}
"""What may be in the file; each is a field of `Settings`."""


def configuration_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where a person's own files are: `$XDG_CONFIG_HOME/porch`, else `~/.config/porch`."""
    folder = Path(environ.get("XDG_CONFIG_HOME", ""))
    if not folder.is_absolute():
        try:
            folder = Path.home() / ".config"
        except RuntimeError:  # the home is unknown: look where nothing is
            folder = Path("/.config")
    return folder / "porch"


def settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings are looked for."""
    return configuration_folder(environ) / "settings.toml"


def read_settings(file: Path | None = None) -> Settings:
    """Return the settings of a file, by default the person's own. Never fails: mistakes are `warnings`."""
    file = file or settings_file()
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        return Settings(warnings=(f"{file}: the settings cannot be read: {error}; the defaults are used",))
    import tomllib  # not needed without such a file

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{file}:{line[1] if line else len(text.splitlines())}"
        return Settings(
            warnings=(f"{place}: {error}; a line looks like: bell = false; nothing of it is used",)
        )
    values: dict[str, object] = {}
    warnings = []
    for name, written in found.items():
        key = KEYS.get(name)
        value = None if key is None else key.taken(written)
        if value is not None:
            values[name] = value
            continue
        why = (
            _unknown(name) if key is None else f"found {_shown(written)} for {name}; expected {key.expected}"
        )
        warnings.append(f"{file}:{_line_of(name, text)}: {why}; this line is not used")
    return structs.replace(Settings(**values), warnings=tuple(warnings))  # type: ignore[arg-type]


def leave_keys(settings: Settings | None = None) -> tuple[str, ...]:
    """Return the keys that leave the terminal of a task, by the names that people write: `ctrl+]`, `f12`."""
    return (settings or read_settings()).leave_keys


def settings_reference() -> str:
    """Return what `porch help settings` ends with: every setting, what belongs there, and its default."""
    from textwrap import fill

    usual, lines = Settings(), []
    for name, key in KEYS.items():
        text = f"- `{name}`: {key.meaning}; {key.expected}; default: {_written(getattr(usual, name))}"
        lines.append(fill(text, PAGE_WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    return "\n".join(lines)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, KEYS, 1)
    return f"no setting is called {name!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"there are {', '.join(KEYS)}"
    )


def _shown(value: object) -> str:
    text = _written(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _written(value: object) -> str:
    """Return a value as it may be written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return str(value)


def _line_of(name: str, text: str) -> int:
    """Return the line of a key or table, from 1; of a name that is written with escapes, the first."""
    head = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if head.match(line)), 1)
