"""Every key of the screen in Markdown, by the place where it works: for `porch help keys`."""

from __future__ import annotations

from textwrap import fill

from textual.binding import Binding

from porch_tui.present.signs import Charset
from porch_tui.tui.keys.active_keys import readable
from porch_tui.tui.keys.bindings import ALL, PLACES

WIDTH = 79


def key_reference() -> str:
    """Return a section for each place, with an entry for each action: its keys, its id, what it does."""
    places: dict[str, dict[str, tuple[list[str], str]]] = {}
    for one in Binding.make_bindings(ALL):
        if one.id:
            keys, _ = places.setdefault(one.id.partition(".")[0], {}).setdefault(one.id, ([], one.tooltip))
            keys += [key for key in [readable(one, Charset.UNICODE)] if key not in keys]
    sections = []
    for place, actions in places.items():
        lines = [f"## {PLACES.get(place, place).capitalize()}\n"]
        for id, (keys, help) in actions.items():
            text = f"- {' '.join(f'`{key}`' for key in keys)} {help}. Id: `{id}`."
            lines.append(fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False))
        sections.append("\n".join(lines))
    return "\n\n".join(sections)
