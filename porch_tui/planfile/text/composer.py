"""Bytes of a YAML file made into nodes: what is wrong with a text before anything is known about plans.

Depth, aliases, double keys and tags are refused where they stand, before they cost anything. PyYAML's own
composer does none of that, and its nodes no longer say where an alias was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

import yaml

from porch_tui.planfile.text.mistakes import Findings, KeyPath, Place, Refused, shown
from porch_tui.planfile.text.nodes import Entry, ListNode, MapNode, Node, Scalar, resolved

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids in a text, NUL and escape sequences among it."""
LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
"""What YAML takes for the end of a line too."""
MAX_ALIASED = 100_000
"""Nodes that all aliases of a document may expand to."""
MAX_DEPTH = 64
"""A plan is at most seven deep; libyaml slows down with the square of the depth."""
TOO_DEEP = f"found more than {MAX_DEPTH} levels of nesting; no plan needs more than seven"
START = Place(1, 1)

YAML_TAG = "tag:yaml.org,2002:"
TEXT_TAGS = ("!", f"{YAML_TAG}str")
PLAIN_TAGS = tuple(YAML_TAG + kind for kind in ("int", "float", "bool", "null"))
SAFE_TAGS = (None, *TEXT_TAGS, *PLAIN_TAGS, f"{YAML_TAG}seq", f"{YAML_TAG}map")
UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""No argument, path or variable can hold these; escapes in double quotes can write them."""


def compose(content: bytes, found: Findings) -> Node:
    """Return the one document in `content`.

    Mistakes that leave the rest readable go to `found`; after any other,
    Refused is raised.
    """
    text = decoded(content, found)
    try:
        return Composer(yaml.parse(text, Loader=LOADER), found).document()
    # The pure Python parser lets numbers in escapes and directives overflow.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _not_yaml(error, text, found) from None


def decoded(content: bytes, found: Findings) -> str:
    """Return the bytes as text; Refused if they are not UTF-8 or hold control characters."""
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise found.refuse(
            _place_after(content[: error.start].decode()),
            (),
            f"found the byte 0x{content[error.start]:02x}; expected UTF-8: save the file in that encoding",
        ) from None
    if odd := UNPRINTABLE.search(text):
        raise found.refuse(
            _place_after(text[: odd.start()]),
            (),
            f"found the control character {odd[0]!r}; expected text only: take it out",
        )
    return text


def printable(text: str) -> str:
    """Return a foreign text without what a plan file may not hold: control characters, odd line ends."""
    return UNPRINTABLE.sub("", LINE_ENDS.sub("\n", text).replace("\ufeff", ""))


def _place_of(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _place_after(text: str) -> Place:
    return Place(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _not_yaml(error: Exception, text: str, found: Findings) -> Refused:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(mark.line + 1, mark.column + 1) if mark else START
    lines = text.split("\n", place.line)
    if place.line <= len(lines) and lines[place.line - 1][place.column - 1 :].startswith("\t"):
        return found.refuse(place, (), "found a tab; expected spaces: YAML is indented with spaces only")
    said = (getattr(error, "context", None), getattr(error, "problem", None) or str(error))
    if "nesting depth" in said[1]:  # of libyaml, 1,000: it reads ahead, and met it before we saw 64
        return found.refuse(place, (), TOO_DEEP)
    reason = " ".join(", ".join(part for part in said if part).split())
    return found.refuse(
        place,
        (),
        f"found something that is not YAML ({reason}); expected `key: value`, lists and text:"
        " text with ': ' or ' #' in it, or one of {[*&!|>%@` before it, needs quotes",
    )


class Composer:
    """Makes nodes of the events of one document. Calls itself for what is inside: `MAX_DEPTH` bounds it."""

    def __init__(self, events: Iterator[Any], found: Findings) -> None:
        self._events = events
        self._found = found
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliased = 0

    def document(self) -> Node:
        """Return the document; Refused if it is empty, one of several, too deep or too much."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self._found.refuse(
                    _place_of(event), (), "found a second document; expected one plan in a file"
                )
            if isinstance(event, yaml.NodeEvent):
                root, _ = self._node(event, (), depth=0)
        if root is None:
            raise self._found.refuse(START, (), "found no plan in it; expected one: `porch init` writes one")
        return root

    def _node(self, event: Any, path: KeyPath, depth: int) -> tuple[Node, int]:
        """Return the node that begins with an event, and how many nodes it is with aliases expanded."""
        place = _place_of(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), place, path)
        if event.tag not in SAFE_TAGS:
            self._found.mistake(
                place, path, f"found the tag {shown(event.tag)}; expected plain values without tags"
            )
        made: tuple[Node, int]
        if isinstance(event, yaml.ScalarEvent):
            text = event.value
            if odd := UNUSABLE.search(text):
                self._found.mistake(place, path, f"found the character {odd[0]!r}; no text may hold it")
                text = UNUSABLE.sub("?", text)
            is_plain = event.implicit[0] or event.tag in PLAIN_TAGS
            made = Scalar(place, resolved(text) if is_plain else text, text), 1
        elif depth >= MAX_DEPTH:
            raise self._found.refuse(place, (), TOO_DEEP)
        else:
            # From here on the anchor means this node, which cannot hold itself.
            self._anchors.pop(event.anchor, None)
            make = self._map if isinstance(event, yaml.MappingStartEvent) else self._list
            made = make(place, path, depth + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        return made

    def _alias(self, name: str, place: Place, path: KeyPath) -> tuple[Node, int]:
        if name not in self._anchors:
            text = f"found the alias *{name}; expected an anchor &{name} that ends before it"
            raise self._found.refuse(place, path, text)
        self._aliased += self._anchors[name][1]
        if self._aliased > MAX_ALIASED:
            text = f"found aliases that stand for more than {MAX_ALIASED:,} values; expected fewer"
            raise self._found.refuse(place, path, text)
        return self._anchors[name]

    def _inside(self) -> Iterator[Any]:
        """Yield the first event of each node in the list or mapping that has just begun."""
        return takewhile(lambda event: not isinstance(event, yaml.CollectionEndEvent), self._events)

    def _list(self, place: Place, path: KeyPath, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        total = 1
        for event in self._inside():
            item, weight = self._node(event, (*path, len(items)), depth)
            items.append(item)
            total += weight
        return ListNode(place, tuple(items)), total

    def _map(self, place: Place, path: KeyPath, depth: int) -> tuple[Node, int]:
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        total = 1
        for event in self._inside():
            key, key_weight = self._node(event, path, depth)
            name = self._name(key, path, entries)
            value, weight = self._node(next(self._events), path if name is None else (*path, name), depth)
            total += key_weight + weight
            if name == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged.append(value)
            elif name is not None:
                entries[name] = Entry(key.place, value)
        for source in merged:
            self._merge(entries, source, path)
        return MapNode(place, entries), total

    def _name(self, key: Node, path: KeyPath, entries: Mapping[str, Entry]) -> str | None:
        """Return the name that a key is; None if it is refused, and its value with it."""
        if not isinstance(key, Scalar):
            self._found.mistake(key.place, path, "found a list or mapping as a key; expected a name")
            return None
        name = key.text
        if not isinstance(key.value, str):
            self._found.mistake(
                key.place,
                path,
                f"found the key {shown(name)}, which YAML does not read as text;"
                f' expected a name: write "{name}" in quotes',
            )
        if name not in entries:
            return name
        first = entries[name].place.line
        self._found.mistake(
            key.place,
            (*path, name),
            f"found the key {shown(name)} twice; expected it once (first in line {first})",
        )
        return None

    def _merge(self, entries: dict[str, Entry], source: Node, path: KeyPath) -> None:
        """Add the keys of `<<: source` that are not there already."""
        match source:
            case MapNode():
                for name, entry in source.entries.items():
                    entries.setdefault(name, entry)
            case ListNode(items=items) if all(isinstance(item, MapNode) for item in items):
                for item in items:
                    self._merge(entries, item, path)
            case _:
                self._found.mistake(
                    source.place, (*path, "<<"), "expected an alias of a mapping, such as *settings"
                )


def check_yaml(text: bytes) -> None:
    """Raise ValueError, with the place, if the text is not YAML."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
