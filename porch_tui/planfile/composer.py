"""Events of a YAML parser made into nodes.

One after the other and without recursion, so that depth, aliases, double keys and
tags are refused before they cost anything; PyYAML's own composer does none of that.
Knows YAML and nothing about plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml
from msgspec import Struct, field

from porch_tui.planfile.mistakes import Findings, KeyPath, Place, shown
from porch_tui.planfile.nodes import Entry, ListNode, MapNode, Node, Scalar, resolved

MAX_ALIASED = 100_000
"""Nodes that aliases may stand for, all together."""
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


class _Key(Struct, frozen=True):
    """A key whose value comes next."""

    place: Place
    name: str | None
    """None: the value is dropped, because the key was refused."""
    merges: bool


class _Open(Struct):
    """A list or mapping whose end has not been seen."""

    place: Place
    anchor: str | None
    is_map: bool
    path: KeyPath
    weight: int = 1
    """Nodes in it and it itself, each alias counted as what it stands for."""
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)
    key: _Key | None = None


class Composer:
    """Turns the events of one document into nodes."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliased = 0
        self._root: Node | None = None

    def document(self, events: Iterable[Any]) -> Node:
        """Return the document; Refused if it is empty, one of several, too deep or too much."""
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, place)
                case yaml.CollectionStartEvent():
                    self._begin(event, place)
                case yaml.CollectionEndEvent():
                    self._end()
                case yaml.AliasEvent():
                    self._alias(str(event.anchor), place)
                case yaml.DocumentStartEvent() if self._root is not None:
                    raise self._found.refuse(
                        place, (), "found a second document; expected one plan in a file"
                    )
        if self._root is None:
            raise self._found.refuse(START, (), "found no plan in it; expected one: `porch init` writes one")
        return self._root

    def _scalar(self, event: Any, place: Place) -> None:
        self._check_tag(event.tag, place)
        text = event.value
        if odd := UNUSABLE.search(text):
            self._found.mistake(place, self._path(), f"found the character {odd[0]!r}; no text may hold it")
            text = UNUSABLE.sub("?", text)
        is_plain = event.implicit[0] or event.tag in PLAIN_TAGS
        node = Scalar(place, resolved(text) if is_plain else text, text)
        self._add(node, 1, event.anchor, merges=event.implicit[0] and text == "<<")

    def _begin(self, event: Any, place: Place) -> None:
        self._check_tag(event.tag, place)
        if len(self._open) >= MAX_DEPTH:
            raise self._found.refuse(place, (), TOO_DEEP)
        # From here on the anchor means this node, which cannot hold itself.
        self._anchors.pop(event.anchor, None)
        is_map = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(place, event.anchor, is_map, self._path()))

    def _end(self) -> None:
        done = self._open.pop()
        for source in done.merged:
            self._merge(done, source)
        node = MapNode(done.place, done.entries) if done.is_map else ListNode(done.place, tuple(done.items))
        self._add(node, done.weight, done.anchor)

    def _alias(self, name: str, place: Place) -> None:
        if name not in self._anchors:
            raise self._found.refuse(
                place,
                self._path(),
                f"found the alias *{name}; expected an anchor &{name} that ends before it",
            )
        node, weight = self._anchors[name]
        self._aliased += weight
        if self._aliased > MAX_ALIASED:
            raise self._found.refuse(
                place,
                self._path(),
                f"found aliases that stand for more than {MAX_ALIASED:,} values; expected fewer",
            )
        self._add(node, weight, None)

    def _add(self, node: Node, weight: int, anchor: str | None, *, merges: bool = False) -> None:
        """Put a finished node where the innermost open one expects it."""
        if anchor is not None:
            self._anchors[anchor] = (node, weight)
        if not self._open:
            self._root = node
            return
        into = self._open[-1]
        into.weight += weight
        if not into.is_map:
            into.items.append(node)
        elif into.key is None:
            into.key = self._key(into, node, merges)
        elif into.key.merges:
            into.merged.append(node)
            into.key = None
        else:
            if into.key.name is not None:
                into.entries[into.key.name] = Entry(into.key.place, node)
            into.key = None

    def _key(self, into: _Open, node: Node, merges: bool) -> _Key:
        if not isinstance(node, Scalar):
            self._found.mistake(node.place, into.path, "found a list or mapping as a key; expected a name")
            return _Key(node.place, None, merges=False)
        name = node.text
        if not isinstance(node.value, str):
            self._found.mistake(
                node.place,
                into.path,
                f"found the key {shown(name)}, which YAML does not read as text;"
                f' expected a name: write "{name}" in quotes',
            )
        if name in into.entries:
            first = into.entries[name].place.line
            self._found.mistake(
                node.place,
                (*into.path, name),
                f"found the key {shown(name)} twice; expected it once (first in line {first})",
            )
            return _Key(node.place, None, merges=False)
        return _Key(node.place, name, merges)

    def _merge(self, into: _Open, source: Node) -> None:
        """Give `into` the keys of `<<: source` that it does not have itself."""
        match source:
            case MapNode(entries=entries):
                for name, entry in entries.items():
                    into.entries.setdefault(name, entry)
            case ListNode(items=items) if all(isinstance(item, MapNode) for item in items):
                for item in items:
                    self._merge(into, item)
            case _:
                self._found.mistake(
                    source.place, (*into.path, "<<"), "expected an alias of a mapping, such as *settings"
                )

    def _check_tag(self, tag: str | None, place: Place) -> None:
        if tag not in SAFE_TAGS:
            self._found.mistake(
                place, self._path(), f"found the tag {shown(tag or '')}; expected plain values without tags"
            )

    def _path(self) -> KeyPath:
        """Return the path of the node that comes next."""
        if not self._open:
            return ()
        into = self._open[-1]
        if not into.is_map:
            return (*into.path, len(into.items))
        return into.path if into.key is None or into.key.name is None else (*into.path, into.key.name)
