"""What a task uses, in one row: cpu and memory as numbers, and curves where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import percent
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.looks import size
from porch_tui.tui.drawing.sparkline import sparkline
from porch_tui.tui.drawing.styles import Span

MOST_BARS = 16
_LEAST_BARS = 4


def usage_spans(samples: Sequence[Sample], cells: int, charset: Charset) -> list[Span]:
    """Return cpu and memory in at most so many cells; nothing without samples, or without room."""
    if not samples:
        return []
    now = samples[-1]
    cpu, memory = f"{percent(now.cpu_percent):>4}", f"{size(now.rss_bytes):>5}"
    if cell_len(cpu + memory) > cells:
        return []
    bars = min(MOST_BARS, (cells - cell_len(cpu + memory) - 3) // 2)
    if bars < _LEAST_BARS:
        return [Span(cpu), Span(memory)]
    cpu_curve = sparkline([one.cpu_percent for one in samples], bars, 100.0, charset)
    memory_curve = sparkline([one.rss_bytes for one in samples], bars, 1.0, charset)
    return [
        Span(cpu_curve, Role.RUN),
        Span(f" {cpu} "),
        Span(memory_curve, Role.MUTED),
        Span(f" {memory.strip():>4}"),
    ]
