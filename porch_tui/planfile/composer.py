"""Bytes of a YAML file made into nodes: what is wrong with a text before anything is known about plans.

Events are read one after the other and without recursion, so that depth, aliases, double keys and tags are
refused before they cost anything; PyYAML's own composer does none of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml
from msgspec import Struct, field

from porch_tui.planfile.mistakes import Findings, KeyPath, Place, Refused, shown
from porch_tui.planfile.nodes import Entry, ListNode, MapNode, Node, Scalar, resolved

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids in a text, NUL and escape sequences among it."""
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
        return Composer(found).document(yaml.parse(text, Loader=LOADER))
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
    """How many nodes it holds, itself included, with aliases expanded."""
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


def check_yaml(text: bytes) -> None:
    """Raise ValueError, with the place, if the text is not YAML."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
