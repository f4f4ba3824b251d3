"""Keys that people give to actions and to commands of their own: which there are, and which others lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from textual.binding import Binding
from textual.keys import KEY_ALIASES, Keys, key_to_character

from porch_tui.tui.keys.bindings import (
    ALL,
    BOARD,
    BORDER,
    EVERYWHERE,
    GROUPS,
    LIVE_SCREEN,
    QUEUE_LIST,
    TASK_LIST,
    TASK_ROWS,
)

_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_NAMES = {one.value for one in Keys}
_SAME = {"ctrl+left_square_bracket": "escape"} | {
    other: key for key, others in KEY_ALIASES.items() for other in others
}
"""Keys that terminals send as they send others: `ctrl+i` is tab."""
_ON_THE_LIST = ((*TASK_LIST, *TASK_ROWS), BORDER, (*BOARD, *LIVE_SCREEN), EVERYWHERE)
_CHAINS = (_ON_THE_LIST, ((*QUEUE_LIST, *TASK_ROWS),), *((group,) for group in GROUPS))
"""Groups that a key is looked for in, one after the other. A place may well have another meaning for a key of
everywhere, so that each is looked at alone; but not the list, where people are most of the time.
"""
WITHOUT_ID = "run.quit"
"""What keys without an id have to do with: ctrl+c says how to quit."""


def is_key(name: str) -> bool:
    """Say whether a key can have this name: `r`, `?`, `f5`, `ctrl+t`, `space`."""
    *modifiers, key = _parts(name)
    return _MODIFIERS.issuperset(modifiers) and (key in _NAMES or key_to_character(key) is not None)


@cache
def canonical(key: str) -> str:
    """Return the name by which textual knows a key: `?` is `question_mark`, `ctrl+]` a longer one."""
    *modifiers, last = _parts(key)
    (binding,) = Binding.make_bindings([Binding(last, "")])
    name = "+".join((*modifiers, binding.key))
    return _SAME.get(name, name)


def taken_keys(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return the keys that have a meaning somewhere on the screen, each with the id of one action."""
    return {key: one.id or WITHOUT_ID for one in ALL for key in _canonical(keymap.get(one.id or "", one.key))}


class Lost(NamedTuple):
    """An action that has no key any more, and why."""

    id: str
    key: str
    by: str
    """The id of the action that has its key."""


def lost(keymap: Mapping[str, str]) -> list[Lost]:
    """Return the actions that have no key any more, because others have theirs."""
    found: dict[str, Lost] = {}
    for chain in _CHAINS:
        as_usual = _without_key(chain, {})
        found |= {id: one for id, one in _without_key(chain, keymap).items() if id not in as_usual}
    return list(found.values())


def _without_key(chain: Sequence[Sequence[Binding]], keymap: Mapping[str, str]) -> dict[str, Lost]:
    """Return the actions of a chain of groups all of whose keys mean something else there."""
    owners: dict[str, list[str]] = {}
    keys: dict[str, list[str]] = {}
    for group in chain:
        usual = {one.id: [*_canonical(one.key)] for one in group if one.id is not None}
        here: dict[str, list[str]] = {}
        for id, own in sorted(usual.items(), key=lambda item: item[0] not in keymap):
            keys[id] = [*_canonical(keymap[id])] if id in keymap else own
            for key in keys[id]:
                holders = here.setdefault(key, [])
                if not holders or {*own} & {*usual[holders[0]]}:  # they share keys, and take turns
                    holders.append(id)
        for key, holders in here.items():
            owners.setdefault(key, holders)
    return {
        id: Lost(id, own[0], owners[own[0]][0])
        for id, own in keys.items()
        if all(id not in owners[key] for key in own)
    }


def whole_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return a keymap in the names of textual, in which actions that share a key keep it when one loses it.

    Textual takes the key from all of them when one is given another.
    """
    whole = {id: ",".join(_canonical(keys)) for id, keys in keymap.items()}
    for group in GROUPS:
        moved = {key for one in group if one.id in keymap for key in _canonical(one.key)}
        for one in group:
            if one.id is not None and moved.intersection(_canonical(one.key)):
                whole.setdefault(one.id, ",".join(_canonical(one.key)))
    return whole


def _canonical(keys: str) -> Iterator[str]:
    return (canonical(key.strip()) for key in keys.split(","))


def _parts(key: str) -> list[str]:
    return key.split("+") if len(key) > 1 else [key]
