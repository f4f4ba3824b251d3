"""What an attempt uses at one moment. Telemetry: many a second, may be lost, never changes state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """What an attempt and all its children use, at one moment."""

    at: float
    """Seconds since the epoch."""
    cpu_percent: float
    """100 is one core kept busy; eight busy cores are 800."""
    cpu_s: float
    """Processor time used so far, by what lives and by what has ended."""
    rss_bytes: int
    """Resident memory, summed; shared pages are counted once per process."""
    peak_rss_bytes: int
    """The highest `rss_bytes` sampled so far."""
    processes: int
