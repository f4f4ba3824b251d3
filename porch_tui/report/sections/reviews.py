"""What a person has decided: approved, sent back with which words, retried with another prompt, chosen."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import duration, short
from porch_tui.present.summary import Review, Summary
from porch_tui.report.forms.page import Cell, Column, Section, table


def reviews_section(summary: Summary) -> Iterator[Section]:
    """Yield what was decided, in order; nothing in a run in which nothing was."""
    decided: list[tuple[float, str, str]] = [(one.at_s, one.task, _text(one)) for one in summary.reviews]
    decided += [
        (one.at_s, one.task, f"retried with another {one.what}: {_lines(one.text)}") for one in summary.edits
    ]
    for name, known in summary.state.hypotheses.items():
        if known.by and known.decided_at is not None:
            what = f"{known.winner or 'no theory'} for {name}, chosen by {known.by}"
            decided.append((known.decided_at - summary.state.opened_at, known.winner or "", what))
    if decided:
        columns = [Column("at"), Column("task"), Column("decision")]
        rows = [
            (duration(at_s), Cell(task, task=TaskId(task)) if task else "", text)
            for at_s, task, text in sorted(decided)
        ]
        yield Section("Your decisions", (table(columns, rows, ""),))


def _text(review: Review) -> str:
    if review.head is not None:
        return f"approved by {review.by} at {short(review.head)}"
    return f"sent back: {_lines(review.said)}" if review.said.strip() else "sent back"


def _lines(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
