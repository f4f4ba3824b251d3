"""A person's own keys for the screen: which of their settings name an action and a key that there are."""

from __future__ import annotations

from typing import NamedTuple

from porch_tui.cli.settings import Settings
from porch_tui.core.model.copying import replace
from porch_tui.present.nearest import did_you_mean
from porch_tui.present.own_commands import OwnCommand


class CheckedKeys(NamedTuple):
    """The keys and commands of their own that can be used, and what is wrong with the others."""

    keymap: dict[str, str]
    """By the id of the action: `{"task.retry": "r,f5"}`."""
    commands: tuple[OwnCommand, ...] = ()
    """One whose key is taken has none, and is in the palette only."""
    warnings: tuple[str, ...] = ()
    """Each with file and line."""


def checked_keys(settings: Settings) -> CheckedKeys:
    """Return the keys of a person's settings, checked against the screen."""
    if not settings.keys and not settings.commands:
        return CheckedKeys({})
    from porch_tui.tui.keys.own_keys import canonical, is_key, lost, taken_keys  # slow to import

    keymap, warnings = {}, []
    for id, keys in settings.keys.items():
        if why := why_not(id, keys):
            warnings.append(f"{settings.origins[f'keys.{id}']}: {why}; this line is not used")
        else:
            keymap[id] = keys
    for one in lost(keymap):
        place = settings.origins[f"keys.{one.by if one.by in keymap else one.id}"]
        warnings.append(
            f"{place}: {one.by} has the key {one.key}, so that {one.id} has none left;"
            " give it another below [keys]"
        )
    commands, taken = [], taken_keys(keymap)
    for number, own in enumerate(settings.commands):
        key = canonical(own.key)
        why = "" if is_key(own.key) else _no_key(own.key)
        if owner := taken.get(key):
            why = f"{own.key} is the key of {owner}; choose another, or give that one another below [keys]"
        if why:
            warnings.append(f"{settings.origins[f'commands.{number}']}: {why}; the command is in the palette")
        commands.append(replace(own, key="" if why else key))
        taken[key] = owner or f"the command {own.label!r}"
    return CheckedKeys(keymap, tuple(commands), tuple(warnings))


def why_not(id: str, keys: str | None = None) -> str:
    """Return why an action cannot have these keys: there is no such action, or key; nothing if it can."""
    from porch_tui.tui.keys.bindings import known_ids
    from porch_tui.tui.keys.own_keys import is_key

    if id not in (known := known_ids()):
        hint = did_you_mean(id, known, "porch help keys lists them")
        return f"no action of the screen is called {id!r}; {hint}"
    strange = next((key for key in (keys or "").split(",") if key and not is_key(key)), None)
    if strange is not None:
        return _no_key(strange)
    return ""


def _no_key(name: str) -> str:
    from porch_tui.tui.keys.own_keys import is_key

    usual = name.lower().replace("-", "+")
    hint = (
        f"did you mean {usual!r}?" if is_key(usual) else "keys are called r, R, ?, f5, ctrl+t, alt+t, space"
    )
    return f"no key is called {name!r}; {hint}"


def usual_keys(id: str) -> str:
    """Return the keys of an action where a person has set none. KeyError if there is no such action."""
    from porch_tui.tui.keys.bindings import ALL

    return {one.id: one.key for one in ALL}[id]
