"""The help screen: every key that is bound just now and what it does, the focused place first; enter does it.

Charset are keys here as elsewhere, so that `?` and `q` leave it: what is looked for is typed behind a `/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from porch_tui.present.signs import Charset
from porch_tui.tui.keys.bound_keys import BoundKeys
from porch_tui.tui.keys.help_list import HelpList
from porch_tui.tui.widgets.prompt import Prompt


class Help(ModalScreen[BoundKeys | None]):
    """Lists the keys, and is dismissed with the one to be obeyed; with None when it was only read."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Help { align: center middle; layers: base above; }
    Help Prompt { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "back", "back", id="help.back", tooltip="One step back"),
        Binding("enter", "obey", "do it", id="help.obey", tooltip="Close this, and do what is chosen"),
        Binding("slash", "search", "search", id="help.search", tooltip="Only keys that have to do with it"),
        Binding("j,down", "move(1)", "down", id="help.down", tooltip="The next key"),
        Binding("k,up", "move(-1)", "up", id="help.up", tooltip="The key before"),
        Binding("space,ctrl+d,pagedown", "pages(1)", "on", id="help.page_down", tooltip="A page down"),
        Binding("b,ctrl+u,pageup", "pages(-1)", "back", id="help.page_up", tooltip="A page up"),
        Binding("home,g", "move(-1000)", "first", id="help.first", tooltip="The first key"),
        Binding("end,G", "move(1000)", "last", id="help.last", tooltip="The last key"),
    ]

    def __init__(self, keys: Sequence[BoundKeys], charset: Charset) -> None:
        """`keys` begin with those of the focused place."""
        super().__init__()
        self._list = HelpList(keys, charset)
        self._prompt = Prompt()

    def compose(self) -> ComposeResult:
        """Show the keys in the middle."""
        yield self._list
        yield self._prompt

    def action_move(self, keys: int) -> None:
        """Go to another key."""
        self._list.move(keys)

    def action_pages(self, pages: int) -> None:
        """Go on by a page, or back."""
        self._list.move(pages * self._list.page)

    def action_search(self) -> None:
        """Ask which keys to list; the list follows what is typed."""
        self._prompt.ask("what it does, a key, or a place", self._list.words)

    def action_obey(self) -> None:
        """Close, and have the chosen key obeyed where it belongs; what only moves needs its place."""
        one = self._list.chosen
        if one is not None and not one.is_move:
            self.dismiss(one)

    def action_back(self) -> None:
        """List all keys again, or close."""
        if self._list.words:
            self._list.find("")
        else:
            self.dismiss(None)

    @on(Prompt.Typed)
    def _find(self, message: Prompt.Typed) -> None:
        self._list.find(message.text)

    @on(Prompt.Ended)
    def _found(self, message: Prompt.Ended) -> None:
        self.set_focus(None)
        if message.text:
            self.action_obey()
        else:
            self._list.find("")

    @on(HelpList.Picked)
    def _pick(self) -> None:
        self.action_obey()
