"""What a person overrode: where they decided otherwise than porch would have, or the plan says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from porch_tui.core.model.wording import listed
from porch_tui.present.amounts import duration
from porch_tui.present.overrides import Override
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Align, Cell, Column, Section, Table


def overrides_section(summary: Summary) -> Iterator[Section]:
    """Yield each override, in order, one after the other of the same kind in one row; nothing without any."""
    if summary.overrides:
        columns = (Column("at", Align.RIGHT), Column("task"), Column("override"))
        rows = tuple(
            _row(tuple(alike))
            for _, alike in groupby(summary.overrides, key=lambda one: (one.text, not one.task))
        )
        yield Section("Overrides", (Table(columns, rows),), comes_first=True)


def _row(alike: tuple[Override, ...]) -> tuple[str | Cell, ...]:
    first = alike[0]
    tasks = [one.task for one in alike if one.task]
    cell = Cell(tasks[0], task=tasks[0]) if len(tasks) == 1 else listed(tasks)
    return duration(first.at_s), cell, first.text
