"""Documents as JSON text, as all commands and files of porch give it."""

from __future__ import annotations

import json

import msgspec


def as_json(document: object, *, is_line: bool = False) -> str:
    """Return any document as text with a newline; ASCII only, so that every encoding can write it.

    A byte of a path that is not UTF-8 is written `\\udce9`, as Python's surrogateescape has it.
    """
    compact = json.dumps(document, allow_nan=False)
    if is_line:
        return f"{compact}\n"
    try:
        # Python's own encoder takes five times as long as soon as it indents
        return f"{msgspec.json.format(compact, indent=2)}\n"
    except msgspec.DecodeError:  # such a byte: half a pair to msgspec
        return json.dumps(document, allow_nan=False, indent=2) + "\n"
