"""A copy of a frozen value with some fields changed, as fast as `msgspec` makes it and checked by types."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["replace"]

if TYPE_CHECKING:  # checks the names and the types of what is changed
    from dataclasses import replace
else:
    from msgspec.structs import replace
