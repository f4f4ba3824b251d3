"""The keys that are bound just now, as help, palette and key bar tell them.

Read from the bindings themselves, so they are never out of date. Bindings
without an id are textual's own and left out.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from porch_tui.present.signs import Charset

PLACES = {
    "list": "list",
    "log": "log",
    "task": "the task under the cursor",
    "text": "text",
    "grid": "all side by side",
    "report": "report",
    "queue": "merge queue",
    "foreseen": "conflicts that are foreseen",
    "timeline": "timeline",
    "conflict": "the conflict",
    "choices": "ways out",
    "pane": "the lines",
    "editor": "writing",
    "board": "screen",
    "screen": "other screens",
    "run": "run",
}
"""First part of a binding's id, and how people are told where its keys work."""

_MOVES = ("move(", "go(", "go_", "scroll_", "pages(", "log_pages(", "first", "last")
"""How the actions begin that move a cursor or a window."""


class BoundKeys(Struct, frozen=True):
    """One binding, all its keys together."""

    id: str
    """Its first part, up to the dot, names the place."""
    keys: tuple[str, ...]
    """As they are written for people."""
    label: str
    """One word or two."""
    text: str
    """A sentence without its full stop."""
    action: str
    node: DOMNode
    """Where the action is looked up."""
    is_shown: bool
    """Whether it has a place on the key bar."""

    @property
    def place(self) -> str:
        """Return where the keys work."""
        return self.id.partition(".")[0]

    @property
    def is_move(self) -> bool:
        """Whether it only moves a cursor or a window: of no use but to a finger on its key."""
        return self.action.startswith(_MOVES)


def bound_keys(screen: Screen[Any], charset: Charset) -> list[BoundKeys]:
    """Return porch's bindings in force on a screen, those of the focused widget first."""
    found: dict[str, BoundKeys] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.id is None:
            continue
        known = found.get(binding.id)
        found[binding.id] = BoundKeys(
            id=binding.id,
            keys=_simple_first((*(known.keys if known else ()), readable(binding, charset))),
            label=binding.description,
            text=binding.tooltip or binding.description,
            action=binding.action,
            node=active.node,
            is_shown=binding.show,
        )
    return list(found.values())


def _simple_first(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: "+" in key[1:]))


def readable(binding: Binding, charset: Charset) -> str:
    """Return a key as people write it: `?`, `ctrl+d`, `↓`."""
    modifiers, key = binding.parse_key()
    shown = _NAMES.get(key) or _SIGNS.get(key, {}).get(charset) or key
    return "+".join([*modifiers, shown])


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "ampersand": "&",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "slash": "/",
    "exclamation_mark": "!",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "vertical_line": "|",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}
_SIGNS = {
    "up": {Charset.UNICODE: "↑"},
    "down": {Charset.UNICODE: "↓"},
    "left": {Charset.UNICODE: "←"},
    "right": {Charset.UNICODE: "→"},
}
