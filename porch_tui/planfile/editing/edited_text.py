"""Edits written into the text of a plan file, every other character as it was.

A YAML library that loads and dumps writes quotes, indentation, line ends and long lines its own way. Here the
parser only says where values are, and a few characters are put in at those places. What cannot be written so
is left for its author; `planfile.editing.edited_plan` proves the rest by reading the text again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from msgspec import Struct

from porch_tui.core.advice.edits import Key
from porch_tui.planfile.text.composer import LOADER
from porch_tui.planfile.text.mistakes import KeyPath
from porch_tui.planfile.text.nodes import yaml_list, yaml_text

LINE_END = re.compile(r"\r\n|\r|\n")


class CannotWrite(Exception):
    """An edit cannot be written without changing more than it says; the text says why."""


class Insertion(Struct, frozen=True):
    """Characters that take the place of others; most take the place of none."""

    start: int
    end: int
    text: str
    is_key: bool = False
    """Whether it is a line with a key: at one place, values of the previous key come first."""


class _Node(Struct, frozen=True):
    """A value and where it stands in the text; offsets count characters."""

    start: int
    end: int
    """Of a block: the end of what is last in it."""
    text: str = ""
    """Of a scalar: its value; of an alias: its name."""
    style: str = ""
    """Of a scalar: the character of its quotes or its block; empty: plain."""
    is_alias: bool = False
    is_flow: bool = False
    """Whether it stands in brackets."""
    anchor: str = ""
    items: tuple[_Node, ...] | None = None
    """None: it is no list."""
    entries: tuple[tuple[_Node, _Node], ...] | None = None
    """None: it is no mapping."""

    def value_of(self, key: str) -> _Node | None:
        """Return the value of a key that is written in this mapping itself."""
        return next((value for name, value in self.entries or () if name.text == key), None)


class PlanText:
    """The text of a valid plan file, and where its values are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._aliases: set[str] = set()
        events = yaml.parse(text, Loader=LOADER)
        self._root = next(self._node(event, events) for event in events if isinstance(event, yaml.NodeEvent))
        end = LINE_END.search(text)
        self._newline = end[0] if end else "\n"

    def insertion(self, at: KeyPath, key: Key, add: Sequence[str], whole: Sequence[str]) -> Insertion:
        """Return what has to be put in so that a task, or an entry of `each`, has more values for a key.

        `at` is its path; `whole` are all values that it has then, which are written where it has no such list
        of its own. Raises CannotWrite.
        """
        entry = self._entry_at(at)
        value = entry.value_of(key.value)
        if value is None:
            return self._with_key(entry, key, whole)
        if value.is_alias:
            return Insertion(value.start, value.end, yaml_list(whole))
        if value.items is None:
            raise CannotWrite(f"'{key}' is no list there")
        if value.anchor in self._aliases:
            raise CannotWrite(f"its '{key}' is used elsewhere too, as *{value.anchor}")
        return self._longer_flow(value, add) if value.is_flow else self._longer_block(value, add)

    def _entry_at(self, path: KeyPath) -> _Node:
        entry = self._root
        for part in path:
            inner = entry.value_of(part) if isinstance(part, str) else (entry.items or ())[part]
            if inner is None or inner.is_alias:
                raise CannotWrite("it is written by means of an alias")
            if inner.anchor in self._aliases:
                raise CannotWrite(f"it is used elsewhere too, as *{inner.anchor}")
            entry = inner
        if not entry.entries:
            raise CannotWrite("it is no mapping there")
        return entry

    def _with_key(self, entry: _Node, key: Key, whole: Sequence[str]) -> Insertion:
        """Return a line, or a piece of one, with a key that the mapping does not have."""
        assert entry.entries  # an empty one would be no task
        is_json = entry.entries[-1][0].style == '"'
        name = json.dumps(key.value) if is_json else key.value
        value = yaml_text(whole[0], is_json) if key is Key.CHECKS else yaml_list(whole, is_json)
        if entry.is_flow:
            return self._after(entry.entries[-1][1], entry, f"{name}: {value}")
        for first, last in reversed(entry.entries):
            if (indent := self._indent(first)) is not None and self._ends_in_its_line(last):
                at = self._end_of_line(last.end)
                return Insertion(at, at, f"{self._newline}{indent}{name}: {value}", is_key=True)
        key_node = entry.entries[0][0]
        if (indent := self._indent(key_node)) is None:
            raise CannotWrite("its first key does not stand on a line of its own")
        return Insertion(key_node.start, key_node.start, f"{name}: {value}{self._newline}{indent}")

    def _longer_flow(self, value: _Node, add: Sequence[str]) -> Insertion:
        if not value.items:
            at = value.end - 1
            return Insertion(at, at, ", ".join(map(yaml_text, add)))
        is_json = value.items[-1].style == '"'
        return self._after(value.items[-1], value, ", ".join(yaml_text(each, is_json) for each in add))

    def _after(self, last: _Node, whole: _Node, text: str) -> Insertion:
        """Return a text put behind the last value in brackets; on a line of its own if that value is."""
        start = self._start_of_line(last.start)
        before = self._text[start : last.start]
        gap = f"{self._newline}{before}" if start > whole.start and not before.strip() else " "
        return Insertion(last.end, last.end, f",{gap}{text}")

    def _longer_block(self, value: _Node, add: Sequence[str]) -> Insertion:
        assert value.items
        last = value.items[-1]
        dash = re.fullmatch(r"( *)-( +)", self._text[self._start_of_line(last.start) : last.start])
        if dash is None or last.style in ("|", ">") or self._line_breaks(last.start, last.end):
            raise CannotWrite("the last item of its list takes more than a line")
        at = self._end_of_line(last.end)
        return Insertion(
            at, at, "".join(f"{self._newline}{dash[1]}-{dash[2]}{yaml_text(each)}" for each in add)
        )

    def _start_of_line(self, at: int) -> int:
        return max(self._text.rfind("\n", 0, at), self._text.rfind("\r", 0, at)) + 1

    def _end_of_line(self, at: int) -> int:
        end = LINE_END.search(self._text, at)
        return end.start() if end else len(self._text)

    def _ends_in_its_line(self, node: _Node) -> bool:
        """Say whether what follows a value in its last line is at most a comment."""
        if not node.is_flow and (node.items or node.entries):
            return node.items is not None and self._ends_in_its_line(node.items[-1])
        return node.style not in ("|", ">") and not self._line_breaks(node.start, node.end)

    def _line_breaks(self, start: int, end: int) -> bool:
        return LINE_END.search(self._text, start, end) is not None

    def _indent(self, key: _Node) -> str | None:
        """Return the spaces before a key in its line, with one for a dash; None if more is there."""
        before = self._text[self._start_of_line(key.start) : key.start]
        return " " * len(before) if re.fullmatch(" *(- +)?", before) else None

    def _node(self, event: Any, events: Iterator[Any]) -> _Node:
        """Return the node that begins with an event. Calls itself; a plan that was read is not too deep."""
        start, end = _offset(event.start_mark), _offset(event.end_mark)
        anchor = event.anchor or ""
        if isinstance(event, yaml.AliasEvent):
            self._aliases.add(anchor)
            return _Node(start, end, anchor, is_alias=True)
        if isinstance(event, yaml.ScalarEvent):
            return _Node(start, end, event.value, event.style or "", anchor=anchor)
        inside: list[_Node] = []
        while not isinstance(inner := next(events), yaml.CollectionEndEvent):
            inside.append(self._node(inner, events))
        is_flow = bool(event.flow_style)
        # of a block, the parser's own end is where the next token begins
        last = _offset(inner.end_mark) if is_flow else inside[-1].end if inside else end
        if isinstance(event, yaml.SequenceStartEvent):
            return _Node(start, last, is_flow=is_flow, anchor=anchor, items=tuple(inside))
        pairs = tuple(zip(inside[::2], inside[1::2], strict=True))
        return _Node(start, last, is_flow=is_flow, anchor=anchor, entries=pairs)


def _offset(mark: Any) -> int:
    return int(mark.index)


def with_insertions(text: str, insertions: Sequence[Insertion]) -> str:
    """Return the text with all insertions, which do not overlap."""
    pieces, at = [], 0
    for one in sorted(insertions, key=lambda one: (one.start, one.is_key)):
        pieces += [text[at : one.start], one.text]
        at = one.end
    return "".join((*pieces, text[at:]))
