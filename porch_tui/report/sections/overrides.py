"""What a person overrode: where they decided otherwise than porch would have, or the plan says."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.present.amounts import duration
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Align, Cell, Column, Section, Table


def overrides_section(summary: Summary) -> Iterator[Section]:
    """Yield each override, in order; nothing in a run without any."""
    if found := summary.overrides:
        columns = (Column("at", Align.RIGHT), Column("task"), Column("override"))
        rows = tuple(
            (duration(one.at_s), Cell(one.task or "", task=one.task) if one.task else "", one.text)
            for one in found
        )
        yield Section("Overrides", (Table(columns, rows),), comes_first=True)
