"""Who has approved what, and what was sent back with which words."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.present.amounts import duration, short
from porch_tui.present.summary import Review, Summary
from porch_tui.report.forms.page import Column, Section, table


def reviews_section(summary: Summary) -> Iterator[Section]:
    """Yield what became of the work that waited for a person; nothing in a run without such work."""
    if summary.reviews:
        columns = [Column("at"), Column("task"), Column("decision")]
        rows = [(duration(one.at_s), one.task, _text(one)) for one in summary.reviews]
        yield Section("Reviews", (table(columns, rows, ""),))


def _text(review: Review) -> str:
    if review.head is not None:
        return f"approved by {review.by} at {short(review.head)}"
    words = "; ".join(line.strip() for line in review.said.splitlines() if line.strip())
    return f"sent back: {words}" if words else "sent back"
