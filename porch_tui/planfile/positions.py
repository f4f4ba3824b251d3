"""Bytes of a YAML file made into values with positions.

What is wrong with a text before anything is known about plans: encoding, control
characters, tabs, syntax. The values are `nodes`, made by `composer`.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from porch_tui.planfile.composer import START, TOO_DEEP, Composer
from porch_tui.planfile.mistakes import Findings, Place, Refused
from porch_tui.planfile.nodes import Node

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids in a text, NUL and escape sequences among it."""


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
