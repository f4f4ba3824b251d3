"""The top line: the run in figures, and one sentence when a person has to know or do something."""

from __future__ import annotations

from porch_tui.core.model.agent_report import total
from porch_tui.core.model.wording import counted
from porch_tui.core.scheduling.placing import all_slots
from porch_tui.core.scheduling.taken import taken
from porch_tui.present.amounts import agent_usage, elapsed, percent, short, size
from porch_tui.present.needed import needed
from porch_tui.present.place_rows import silent_places
from porch_tui.present.signs import Role, Sign
from porch_tui.tui.drawing.cells import shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span, width_of
from porch_tui.tui.model.run_summary import says_result, summary_sentence
from porch_tui.tui.model.view import View, is_busy

_ORDER = (Sign.RUNS, Sign.HELD, Sign.GOOD, Sign.FAILED, Sign.ASKS, Sign.ENDED, Sign.WAITS)
_GAP = Span("   ")
_LEAST_GAP = 2
"""Cells between the figures and the sentence, which has a color of its own."""
_LEAST_SENTENCE = 12
"""Cells; how the run is makes no sense in fewer."""


class SummaryLine(Rows):
    """One row; where there is no room, the least important parts are left out."""

    DEFAULT_CSS = "SummaryLine { background: $panel; }"
    view: View | None = None
    leave: str = ""

    def draw(self, view: View, leave: str) -> None:
        """Show this moment of the run; `leave`: the keys that leave the task in which the person is."""
        self.view, self.leave = view, leave
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return figures on the left, how the run is on the right, and at the end whom it needs."""
        if self.view is None:
            return [()]
        room, parts = self.size.width - 2, self._figures(self.view)
        end = self._sentence(Sign.ASKS, needed(self.view.derived.needs, self.charset), room)
        always = [part for part in parts if part[0] == 0]
        left = room - width_of(end) - _cells(always) - width_of([_GAP]) * (bool(end) + bool(always))
        if left >= _LEAST_SENTENCE and (
            how := self._sentence(*summary_sentence(self.view, self.leave), left)
        ):
            end = (*how, *((_GAP, *end) if end else ()))
        taken = width_of(end) + _LEAST_GAP * bool(end)
        while parts and _cells(parts) + taken > room:
            parts.remove(max(parts, key=lambda part: part[0]))
        gap = room - _cells(parts) - width_of(end)
        figures = [span for _, spans in parts for span in (*spans, _GAP)]
        return [(Span(" "), *figures[:-1], Span(" " * max(0, gap)), *end)]

    def _sentence(self, sign: Sign, text: str, room: int) -> Line:
        """Return a text behind its sign, in at most `room` cells; nothing for no text."""
        text = shortened(text, room - 2, self.charset)
        return (Span(f"{sign.glyph(self.charset)} {text}", sign.role, is_bold=True),) if text else ()

    def _figures(self, view: View) -> list[tuple[int, Line]]:
        """Return the parts of the line with their ranks; the highest is left out first."""
        state, usage = view.state, view.usage.values()
        target = shortened(state.target.name, 24, self.charset) if state.target.name else ""
        parts: list[tuple[int, Line]] = [(1, (Span("porch", Role.STRONG),))]
        if not says_result(view):
            done = view.derived.progress
            parts.append((0, (Span(f"{done.word} ", Role.MUTED), Span(done.figures))))
        parts += [
            (3, (Span(target), Span(f"@{short(state.target.tip)}", Role.MUTED))),
            (2, self._counts(view)),
        ]

        def add(rank: int, label: str, value: str) -> None:
            parts.append((rank, (Span(label, Role.MUTED), Span(value))))

        if silent := silent_places(state):
            text = f"{counted(silent, 'place')} silent"
            parts.append((2, (Span(text, Sign.ASKS.role),)))
        if usage:
            add(6, "cpu ", f"{percent(sum(s.cpu_percent for s in usage)):>4}")
            add(7, "mem ", f"{size(sum(s.rss_bytes for s in usage)):>5}")
        if view.derived.places:
            add(4, "queue ", str(len(view.derived.places)))
        if state.slots.is_auto and is_busy(view):
            label = "blocked " if state.slots.starts_blocked else "slots "
            add(8, label, f"{taken(state).slots}/{all_slots(state)}")
        if view.derived.agents is not None:
            live = [view.usage[task].agent for task in state.active if task in view.usage]
            used = agent_usage(total([view.derived.agents, *filter(None, live)]))
            parts += [(9, (Span(used),))] if used else []
        end = view.now if is_busy(view) else state.closed_at or state.changed_at
        parts.append((5, (Span(elapsed(end - state.opened_at)),)))
        parts += [(4, (Span(view.left, Role.MUTED),))] if view.left else []
        return parts

    def _counts(self, view: View) -> Line:
        counts = view.derived.counts
        shown = [(sign, counts[sign]) for sign in _ORDER if counts[sign]]
        return tuple(
            Span(f"{sign.glyph(self.charset)}{count}" + " " * (number < len(shown)), sign.role)
            for number, (sign, count) in enumerate(shown, start=1)
        )


def _cells(parts: list[tuple[int, Line]]) -> int:
    return max(0, len(parts) - 1) * width_of([_GAP]) + sum(width_of(spans) for _, spans in parts)
