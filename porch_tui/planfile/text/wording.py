"""Words for a wrong value: what was found, what was expected, how to fix it.

Decides nothing about whether it is wrong.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import inspect

from porch_tui.planfile.text.mistakes import Findings, one_of, shown
from porch_tui.planfile.text.nodes import ListNode, MapNode, Node, Scalar, resolved


def alternatives(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    """Return the types a value may have, without what wraps them."""
    match kind:
        case inspect.Metadata(type=inner):
            return alternatives(inner)
        case inspect.UnionType(types=kinds):
            return tuple(bare for each in kinds for bare in alternatives(each))
        case _:
            return (kind,)


def found_words(node: Node) -> str:
    """Describe the value that was found."""
    match node:
        case ListNode(items=items):
            return "a list" if items else "an empty list"
        case MapNode():
            return "a mapping"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool(), text=text):
            return f"{text}, which YAML reads as a boolean"
        case Scalar(value=str(value)):
            return shown(value) if value else "empty text"
        case Scalar(text=text):
            return f"the number {text}"


def expected_words(kind: inspect.Type) -> str:
    """Describe the values a type accepts, for types without words of their own."""
    return " or ".join(_sort(each) for each in alternatives(kind))


def _sort(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType(values=values):
            return one_of(str(value) for value in values)
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
        case inspect.ListType():
            return "a list"
        case inspect.StructType() | inspect.DictType():
            return "a mapping (key: value)"
        case _:
            return "text"


def advice(node: Node, kind: inspect.Type, found: Findings) -> str:
    """Return how to fix it, as the end of a sentence; empty if that cannot be known."""
    kinds = alternatives(kind)
    match node, kinds:
        case Scalar(value=str()), (inspect.ListType(),):
            return f": write [{node.text}]" if re.fullmatch(r"[\w./*-]{1,60}", node.text) else ""
        case Scalar(value=str()), (inspect.IntType() | inspect.FloatType(),):
            return "" if isinstance(resolved(node.text), str | None) else " (without quotes)"
        case Scalar(value=str(word)), (inspect.LiteralType(values=values), *_):
            return found.near(word, [str(value) for value in values])
        case Scalar(value=int() | float() | None), _ if any(
            isinstance(each, inspect.StrType) and keeps_limits(node.text, each) for each in kinds
        ):
            return f': write "{node.text}" in quotes'
    return ""


def keeps_limits(value: Any, kind: Any) -> bool:
    """Return whether a value of the right sort is within the limits of its type."""
    match kind:
        case inspect.LiteralType(values=values):
            return value in values
        case inspect.StrType(pattern=pattern, min_length=shortest, max_length=longest):
            is_within = (shortest or 0) <= len(value) <= (longest or len(value))
            return is_within and (pattern is None or re.fullmatch(pattern, value) is not None)
        case inspect.IntType() | inspect.FloatType():
            above = (kind.gt is None or value > kind.gt) and (kind.ge is None or value >= kind.ge)
            return above and (kind.le is None or value <= kind.le)
        case _:
            return True
