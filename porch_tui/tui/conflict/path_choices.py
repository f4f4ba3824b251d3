"""The ways out for a path that can only be chosen whole: a list in plain words, each with its number."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Key
from textual.message import Message

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import Names, PathChoice, kind_words, path_choices, source_words
from porch_tui.tui.drawing.cells import bar, shortened, wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span


class PathChoices(Rows, can_focus=True):
    """The ways out for a path that can only be chosen whole, each with its number."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--chosen"}
    DEFAULT_CSS = """
    PathChoices { height: auto; max-height: 60%; }
    PathChoices > .rows--chosen { background: $foreground 8%; }
    PathChoices:focus > .rows--chosen { background: $primary 16%; }
    PathChoices:ansi > .rows--chosen { background: ansi_default; text-style: bold; }
    PathChoices:ansi:focus > .rows--chosen { background: ansi_default; text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False, id="choices.down", tooltip="Go to the next way out"),
        Binding("k,up", "move(-1)", show=False, id="choices.up", tooltip="Go to the way out before"),
        Binding("enter,space", "pick", "take", id="choices.pick", tooltip="Take it; so does its number"),
    ]

    class Picked(Message):
        """The person chose a way out: None wants a name first."""

        def __init__(self, decision: Decision | None) -> None:
            super().__init__()
            self.decision = decision

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._at = 0
        self._before: tuple[Viewpoint, Names] | None = None
        self._choices: tuple[PathChoice, ...] = ()

    def draw(self, view: Viewpoint, who: Names) -> None:
        """Show the ways out of this path; the cursor stands on the one that was chosen."""
        is_other = self._before is None or self._before[0].path != view.path
        self._before, self._choices = (view, who), path_choices(view, who)
        if is_other:
            known = [one.decision for one in self._choices]
            self._at = known.index(view.whole) if view.whole and view.whole in known else 0
        self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return a row for each way out, and what stands above and below."""
        return max(1, len(self._composed(width)))

    def compose_lines(self) -> list[Line]:
        """Return them below what has happened."""
        return self._composed(self.size.width)

    def chosen_line(self) -> int | None:
        """Return the row under the cursor."""
        return self._above(self.size.width) + self._at if self._choices else None

    def chosen_style(self) -> Style:
        """Return the stylesheet's."""
        return self.get_component_rich_style("rows--chosen")

    def action_move(self, rows: int) -> None:
        """Go further down, or up if negative."""
        self._at = min(max(0, self._at + rows), len(self._choices) - 1)
        self.redraw()

    def action_pick(self) -> None:
        """Take what is under the cursor."""
        self.post_message(self.Picked(self._choices[self._at].decision))

    def on_key(self, event: Key) -> None:
        if event.character and event.character in "123456789"[: len(self._choices)]:
            event.stop()
            self._at = int(event.character) - 1
            self.action_pick()

    def on_click(self, event: Click) -> None:
        at = event.y - self._above(self.size.width)
        if 0 <= at < len(self._choices):
            self._at = at
            self.action_pick()

    def _above(self, width: int) -> int:
        return len(self._title(width))

    def _title(self, width: int) -> list[Line]:
        if self._before is None:
            return []
        view, who = self._before
        said = kind_words(view.path, who) if view.path.stages else view.parked.conflict.text
        return [(Span(f" {text}", Role.STRONG),) for text in wrapped(said, width - 2)]

    def _composed(self, width: int) -> list[Line]:
        if self._before is None:
            return []
        view, who = self._before
        lines = [*self._title(width)]
        lines += [self._choice_line(at, one, view, width) for at, one in enumerate(self._choices)]
        lines += [
            (
                Span("  a ", Role.RUN, is_bold=True),
                Span(shortened(source_words(one, view.parked, who), width - 5)),
            )
            for one in view.offers[:1]
        ]
        return lines

    def _is_named(self, view: Viewpoint) -> bool:
        """Say whether a name was given that is not one of the ways out by itself."""
        is_name = view.whole is not None and view.whole.choice is Choice.AS
        return is_name and view.whole not in [one.decision for one in self._choices]

    def _choice_line(self, at: int, one: PathChoice, view: Viewpoint, width: int) -> Line:
        taken = view.whole is not None and one.decision == (None if self._is_named(view) else view.whole)
        name = f" ({view.whole.name})" if taken and view.whole and view.whole.name else ""
        mark = Span(bar(self.charset), Role.RUN) if at == self._at else Span(" ")
        text = shortened(one.text + name, width - 16, self.charset)
        chosen = Span("   chosen", Role.GOOD, is_bold=True) if taken else Span("")
        return mark, Span(f" {at + 1} ", Role.RUN, is_bold=True), Span(text), chosen
