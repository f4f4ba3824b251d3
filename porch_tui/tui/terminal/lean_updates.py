"""Updates of the screen that write the cells that have changed, and of their styles what changes.

Textual cuts what it writes of a row at the end of a change, not at its beginning: in a terminal that a person
types into, each key would write the line again that it is in.
"""

from __future__ import annotations

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate

from porch_tui.tui.terminal.style_changes import only_changes


class WholeUpdate(LayoutUpdate):
    """All of the screen."""

    def render_segments(self, console: Console) -> str:
        """Return what to write."""
        return only_changes(super().render_segments(console))


class PartialUpdate(ChopsUpdate):
    """Some parts of some rows."""

    def render_segments(self, console: Console) -> str:
        """Return what to write."""
        written: list[str] = []
        for y, begin, end in self.spans:
            for strip_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= end or strip_end <= begin:
                    continue
                at, part = x, strip  # whole, where a cut through a wide character would leave half of it
                if _is_narrow(strip.text):
                    at = max(x, begin)
                    part = strip.crop(at - x, min(strip_end, end) - x)
                written += [Control.move_to(at, y).segment.text, part.render(console)]
        return only_changes("".join(written))


def _is_narrow(text: str) -> bool:
    """Say whether each character is in a cell of its own."""
    return text.isascii() or all(get_character_cell_size(character) == 1 for character in text)


class LeanCompositor(Compositor):
    """Lays out a screen as any other, and writes less of it."""

    def render_full_update(self, simplify: bool = False) -> WholeUpdate:
        """Return what has to be written of everything."""
        update = super().render_full_update(simplify)
        return WholeUpdate(update.strips, update.region)

    def render_partial_update(self) -> PartialUpdate | None:
        """Return what has to be written of what has changed; None if nothing has."""
        update = super().render_partial_update()
        return None if update is None else PartialUpdate(update.chops, update.spans, update.chop_ends)
