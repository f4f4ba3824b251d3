"""YAML values with their positions.

Knows YAML's kinds of values and its surprises, and nothing about plans.

Numbers are decimal, as in JSON; what only YAML 1.1 takes for a number or a date
(`1:30`, `0644`, `1_000`, `2026-01-01`) is text, as written. Its booleans (`yes`,
`on`, …) are kept apart from text, because the writer may have meant either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from porch_tui.planfile.text.mistakes import KeyPath, Place

INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]{0,17})(\.[0-9]{0,17})?|\.[0-9]{1,17})([eE][-+]?[0-9]{1,2})?")
BOOL = re.compile(r"yes|no|true|false|on|off", re.IGNORECASE)
NULL = re.compile(r"|~|null", re.IGNORECASE)
PLAIN = re.compile(r"(?:[A-Za-z0-9_./]|--?(?=[A-Za-z]))(?:[\w./*@+=-]| (?=[\w./*@+=-]))*", re.ASCII)
"""Text that means itself without quotes, in lists in brackets too."""


class Scalar(Struct, frozen=True):
    """One word, number or text."""

    place: Place
    value: str | int | float | bool | None
    text: str
    """As written, without quotes."""


class ListNode(Struct, frozen=True):
    """Values in order."""

    place: Place
    items: tuple[Node, ...]


class Entry(Struct, frozen=True):
    """One `key: value`, and where the key is."""

    place: Place
    node: Node


class MapNode(Struct, frozen=True):
    """Values by name, in the order of the file."""

    place: Place
    entries: dict[str, Entry]


Node = Scalar | ListNode | MapNode


def resolved(text: str) -> str | int | float | bool | None:
    """Return what YAML takes text without quotes for."""
    if INT.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if BOOL.fullmatch(text):
        return text.lower() in ("yes", "true", "on")
    return None if NULL.fullmatch(text) else text


def yaml_text(text: str, is_json: bool = False) -> str:
    """Return a text as YAML: without quotes where that means the same."""
    if not is_json and PLAIN.fullmatch(text) and isinstance(resolved(text), str):
        return text
    return json.dumps(text, ensure_ascii=False)


def yaml_list(values: Sequence[str], is_json: bool = False) -> str:
    """Return texts as a list in brackets."""
    return f"[{', '.join(yaml_text(value, is_json) for value in values)}]"


def moved(node: Node, place: Callable[[Place], Place]) -> Node:
    """Return the same value, everything in it at other places."""
    match node:
        case Scalar():
            return Scalar(place(node.place), node.value, node.text)
        case ListNode():
            return ListNode(place(node.place), tuple(moved(item, place) for item in node.items))
        case MapNode():
            entries = {
                name: Entry(place(entry.place), moved(entry.node, place))
                for name, entry in node.entries.items()
            }
            return MapNode(place(node.place), entries)


def entry_at(root: Node, path: KeyPath) -> Entry:
    """Return the entry at `path`; if something is missing, the last entry on the way there.

    An item of a list is its own key.
    """
    entry = Entry(root.place, root)
    for part in path:
        match entry.node, part:
            case MapNode(entries=entries), str() if part in entries:
                entry = entries[part]
            case ListNode(items=items), int() if part < len(items):
                entry = Entry(items[part].place, items[part])
            case _:
                break
    return entry
