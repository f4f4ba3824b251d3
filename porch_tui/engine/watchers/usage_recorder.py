"""Samples what running attempts use, once a second, in one pass for all; never into the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport, larger
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent
from porch_tui.core.model.telemetry import Sample
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.agent_output import GrowingLog
from porch_tui.executors.executor import Offer
from porch_tui.journal import telemetry
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.process import liveness, output
from porch_tui.process.assignment import FenceOrders, fence_of
from porch_tui.process.resource_usage import Sampler
from porch_tui.process.supervisor.kernel import Identity

MOST_WRITTEN = 250
"""Samples that one look writes: of more attempts, which only many places run, each is written less often."""


class UsageRecorder(Watcher):
    """Writes samples of the running attempts."""

    def __init__(
        self,
        directories: Callable[[], Mapping[e.AttemptId, Path]],
        elsewhere: Callable[[], Mapping[e.AttemptId, Sample]],
        on_samples: Callable[[Mapping[str, Sample]], None],
        agent_of: Callable[[e.AttemptId], Agent | None] = lambda attempt: None,
    ) -> None:
        """`elsewhere`: what cannot be measured here. `on_samples` receives all, in the recorder's thread."""
        self._directories = directories
        self._elsewhere = elsewhere
        self._on_samples = on_samples
        self._agent_of = agent_of
        self._agents: dict[str, GrowingLog] = {}
        """What the agents of running attempts have printed so far."""
        self._sampler = Sampler()
        self._shims: dict[str, Identity] = {}
        """Determined once for each attempt; the sample itself tells whether it still runs."""
        self._measured: dict[str, bool] = {}
        self._latest: dict[str, Sample] = {}
        self._written: dict[str, None] = {}
        """Running attempts with a sample in their files, that with the oldest first."""
        super().__init__("usage", period_s=1.0)

    @property
    def latest(self) -> Mapping[str, Sample]:
        """The last sample of each running attempt; replaced, never changed. From any thread."""
        return self._latest

    def look(self) -> None:
        """Write one sample for each running attempt."""
        attempts = self._directories()
        directories = {str(attempt): path for attempt, path in attempts.items()}
        logs = {
            key: self._agents.get(key) or GrowingLog(self._agent_of(attempt), directories[key] / OUTPUT)
            for attempt in attempts
            if (key := str(attempt))
        }
        heard = {str(attempt): sample for attempt, sample in self._elsewhere().items()}
        shims = dict[str, Identity]()
        for key, path in directories.items():
            if key in heard:
                continue
            if key in self._shims:
                shims[key] = self._shims[key]
            elif isinstance(found := liveness.find(path), liveness.Running):
                shims[key] = found.shim
        shims = {key: shim for key, shim in shims.items() if self._is_measured(key, directories[key])}
        latest = self._sampler.sample(shims) if shims else {}
        self._shims = {key: shims[key] for key in latest}
        latest |= {key: sample for key, sample in heard.items() if key in directories}
        self._agents = {key: logs[key] for key in latest}
        for key, sample in latest.items():
            before = self._latest.get(key) or telemetry.latest(directories[key])  # of an earlier engine
            latest[key] = replace(
                sample,
                peak_rss_bytes=max(before.peak_rss_bytes if before else 0, sample.peak_rss_bytes),
                log_bytes=output.size(directories[key] / OUTPUT),
                agent=logs[key].usage(),
            )
        for key in self._turn(latest):
            with suppress(OSError):  # a full disk may cost samples, never the run
                telemetry.append(directories[key], latest[key])
        self._latest = latest
        self._on_samples(latest)

    def _turn(self, latest: Mapping[str, Sample]) -> list[str]:
        """Return the attempts whose samples are written now: those that were not for the longest time."""
        waiting = [key for key in self._written if key in latest]
        turn = [*(key for key in latest if key not in self._written), *waiting][:MOST_WRITTEN]
        chosen = set(turn)
        self._written = dict.fromkeys([*(key for key in waiting if key not in chosen), *turn])
        return turn

    def _is_measured(self, key: str, directory: Path) -> bool:
        """Say whether an attempt's own processes do its work, and not those of a container's daemon."""
        if key not in self._measured:
            self._measured[key] = fence_of(directory) == FenceOrders()
        return self._measured[key]


def with_sampled(offer: Offer, rundir: RunDir) -> Offer:
    """Return an `offer` that completes what an attempt used with what only samples know.

    The kernel records the memory of the largest process, not of all together, and nothing of a lost attempt.
    """

    def completed(event: e.AnyEvent) -> e.AnyEvent:
        if not isinstance(event, e.AttemptSucceeded | e.AttemptFailed | e.AttemptStopped | e.AttemptLimited):
            return event
        if (sample := telemetry.latest(rundir.attempt(str(event.attempt)))) is None:
            return event
        said = event.used.agent
        if sample.agent is not None:  # of a lost attempt, or from where a long log has a gap by now
            said = said or AgentReport()
            said = replace(said, usage=larger(said.usage, sample.agent))
        used = replace(
            event.used,
            cpu_s=max(event.used.cpu_s, sample.cpu_s),
            peak_rss_bytes=max(event.used.peak_rss_bytes, sample.peak_rss_bytes),
            read_bytes=sample.read_bytes,
            written_bytes=sample.written_bytes,
            agent=said,
        )
        return replace(event, used=used)

    return lambda *events: offer(*map(completed, events))
