"""The palette: every action that can be run from here, found by its name, its id, its key, or a synonym."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from porch_tui.tui.keys.active_keys import ActiveKey, active_key, active_keys
from porch_tui.tui.keys.bindings import PLACES, QUEUE, of_own_command

if TYPE_CHECKING:
    from porch_tui.tui.app.app import PorchApp


class Palette(Provider):
    """Lists the actions of the screen below, the best match first."""

    async def discover(self) -> Hits:
        """Yield all actions before anything is typed, without those that only move a cursor."""
        for one in self._actions():
            if not one.is_move:
                yield DiscoveryHit(title(one), partial(self._app.run_key, one), help=PLACES[one.place])

    async def search(self, query: str) -> Hits:
        """Yield the actions that match the words that were typed."""
        for one, score in matches(self._actions(), query):
            shown = Text(title(one))
            shown.highlight_words(query.split(), style="bold underline", case_sensitive=False)
            yield Hit(score, shown, partial(self._app.run_key, one), text=title(one), help=PLACES[one.place])

    @property
    def _app(self) -> PorchApp:
        return cast("PorchApp", self.app)

    def _actions(self) -> list[ActiveKey]:
        """Return what is bound here, and what could be but has its key on another screen."""
        app = self._app
        found = {one.id: one for one in active_keys(self.screen, app.charset)}
        if app.live.has_task_actions:
            for binding in QUEUE:
                if binding.action.startswith("app.") and binding.id not in found:
                    found[binding.id or ""] = active_key(binding, self.screen, app.charset)
        for number, own in enumerate(app.options.commands):
            if not own.key and app.live.has_task_actions:
                binding = of_own_command(number, own)
                found[binding.id or ""] = active_key(binding, self.screen, app.charset)
        del found["run.palette"]  # it is open
        return sorted(found.values(), key=name)


def name(one: ActiveKey) -> str:
    """Return the name of an action: its label, or the end of its id."""
    return one.label or one.id.partition(".")[2].replace("_", " ")


def title(one: ActiveKey) -> str:
    """Return how an action is listed: name (unless the help begins with it), help, and first key if any."""
    is_named = one.help.casefold().startswith(name(one).casefold())
    key = f"  ({one.keys[0]})" if one.keys[0] else ""
    return f"{one.help if is_named else f'{name(one)}: {one.help}'}{key}"


def matches(bound: Iterable[ActiveKey], query: str) -> list[tuple[ActiveKey, float]]:
    """Return the actions that match all words, each with how well it does, from 0 to 1."""
    words = query.split()
    scored = ((one, min((_fit(one, word) for word in words), default=0.0)) for one in bound)
    return sorted(((one, score) for one, score in scored if score), key=lambda pair: -pair[1])


def _fit(one: ActiveKey, word: str) -> float:
    """Return how well a word matches: first by name, id and key, then by synonyms, then by the help."""
    own = name(one).casefold()
    if word in one.keys:
        return 1.0
    word = word.casefold()
    if word in (own, one.id):
        return 1.0
    if any(part.startswith(word) for part in own.split()):
        return 0.9
    known = f"{one.other_names} {one.id.replace('.', ' ').replace('_', ' ')}".split()
    if any(part.startswith(word) for part in known):
        return 0.7
    if any(part.startswith(word) for part in f"{one.help} {PLACES.get(one.place, '')}".casefold().split()):
        return 0.5
    return 0.2 if word in f"{own} {one.id} {one.help}".casefold() else 0.0
