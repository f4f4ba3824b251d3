"""Updates of the screen that write the cells that have changed, and not all of a row before them.

Textual cuts what it writes of a row at the end of a change, not at its beginning. In a terminal that a person
types into, each key would then write the line again that it is in: at 80 columns up to 130 bytes, not 60.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class NarrowUpdate(ChopsUpdate):
    """Some parts of some rows."""

    def render_segments(self, console: Console) -> str:
        """Return what to write."""
        written: list[str] = []
        for y, begin, end in self.spans:
            for strip_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= end or strip_end <= begin:
                    continue
                # a cut through a wide character would leave half of it
                at = max(x, begin) if strip.text.isascii() else x
                part = strip.crop(at - x, min(strip_end, end) - x)
                written += [Control.move_to(at, y).segment.text, part.render(console)]
            if y != self.spans[-1][0]:
                written.append("\n")
        return "".join(written)


class NarrowCompositor(Compositor):
    """Lays out a screen as any other, and updates parts of it."""

    def render_partial_update(self) -> NarrowUpdate | None:
        """Return what has to be written of what has changed; None if nothing has."""
        update = super().render_partial_update()
        return None if update is None else NarrowUpdate(update.chops, update.spans, update.chop_ends)
