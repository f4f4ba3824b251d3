"""What an attempt uses at one moment. Telemetry: many a second, may be lost, never changes state."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.model.agent_report import AgentUsage


class Sample(Struct, frozen=True):
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
    read_bytes: int = 0
    """From disks, so far; 0 where the system does not tell."""
    written_bytes: int = 0
    """To disks, so far."""
    running: int = 0
    """Processes that ran at that moment, or could have if a core had been free."""
    log_bytes: int = 0
    """How long its log was by then: dates each line of the log."""
    agent: AgentUsage | None = None
    """What its agent says so far; None where porch does not read its output."""

    @property
    def demand(self) -> float:
        """How many cores it would keep busy if it had them."""
        return max(float(self.running), self.cpu_percent / 100)


def thinned(samples: Sequence[Sample], newest: int, older: int) -> list[Sample]:
    """Return the last `newest` samples, and before them at most `older`, evenly spread over their time.

    Of each stretch of time, a power of two of seconds long so that thinning again keeps what was kept, the
    last stays: processor time and peak are running totals, so nothing that was used is forgotten.
    """
    split = max(0, len(samples) - newest)
    old, step_s = list(samples[:split]), 1
    while len(old) > older:
        step_s *= 2
        old = list({int(sample.at // step_s): sample for sample in old}.values())
    return [*old, *samples[split:]]
