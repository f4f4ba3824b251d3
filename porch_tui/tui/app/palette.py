"""The palette: every action that is bound just now, found by name, id, key, or a usual word for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from porch_tui.tui.keys.bound_keys import PLACES, BoundKeys, bound_keys

if TYPE_CHECKING:
    from porch_tui.tui.app.app import PorchApp

SYNONYMS: Mapping[str, str] = {
    "run.quit": "exit leave close",
    "screen.close": "back close leave",
    "run.help": "keys shortcuts bindings",
    "run.pause_all": "pause freeze hold resume continue everything",
    "run.resume": "start engine continue go on retry failed",
    "run.stream": "plain text lines log",
    "run.theme": "colours colors dark light",
    "run.mouse": "select text",
    "run.redraw": "refresh repaint",
    "task.pause": "freeze suspend resume continue",
    "task.retry": "rerun restart run again",
    "task.stop": "cancel end terminate abort",
    "task.kill": "sigkill force end",
    "task.requeue": "enqueue put back queue",
    "task.withdraw": "dequeue remove drop queue",
    "task.stop_validation": "cancel test tests validation",
    "task.validate": "test check validation",
    "task.hold": "keep back release",
    "task.undo": "revert take back landing",
    "task.resolve": "conflict merge",
    "task.diff": "changes changed files git",
    "task.editor": "edit open file vim",
    "task.shell": "terminal bash command line",
    "screen.queue": "merge queue",
    "screen.task": "details info attempts inspect",
    "screen.timeline": "gantt chart history when",
    "screen.grid": "grid logs tiles side by side",
    "screen.report": "summary story result",
    "list.filter": "find search state",
    "list.sort": "order",
    "list.mark": "select",
    "board.copy": "clipboard yank",
    "board.need": "attention needs problem",
    "board.zoom": "maximize fullscreen full screen",
    "board.layout": "split side",
    "board.follow": "tail",
    "log.follow": "tail",
    "log.page": "pager less",
    "log.save": "write export",
}
"""Usual words for an action beside those that describe it, by its id."""


class Palette(Provider):
    """Offers the actions of the screen below, the best match first."""

    async def discover(self) -> Hits:
        """Yield what there is before anything is typed; moving about needs no name."""
        for one in self._bound():
            if not one.is_move:
                yield DiscoveryHit(title(one), partial(self._app.obey, one), help=PLACES[one.place])

    async def search(self, query: str) -> Hits:
        """Yield what has to do with the words that were typed."""
        for one, score in matches(self._bound(), query):
            shown = Text(title(one))
            shown.highlight_words(query.split(), style="bold underline", case_sensitive=False)
            yield Hit(score, shown, partial(self._app.obey, one), text=title(one), help=PLACES[one.place])

    @property
    def _app(self) -> PorchApp:
        return cast("PorchApp", self.app)

    def _bound(self) -> list[BoundKeys]:
        # the palette itself is open already
        bound = bound_keys(self.screen, self._app.charset)
        return sorted((one for one in bound if one.id != "run.palette"), key=name)


def name(one: BoundKeys) -> str:
    """Return what an action is called: its label, or the end of its id."""
    return one.label or one.id.partition(".")[2].replace("_", " ")


def title(one: BoundKeys) -> str:
    """Return how an action is listed: its name, unless what it does begins with that, and its first key."""
    is_named = one.text.casefold().startswith(name(one).casefold())
    return f"{one.text if is_named else f'{name(one)}: {one.text}'}  ({one.keys[0]})"


def matches(bound: Iterable[BoundKeys], query: str) -> list[tuple[BoundKeys, float]]:
    """Return the actions that have to do with all the words, each with how well it fits, from 0 to 1."""
    words = query.casefold().split()
    scored = ((one, min((_fit(one, word) for word in words), default=0.0)) for one in bound)
    return sorted(((one, score) for one, score in scored if score), key=lambda pair: -pair[1])


def _fit(one: BoundKeys, word: str) -> float:
    """Return how well a word fits: by the name, a synonym, the id or the key, then by the description."""
    own = name(one).casefold()
    if own == word or word in (one.id, *one.keys):
        return 1.0
    if any(part.startswith(word) for part in own.split()):
        return 0.9
    known = f"{SYNONYMS.get(one.id, '')} {one.id.replace('.', ' ').replace('_', ' ')}".split()
    if any(part.startswith(word) for part in known):
        return 0.7
    if any(part.startswith(word) for part in f"{one.text} {PLACES.get(one.place, '')}".casefold().split()):
        return 0.5
    return 0.2 if word in f"{own} {one.id} {one.text}".casefold() else 0.0
