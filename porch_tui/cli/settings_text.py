"""The settings as text: what `porch settings` lists, the file it begins, and the end of its help page."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from porch_tui.cli.remembered import Remembered
from porch_tui.cli.settings import KEYS, Settings, as_written

PAGE_WIDTH = 79
WIDEST_VALUE = 34
TABLES = """\
# Keys of your own, by the id of the action; porch help keys lists the ids.
# [keys]
# "task.retry" = "f5"

# Commands of your own on keys, in the worktree of the task under the cursor
# (on = "run": in the repository); porch help settings lists what {…} may be.
# [[commands]]
# key = "f6"
# run = ["gh", "pr", "create", "--head", "{branch}"]
# label = "pull request"
# terminal = true  # it asks, or draws: it has the terminal until it ends
"""


def settings_reference() -> str:
    """Return what `porch help settings` ends with: every setting, what belongs there, and its default."""
    usual, lines = Settings(), []
    for name, key in KEYS.items():
        text = f"- `{name}`: {key.meaning}; {key.expected}; default: {as_written(getattr(usual, name))}"
        lines.append(fill(text, PAGE_WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    return "\n".join(lines)


def commented_file() -> str:
    """Return a file of settings that sets nothing, and shows all that can be set."""
    usual, parts = Settings(), ["# Settings of porch: remove the # before a line to set it.\n"]
    for name, key in KEYS.items():
        text = f"{key.meaning}: {key.expected}."
        about = fill(text, PAGE_WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
        parts.append(f"{about}\n# {name} = {key.example or as_written(getattr(usual, name))}\n")
    return "\n".join([*parts, TABLES])


def settings_listing(file: Path, settings: Settings, remembered: Remembered, remembered_in: Path) -> str:
    """Return every setting, its value and where that came from, a line each; first the file, in full."""
    rows = [
        (name, as_written(value), origin)
        for name in KEYS
        for value, origin in [value_of(name, settings, remembered, remembered_in)]
    ]
    rows += [
        (f"keys.{id}", as_written(keys), str(settings.origins[f"keys.{id}"]))
        for id, keys in settings.keys.items()
    ]
    for number, own in enumerate(settings.commands):
        rows.append(
            (f"commands: {own.key}", as_written(own.run), str(settings.origins[f"commands.{number}"]))
        )
    names = max(len(name) for name, _, _ in rows)
    values = min(max(len(value) for _, value, _ in rows), WIDEST_VALUE)
    head = str(file) if file.exists() else f"{file} (not there; porch settings edit begins it)"
    here = f"{file.parent}/"
    lines = [f"{name:{names}}  {value:{values}}  {origin.removeprefix(here)}" for name, value, origin in rows]
    return "\n".join([head, "", *lines])


def value_of(
    name: str, settings: Settings, remembered: Remembered, remembered_in: Path
) -> tuple[object, str]:
    """Return the value of a setting, one of `KEYS`, and where it came from."""
    chosen = getattr(remembered, name, None)
    if name in settings.origins or chosen is None:
        return getattr(settings, name), str(settings.origins.get(name, "default"))
    return chosen, f"chosen on the screen ({remembered_in})"
