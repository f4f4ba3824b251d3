"""The terminals of interactive tasks: who has one, of which size, and what does not go with it."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from porch_tui.core.model.plan import Terminal
from porch_tui.planfile.text.mistakes import KeyPath, shown
from porch_tui.planfile.text.source import Source

SMALLEST, LARGEST = 2, 1000
"""Columns and rows that a terminal may have."""


def terminal_of(size: str | UnsetType, path: KeyPath, source: Source) -> Terminal:
    """Return a terminal of a size such as `120x36`, or of the usual one; `path` is where it is written."""
    if size is UNSET:
        return Terminal()
    cols, rows = map(int, size.split("x"))
    if not (SMALLEST <= cols <= LARGEST and SMALLEST <= rows <= LARGEST):
        expected = f"columns and rows from {SMALLEST} to {LARGEST}, such as 120x36"
        source.refuse(path, f"found {shown(size)}; expected {expected}")
        return Terminal()
    return Terminal(cols, rows)
