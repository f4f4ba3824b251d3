"""What one file says it imports, before anyone has looked where that is."""

from __future__ import annotations

from msgspec import Struct


class Import(Struct, frozen=True, array_like=True):
    """A module as a file writes it, and the names it takes from there."""

    module: str
    """Dotted in Python, with leading dots if relative; a path in JavaScript and Go; `a::b` in Rust."""
    names: tuple[str, ...] = ()
    """Of Python: what it takes from the module, or uses of it; `*` is everything."""


Imports = tuple[Import, ...]
