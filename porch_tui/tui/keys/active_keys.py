"""The keys that work right now, read from the bindings in force: for help, palette and key bar.

Bindings without an id are textual's own and left out.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import Screen

from porch_tui.core.model.copying import replace
from porch_tui.present.commands import BY_ID
from porch_tui.present.signs import Charset

_MOVES = ("move(", "go(", "go_", "scroll_", "pages(", "log_pages(", "log('scroll", "first", "last")
"""How the actions begin that move a cursor or a window."""


class ActiveKey(Struct, frozen=True):
    """One binding, all its keys together."""

    id: str
    """Its first part, up to the dot, names the place."""
    keys: tuple[str, ...]
    """As people write them."""
    label: str
    """One word or two."""
    help: str
    """A sentence without its full stop."""
    action: str
    node: DOMNode
    """Where the action is looked up."""
    is_shown: bool
    """Whether it may be on the key bar."""

    @property
    def place(self) -> str:
        """Return where the keys work."""
        return self.id.partition(".")[0]

    @property
    def other_names(self) -> str:
        """Return synonyms and the name on the command line."""
        spec = BY_ID.get(self.id)
        return f"{spec.synonyms} {spec.line}" if spec else ""

    @property
    def is_move(self) -> bool:
        """Whether it only moves a cursor or a window, which is of use at its place only."""
        return self.action.startswith(_MOVES)


def active_keys(screen: Screen[Any], charset: Charset) -> list[ActiveKey]:
    """Return porch's keys that work on a screen, those of the focused widget first."""
    found: dict[str, ActiveKey] = {}
    for active in screen.active_bindings.values():
        if active.binding.id is not None:
            one = active_key(active.binding, active.node, charset)
            if (known := found.get(one.id)) is not None:
                keys = sorted((*known.keys, *one.keys), key=lambda key: "+" in key[1:])
                one = replace(one, keys=tuple(keys))
            found[one.id] = one
    return list(found.values())


def active_key(binding: Binding, node: DOMNode, charset: Charset) -> ActiveKey:
    """Return a binding of a node as it is shown to people."""
    return ActiveKey(
        id=binding.id or "",
        keys=(readable(binding, charset),),
        label=binding.description,
        help=binding.tooltip or binding.description,
        action=binding.action,
        node=node,
        is_shown=binding.show,
    )


def readable(binding: Binding, charset: Charset) -> str:
    """Return a key as people write it: `?`, `ctrl+d`, `↓`."""
    modifiers, key = binding.parse_key()
    shown = format_key(key)
    if not shown.isascii() and (key not in _ARROWS or charset is Charset.ASCII):
        shown = key  # textual's signs for `enter` and others are two cells wide in some terminals
    return "+".join([*modifiers, shown])


_ARROWS = {"up", "down", "left", "right"}
