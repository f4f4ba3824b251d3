"""Curves one row high, and what a task uses: cpu and memory as numbers, with curves where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import percent, size
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.styles import Span

_BARS = {Charset.UNICODE: "▁▂▃▄▅▆▇█", Charset.ASCII: "_.:-=+*#"}


def sparkline(values: Sequence[float], cells: int, full: float, charset: Charset) -> str:
    """Return the last `cells` values as bars, blanks before them where there are fewer.

    `full` is what fills a cell, unless some value is larger: then that does. Zero is the lowest bar.
    """
    bars = _BARS[charset]
    shown = values[-cells:] if cells > 0 else ()
    per_bar = max([full, *shown]) / len(bars) or 1.0
    drawn = "".join(bars[min(len(bars) - 1, int(max(0.0, value) / per_bar))] for value in shown)
    return drawn.rjust(max(0, cells))


def curve(values: Sequence[float], cells: int, charset: Charset) -> str:
    """Return all of the values in at most so many cells, 0 at the bottom; of a cell the largest counts."""
    count = min(cells, len(values))
    groups = [values[len(values) * n // count : len(values) * (n + 1) // count] for n in range(count)]
    return sparkline([max(group) for group in groups], count, 0.0, charset)


MOST_BARS = 16
_LEAST_BARS = 4
FLAT = 0.9
"""An amount whose least is at least this share of its largest has no curve: it would be a block."""


def usage_spans(samples: Sequence[Sample], cells: int, charset: Charset) -> list[Span]:
    """Return cpu and memory in at most so many cells; nothing without samples, or without room.

    The curves have a bar for each sample, that of memory only while memory changes.
    """
    if not samples:
        return []
    now = samples[-1]
    cpu, memory = f"{percent(now.cpu_percent):>4}", f"{size(now.rss_bytes):>6}"
    if cell_len(cpu + memory) > cells:
        return []
    bars = min(MOST_BARS, len(samples), (cells - cell_len(cpu + memory) - 3) // 2)
    if bars < min(_LEAST_BARS, len(samples)):
        return [Span(cpu), Span(memory)]
    cpu_curve = sparkline([one.cpu_percent for one in samples], bars, 100.0, charset)
    held = [float(one.rss_bytes) for one in samples[-bars:]]
    memory_curve = "" if min(held) >= FLAT * max(held) else f" {sparkline(held, bars, 1.0, charset)}"
    return [
        Span(cpu_curve, Role.RUN),
        Span(f" {cpu}"),
        *([Span(memory_curve, Role.MUTED)] if memory_curve else []),
        Span(f" {memory.strip():>5}"),
    ]
