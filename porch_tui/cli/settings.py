"""A person's own settings: `settings.toml` in porch's configuration folder.

A mistake in it is no reason not to start: it is reported with its line, and the default is used instead.
Earlier versions had keys of the screen in a file of their own, `keys.toml` beside it, which still counts.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from porch_tui.core.model.plan import CommandLine
from porch_tui.journal.durable import read_file
from porch_tui.present.arrangement import Layout, SortKey
from porch_tui.present.nearest import did_you_mean
from porch_tui.present.notify import Notify
from porch_tui.present.own_commands import OwnCommand, placeholders

LEAVE_KEYS = ("ctrl+]",)
LEAVE_KEY = re.compile(r"ctrl\+[a-z\]\\^_]|f(?:[1-9]|1[0-2])")
"""Keys that terminals send as bytes of their own."""
OTHER_NAMES = frozenset({"ctrl+i", "ctrl+j", "ctrl+m"})
"""Other names of tab and enter, which a task needs."""
NO_UTF8 = "a byte here is no UTF-8"
BOM = "\ufeff"
"""What some editors begin a file with."""
AUTO = "auto"
"""The theme that suits the terminal."""


class Origin(Struct, frozen=True):
    """Where something is set: a file and what stands there. As text: file and line, looked for only then."""

    file: Path
    text: str
    """Of the file, valid TOML."""
    name: str
    """As people write it: `bell`, `task.retry`, `commands.0.key`."""

    def __str__(self) -> str:
        from porch_tui.cli.toml_lines import line_of

        return f"{self.file}:{line_of(self.text, self.name)}"


class Settings(Struct, frozen=True):
    """What a person has set; the defaults are what they get without a file."""

    theme: str = AUTO
    layout: Layout = Layout.AUTO
    list_width: str | float = AUTO
    """Of the lists beside the log, in percent of the window."""
    sort: SortKey = SortKey.PLAN
    editor: str = ""
    """A command, to which the names of files are added; empty: git's."""
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
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of their action, `{"task.retry": "r,f5"}`. Which ids there are only the screen knows."""
    commands: tuple[OwnCommand, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Where something is set: of `bell`, `keys.task.retry`, `commands.0`."""
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
    example: str = ""
    """A value as it may be written, where the default does not show how."""


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _word(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) and value.isprintable() else None


def _notify(value: object) -> Notify | None:
    return Notify(value) if isinstance(value, str) and value in list(Notify) else None


def _layout(value: object) -> Layout | None:
    return Layout(value) if isinstance(value, str) and value in list(Layout) else None


def _sort(value: object) -> SortKey | None:
    return SortKey(value) if isinstance(value, str) and value in list(SortKey) else None


def _percent(value: object) -> str | float | None:
    if value == AUTO:
        return AUTO
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 1 <= value <= 99 else None


def _command(value: object) -> CommandLine | None:
    words = _texts(value)
    program = words[0].strip() if words else "none"
    is_line = " " in program and "/" not in program  # no list, but a command line in one word
    return words if program and not is_line else None


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


def _one_of(names: type[Notify] | type[Layout] | type[SortKey]) -> str:
    return " or ".join(f'"{one}"' for one in names)


A_TRUTH = "true or false"
A_COMMAND = 'a list of words, the program first, such as ["notify-send", "porch"]'
NAMES_OF_KEYS = 'the names of keys, such as "r" or "r,f5"'

KEYS: Mapping[str, Key] = {
    "theme": Key(
        "The colors of the screen",
        '"auto" (what suits the terminal), "dark", "light", "contrast", "ansi", or a theme of Textual',
        _word,
    ),
    "layout": Key("Where the lists are: beside the log or above it", _one_of(Layout), _layout),
    "list_width": Key(
        "How wide the lists beside the log are",
        '"auto", or percent of the window, from 1 to 99',
        _percent,
        "40",
    ),
    "sort": Key("What the list of tasks is sorted by", _one_of(SortKey), _sort),
    "editor": Key(
        "The editor, in place of the one git uses",
        'a command, such as "code --wait"',
        _word,
        '"code --wait"',
    ),
    "bell": Key("Ring the terminal's bell when something needs you", A_TRUTH, _truth),
    "notify": Key(
        "Show a notification when something needs you: by the terminal (osc9, osc777) or the desktop",
        _one_of(Notify),
        _notify,
    ),
    "title": Key("Say in the title of the window, and of a tmux window, how far the run is", A_TRUTH, _truth),
    "on_need": Key(
        "A command to run when something needs you", A_COMMAND, _command, '["notify-send", "porch"]'
    ),
    "on_end": Key("A command to run when a run has ended", A_COMMAND, _command, '["notify-send", "porch"]'),
    "leave_keys": Key(
        "What leaves the terminal of a task that you have stepped into",
        'a list of keys, such as ["ctrl+]", "f12"]: f1 to f12, or ctrl+ with a letter or one of ] \\ ^ _'
        " (not ctrl+i, ctrl+j and ctrl+m, which are tab and enter)",
        _leave_keys,
    ),
}
"""What may be in the file besides the tables; each is a field of `Settings`."""
TABLES: Mapping[str, str] = {
    "keys": 'a table [keys], with lines such as "task.retry" = "f5"',
    "commands": 'tables [[commands]], each with key = "f5" and run = ["make", "test"]',
}
IN_COMMAND = ("key", "run", "on", "label", "terminal")


def configuration_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where a person's own files are: `$XDG_CONFIG_HOME/porch`, else `~/.config/porch`."""
    return own_folder("XDG_CONFIG_HOME", ".config", environ)


def own_folder(variable: str, below_home: str, environ: Mapping[str, str]) -> Path:
    """Return porch's folder in one of the folders that a person has for all programs."""
    folder = Path(environ.get(variable, ""))
    if not folder.is_absolute():
        try:
            folder = Path("/") / Path.home() / below_home
        except RuntimeError:  # the home is unknown: look where nothing is
            folder = Path("/") / below_home
    return folder / "porch"


def settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings are looked for."""
    return configuration_folder(environ) / "settings.toml"


def read_settings(file: Path | None = None) -> Settings:
    """Return the settings of a file, by default the person's own. Never fails: mistakes are `warnings`."""
    file = file or settings_file()
    reading = _Reading()
    reading.take_keys_of(file.with_name("keys.toml"))
    reading.take(file)
    return Settings(
        **reading.values,  # type: ignore[arg-type]
        keys=reading.keys,
        commands=tuple(reading.commands),
        origins=reading.origins,
        warnings=tuple(reading.warnings),
    )


def leave_keys(settings: Settings | None = None) -> tuple[str, ...]:
    """Return the keys that leave the terminal of a task, by the names that people write: `ctrl+]`, `f12`."""
    return (settings or read_settings()).leave_keys


class _Reading:
    """What the files have, as far as they have been read; `Settings` is made of it."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.keys: dict[str, str] = {}
        self.commands: list[OwnCommand] = []
        self.origins: dict[str, Origin] = {}
        self.warnings: list[str] = []

    def take(self, file: Path) -> None:
        """Take over all that `settings.toml` sets."""
        found, place = self._parsed(file, "bell = false")
        for name, written in found.items():
            if name == "keys" and isinstance(written, dict):
                self._take_keys(flat(written), "keys.", place)
            elif name == "commands" and isinstance(written, list):
                for number, one in enumerate(written):
                    self._take_command(number, one, place)
            else:
                self._take_value(name, written, place(name))

    def take_keys_of(self, file: Path) -> None:
        """Take over the keys of a file of nothing else."""
        found, place = self._parsed(file, '"task.retry" = "f5"')
        self._take_keys(flat(found), "", place)

    def _parsed(self, file: Path, example: str) -> tuple[dict[str, Any], Callable[[str], Origin]]:
        """Return what a file has, and what says where; nothing, and a warning, if it cannot be understood."""
        text, found, why, hint = "", {}, "", ""
        try:
            text = read_file(file).decode().removeprefix(BOM)
        except FileNotFoundError:
            pass
        except OSError as error:
            why = f"{file}: the settings cannot be read: {error.strerror}"
        except UnicodeDecodeError as error:
            why = f"{file}:{bad_line(error)}: {NO_UTF8}"
        else:
            import tomllib  # not needed without such a file

            try:
                found = tomllib.loads(text)
            except tomllib.TOMLDecodeError as error:
                from porch_tui.cli.toml_lines import mistake

                line, said = mistake(error, text)
                why, hint = f"{file}:{line}: {said}", f"; a line looks like: {example}"
        if why:
            self.warnings.append(f"{why}; nothing of it is used{hint}")
        return found, partial(Origin, file, text)

    def _take_value(self, name: str, written: object, place: Origin) -> None:
        key = KEYS.get(name)
        value = None if key is None else key.taken(written)
        if value is not None:
            self.values[name] = value
            self.origins[name] = place
            return
        if key is not None or name in TABLES:
            expected = key.expected if key is not None else TABLES[name]
            why = f"found {_shown(written)} for {name}; expected {expected}"
        else:
            why = no_setting(next(iter(flat({name: written})), name))
        self.warnings.append(f"{place}: {why}; this line is not used")

    def _take_keys(self, found: Mapping[str, object], head: str, place: Callable[[str], Origin]) -> None:
        for id, written in found.items():
            if (keys := keys_taken(written)) is not None:
                self.keys[id] = keys
                self.origins[f"keys.{id}"] = place(f"{head}{id}")
            else:
                why = f"found {_shown(written)} for the key of {id}; expected {NAMES_OF_KEYS}"
                self.warnings.append(f"{place(f'{head}{id}')}: {why}; this line is not used")

    def _take_command(self, number: int, written: object, place: Callable[[str], Origin]) -> None:
        """Take over one of the person's own commands, or warn of what is wrong with it."""
        command = written if isinstance(written, dict) else {}
        run, on = _command(command.get("run")) or (), command.get("on", "task")
        key, label = _word(command.get("key")), _word(command.get("label", run[0] if run else "?"))
        takes_terminal = command.get("terminal") is True
        own = OwnCommand(key or "", run, label or "", on != "run", takes_terminal)
        at, why = _wrong_in(command, own)
        if why:
            self.warnings.append(f"{place(f'commands.{number}.{at}')}: {why}; this command is not used")
        else:
            self.origins[f"commands.{len(self.commands)}"] = place(f"commands.{number}")
            self.commands.append(own)


def _wrong_in(command: Mapping[str, object], own: OwnCommand) -> tuple[str, str]:
    """Return the key of a person's own command that is wrong, and why; nothing if all is well."""

    def found(name: str) -> str:
        return f"found {_shown(command[name])}" if name in command else "found nothing"

    for name in command:
        if name not in IN_COMMAND:
            return name, unknown(f"no key of a command is called {name!r}", name, IN_COMMAND)
    if not own.key or "," in own.key:
        return "key", f"{found('key')} for key; expected the name of one key, such as f5"
    if not own.run:
        return "run", f"{found('run')} for run; expected {A_COMMAND}"
    if command.get("on", "task") not in ("task", "run"):
        return "on", f'{found("on")} for on; expected "task" or "run"'
    if _truth(command.get("terminal", False)) is None:
        return "terminal", f"{found('terminal')} for terminal; expected {A_TRUTH}"
    if not own.label:
        return "label", f"{found('label')} for label; expected a few words"
    for name in placeholders(own.run):
        if name not in own.facts:
            known = ", ".join(f"{{{one}}}" for one in own.facts)
            return "run", f"found the placeholder {{{name}}}; expected {known}, or {{{{ and }}}} for braces"
    return "", ""


def no_setting(name: str) -> str:
    """Return that no setting has this name, and which was probably meant; it may be the key of an action."""
    of_actions: tuple[str, ...] = ()
    if "." in name:
        from porch_tui.tui.keys.bindings import known_ids  # slow to import

        of_actions = tuple(f"keys.{id}" for id in known_ids())
    return unknown(f"no setting is called {name!r}", name, (*KEYS, *TABLES), of_actions)


def unknown(what: str, name: str, known: tuple[str, ...], unlisted: tuple[str, ...] = ()) -> str:
    """Return that there is no such name, and what was probably meant; else what there is, listed."""
    return f"{what}; {did_you_mean(name, (*known, *unlisted), 'there are ' + ', '.join(known))}"


def keys_taken(value: object) -> str | None:
    """Return the keys of an action as they are used; None if it is no text of keys with commas."""
    if not isinstance(value, str) or not all(one.strip() for one in value.split(",")):
        return None
    return ",".join(one.strip() for one in value.split(","))


def bad_line(error: UnicodeDecodeError) -> int:
    """Return the line, from 1, of the first byte that is no UTF-8."""
    return error.object.count(b"\n", 0, error.start) + 1


def flat(table: Mapping[str, object], head: str = "") -> dict[str, object]:
    """Return the keys of a table and of those in it: without quotes, TOML makes tables of `task.retry`."""
    values: dict[str, object] = {}
    for name, value in table.items():
        values |= flat(value, f"{head}{name}.") if isinstance(value, dict) else {f"{head}{name}": value}
    return values


def _shown(value: object) -> str:
    text = as_written(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def as_written(value: object) -> str:
    """Return a value as it may be written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return str(int(value) if value.is_integer() else value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {as_written(one)}' for name, one in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_written, value))}]"
    return str(value)
