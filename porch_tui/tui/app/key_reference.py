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
    return "\n\n".join(
        f"## {PLACES.get(place, place).capitalize()}\n\n"
        + "\n".join(_entry(keys, help, id) for id, (keys, help) in actions.items())
        for place, actions in places.items()
    )


def _entry(keys: list[str], help: str, id: str) -> str:
    text = f"{' '.join(f'`{key}`' for key in keys)} {help}. Id: `{id}`."
    return fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
