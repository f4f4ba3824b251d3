"""Values checked against the types of a plan's keys, all of them, before any is used.

msgspec decodes the result but stops at its first error and knows no lines, so the
same type descriptions are walked here with the positions at hand. Nothing in here
names a key of the plan.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, inspect

from porch_tui.core.model.copying import replace
from porch_tui.planfile.text.mistakes import Findings, KeyPath, shown
from porch_tui.planfile.text.nodes import ListNode, MapNode, Node, Scalar
from porch_tui.planfile.text.wording import advice, expected_words, found_words, keeps_limits


class _Spot(Struct, frozen=True):
    """Where in the file the walk is, and what its types say about it."""

    path: KeyPath
    expected: str | None = None
    """In words; None: said by the type itself."""
    as_written: bool = False
    """Numbers are kept as text, so that 1.10 stays 1.10."""

    def noted(self, notes: dict[str, Any] | None) -> _Spot:
        """Return the spot with what a type's `Meta.extra` adds; what is nearer to the key wins."""
        if not notes:
            return self
        return replace(
            self,
            expected=self.expected or notes.get("expected"),
            as_written=self.as_written or notes.get("as_written", False),
        )

    def below(self, part: str | int) -> _Spot:
        """Return the spot of a part of the value here."""
        return _Spot((*self.path, part))


class Shape:
    """Checks one file's values against types; everything wrong goes to `found`."""

    def __init__(self, found: Findings) -> None:
        self._found = found

    def plain(self, node: Node, kind: inspect.Type) -> Any:
        """Return the value as msgspec expects it, without the parts that are wrong; UNSET if all of it is."""
        return self._value(node, kind, _Spot(()))

    def _value(self, node: Node, kind: inspect.Type, spot: _Spot) -> Any:
        match kind:
            case inspect.Metadata(type=inner, extra=notes):
                return self._value(node, inner, spot.noted(notes))
            case inspect.UnionType(types=kinds):
                fitting = next((each for each in kinds if _fits(node, each)), None)
                return self._value(node, fitting, spot) if fitting else self._wrong(node, kind, spot)
            case _ if not _fits(node, kind):
                return self._wrong(node, kind, spot)
        match node, kind:
            case Scalar(), _:
                if not keeps_limits(node.value, kind):
                    return self._wrong(node, kind, spot)
                return node.text if spot.as_written else node.value
            case ListNode(), inspect.ListType():
                if len(node.items) < (kind.min_length or 0):
                    return self._wrong(node, kind, spot)
                values = [
                    self._value(one, kind.item_type, spot.below(at)) for at, one in enumerate(node.items)
                ]
                return UNSET if any(value is UNSET for value in values) else values
            case MapNode(), inspect.StructType():
                return self._struct(node, kind, spot)
            case MapNode(), inspect.DictType():
                return self._map(node, kind, spot)

    def _map(self, node: MapNode, kind: Any, spot: _Spot) -> Any:
        if not (kind.min_length or 0) <= len(node.entries) <= (kind.max_length or len(node.entries)):
            most = f" and at most {kind.max_length:,}" if kind.max_length else ""
            text = f"found {len(node.entries):,} entries; expected at least {kind.min_length or 0}{most}"
            self._found.mistake(node.place, spot.path, text)
            return UNSET
        values: dict[str, Any] = {}
        for name, entry in node.entries.items():
            key = self._value(Scalar(entry.place, name, name), kind.key_type, spot.below(name))
            value = self._value(entry.node, kind.value_type, spot.below(name))
            if key is not UNSET and value is not UNSET:
                values[key] = value
        return values

    def _struct(self, node: MapNode, kind: inspect.StructType, spot: _Spot) -> Any:
        fields = {field.encode_name: field for field in kind.fields}
        values: dict[str, Any] = {}
        for name, entry in node.entries.items():
            here = spot.below(name)
            if name not in fields:
                near = self._found.near(name, fields)
                text = f"unknown key {shown(name)}; expected one of {', '.join(fields)}{near}"
                self._found.mistake(entry.place, here.path, text)
            else:
                value = self._value(entry.node, fields[name].type, here)
                values |= {} if value is UNSET else {name: value}
        for name, field in fields.items():
            if field.required and name not in node.entries:
                text = f"found no '{name}' here; expected {spot.expected or 'that key'}"
                self._found.mistake(node.place, spot.path, text)
        return values

    def _wrong(self, node: Node, kind: inspect.Type, spot: _Spot) -> Any:
        expected = spot.expected or expected_words(kind)
        text = f"found {found_words(node)}; expected {expected}{advice(node, kind, self._found)}"
        self._found.mistake(node.place, spot.path, text)
        return UNSET


def _fits(node: Node, kind: inspect.Type) -> bool:
    """Return whether the node is of the kind's sort at all, limits aside."""
    match kind:
        case inspect.Metadata(type=inner):
            return _fits(node, inner)
        case inspect.StructType() | inspect.DictType():
            return isinstance(node, MapNode)
        case inspect.ListType():
            return isinstance(node, ListNode)
        case inspect.IntType():
            return isinstance(node, Scalar) and type(node.value) is int
        case inspect.BoolType():
            return isinstance(node, Scalar) and type(node.value) is bool
        case inspect.FloatType():
            return isinstance(node, Scalar) and type(node.value) in (int, float)
        case _:
            return isinstance(node, Scalar) and isinstance(node.value, str)
