"""What the keys of the screen are called, so that a person can have others."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import porch_tui.tui.app.app  # noqa: F401  the board, and all widgets that it has
from porch_tui.tui.app.screens import SCREENS, screen_class


def known_ids() -> frozenset[str]:
    """Return the id of every binding of porch's own screens and widgets."""
    for name in SCREENS:
        screen_class(name)  # with it all its widgets are there
    bindings = (binding for node in _own(DOMNode) for binding in node.BINDINGS)
    return frozenset(one.id for one in bindings if isinstance(one, Binding) and one.id is not None)


def _own(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("porch_tui."):
            yield each
        yield from _own(each)
