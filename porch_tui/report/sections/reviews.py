"""What a person has decided about work: approved, sent back with which words, retried with another prompt."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.present.amounts import duration, short
from porch_tui.present.summary import Review, Summary
from porch_tui.report.forms.page import Column, Section, table


def reviews_section(summary: Summary) -> Iterator[Section]:
    """Yield what was decided, in order; nothing in a run in which nothing was."""
    decided = [(one.at_s, one.task, _text(one)) for one in summary.reviews]
    decided += [
        (one.at_s, one.task, f"retried with another {one.what}: {_lines(one.text)}") for one in summary.edits
    ]
    if decided:
        columns = [Column("at"), Column("task"), Column("decision")]
        rows = [(duration(at_s), task, text) for at_s, task, text in sorted(decided)]
        yield Section("Your decisions", (table(columns, rows, ""),))


def _text(review: Review) -> str:
    if review.head is not None:
        return f"approved by {review.by} at {short(review.head)}"
    return f"sent back: {_lines(review.said)}" if review.said.strip() else "sent back"


def _lines(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
