"""What happened in a run, as numbers and rows, folded from its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentUsage, total
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import Used
from porch_tui.core.model.hypothesis import is_to_land
from porch_tui.core.model.plan import Sha, TaskId, shown
from porch_tui.core.model.state import Attempt, RunState, TaskState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.feedback import SENT_BACK
from porch_tui.core.scheduling.progress import is_satisfied
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.present.overrides import Override, overrides
from porch_tui.present.spans import Gap, Span, gaps_of, spans_of, waits_of


class ConflictSeen(Struct, frozen=True):
    """A conflict the queue met, and how it ended."""

    task: TaskId
    partners: tuple[TaskId, ...]
    paths: tuple[str, ...]
    at_s: float
    end: str
    resolved_s: float | None = None
    """When it was resolved, or its task taken out of the queue or run again; None: not so far."""


class Review(Struct, frozen=True):
    """What a person said of work that waited for their review."""

    task: TaskId
    at_s: float
    head: Sha | None
    """What was approved; None: it was sent back."""
    by: str = ""
    """Who approved it."""
    said: str = ""
    """With which words it was sent back."""


class Edit(Struct, frozen=True):
    """A prompt, or a command, that a person has edited before a retry."""

    task: TaskId
    at_s: float
    what: str
    """`prompt` or `command`."""
    text: str
    """What it is from then on."""


class Summary(Struct, frozen=True):
    """A run in figures."""

    state: RunState
    wall_s: float
    """From opening to the last record, or as long as it was known to be at work."""
    task_s: float
    """Wall time of all attempts, added up; of those under way until then."""
    cpu_s: float
    peak_rss_bytes: int
    """Of the largest attempt."""
    spans: tuple[Span, ...]
    conflicts: tuple[ConflictSeen, ...]
    counts: dict[Outcome | None, int]
    waited_s: float
    """For how long attempts waited for a person, added up."""
    started_with: e.RunOpened
    refusals: tuple[e.CommandRefused, ...]
    takeovers: int
    notices: tuple[e.AttemptNoticed, ...] = ()
    """What there was to know of attempts while they ran."""
    reviews: tuple[Review, ...] = ()
    edits: tuple[Edit, ...] = ()
    overrides: tuple[Override, ...] = ()
    """Where a person decided otherwise than porch or the plan."""
    gaps: tuple[Gap, ...] = ()
    """When no engine ran."""
    waits: tuple[Span, ...] = ()
    """When attempts waited for a person."""

    @property
    def speedup(self) -> float:
        """Attempts' wall time over the run's: what running side by side gained."""
        return self.task_s / self.wall_s if self.wall_s else 1.0

    @property
    def until(self) -> float:
        """The moment it speaks of, in seconds since the epoch."""
        return self.state.opened_at + self.wall_s


def summarise(state: RunState, records: Sequence[e.Record], now: float | None = None) -> Summary:
    """Return the figures of a run from its state and its records, of which there is at least one.

    What is under way lasts until `now`, in seconds since the epoch; without it, until the last record.
    """
    opened = records[0].event
    assert isinstance(opened, e.RunOpened)  # `begin` has folded it
    spans = spans_of(records)
    used = [span.used for span in spans if span.what == "attempt" and span.used]
    is_at_work = any(span.end_s is None for span in spans)
    wall_s = max(records[-1].at, (now or 0.0) if is_at_work else 0.0) - records[0].at
    live = [wall_s - span.start_s for span in spans if span.what == "attempt" and span.end_s is None]
    return Summary(
        state=state,
        wall_s=wall_s,
        task_s=sum(one.wall_s for one in used) + sum(live),
        cpu_s=sum(one.cpu_s for one in used),
        peak_rss_bytes=max((one.peak_rss_bytes for one in used), default=0),
        spans=spans,
        conflicts=_conflicts(state, records),
        counts=Counter(outcome(state, task) for task in state.tasks),
        waited_s=sum(waited_s(task, state.changed_at) for task in state.tasks.values()),
        started_with=opened,
        refusals=tuple(r.event for r in records if isinstance(r.event, e.CommandRefused)),
        takeovers=sum(isinstance(record.event, e.EngineTookOver) for record in records),
        notices=tuple(notice for record in records if (notice := _notice(record.event)) is not None),
        reviews=tuple(review for record in records if (review := _review(record, records[0].at)) is not None),
        edits=tuple(edit for record in records if (edit := _edit(record, records[0].at)) is not None),
        overrides=overrides(records),
        gaps=gaps_of(records, spans),
        waits=waits_of(records, spans),
    )


class Actual(Struct, frozen=True):
    """When a task ran, in seconds since the run was opened."""

    start_s: float
    """Of its first attempt."""
    done_s: float | None
    """When its work had landed; a check's, or what had nothing to land, when it ended well.

    A theory's that does not land, when its hypothesis was decided. None: not yet.
    """


def actual_times(summary: Summary) -> dict[TaskId, Actual]:
    """Return when each task ran that has begun."""
    state, zero = summary.state, summary.state.opened_at
    found: dict[TaskId, Actual] = {}
    for task, known in state.tasks.items():
        if not known.attempts:
            continue
        entry, ended_at = state.entries.get(task), known.attempts[-1].ended_at
        done_at = None
        if is_satisfied(state, task):
            done_at = entry.decided_at if entry is not None and entry.landed else ended_at
        elif (of := state.specs[task].of) is not None and not is_to_land(state, task):
            done_at = state.hypotheses[of].decided_at
        start_s = known.attempts[0].scheduled_at - zero
        found[task] = Actual(start_s, None if done_at is None else done_at - zero)
    return found


def _edit(record: e.Record, zero: float) -> Edit | None:
    event = record.event
    if not isinstance(event, e.TaskRetried) or not event.command:
        return None
    what, text = ("prompt", event.prompt) if event.prompt else ("command", shown(event.command))
    return Edit(event.task, record.at - zero, what, text)


def _review(record: e.Record, zero: float) -> Review | None:
    match event := record.event:
        case e.TaskApproved():
            return Review(event.task, record.at - zero, event.head, by=event.by)
        case e.TaskRetried() if event.feedback.why == SENT_BACK:
            return Review(event.task, record.at - zero, None, said=event.feedback.said)
        case _:
            return None


def _notice(event: e.AnyEvent) -> e.AttemptNoticed | None:
    match event:
        case e.AttemptNoticed() if event.notice:
            return event
        case e.AttemptPaused() if event.reason:
            return e.AttemptNoticed(event.attempt, f"it was paused for a while: {event.reason}")
        case _:
            return None


def _conflicts(state: RunState, records: Sequence[e.Record]) -> tuple[ConflictSeen, ...]:
    zero, resolved_s = records[0].at, dict[TaskId, float]()
    found: list[ConflictSeen] = []
    for record in reversed(records):
        match event := record.event:
            case e.ConflictResolved() | e.EntryRequeued() | e.EntryWithdrawn() | e.TaskRetried() | e.Landed():
                resolved_s[event.task] = record.at - zero
            case e.CandidateConflicted():
                end, at_s = str(outcome(state, event.task) or "under way"), record.at - zero
                seen = ConflictSeen(event.task, event.partners, event.paths, at_s, end)
                found.append(replace(seen, resolved_s=resolved_s.get(event.task)))
            case _:
                pass
    return tuple(reversed(found))


def wall_s(attempt: Attempt) -> float | None:
    """Return the attempt's wall time as it was reported, or as the journal saw it; None while it runs."""
    if attempt.used and attempt.used.wall_s:
        return attempt.used.wall_s
    return None if attempt.ended_at is None else attempt.ended_at - attempt.scheduled_at


def waited_s(task: TaskState, now: float) -> float:
    """Return for how long the task's attempts have waited for a person until now, added up."""
    before = sum(attempt.waited_s for attempt in task.attempts)
    since = task.attempt.waits_since if task.attempt is not None else None
    return before + (max(now - since, 0.0) if since is not None else 0.0)


def agent_usage_of(task: TaskState, sample: Sample | None = None) -> AgentUsage:
    """Return what the agents of a task's attempts used together; `sample` is the last of a live one."""
    usages = [each.used.agent.usage for each in task.attempts if each.used and each.used.agent]
    live = [sample.agent] if sample is not None and sample.agent is not None and task.is_active else []
    return total([*usages, *live])


def agent_usage_of_run(state: RunState, samples: Mapping[TaskId, Sample]) -> AgentUsage:
    """Return what the agents of all tasks used together; `samples` are the last of live attempts."""
    return total(agent_usage_of(one, samples.get(task)) for task, one in state.tasks.items())


class Usage(Struct, frozen=True):
    """What is known of a task's use of the machine, over all its attempts; None: nothing is known."""

    wall_s: float | None
    paused_s: float
    cpu_s: float | None
    peak_rss_bytes: int | None
    waited_s: float = 0.0
    """For a person; part of the wall time."""
    read_bytes: int = 0
    """From disks; 0: nothing, or not measured."""
    written_bytes: int = 0
    agent: AgentUsage = AgentUsage()
    """What its agent says that it used."""


def usage(state: RunState, task_id: TaskId, sample: Sample | None, until: float | None = None) -> Usage:
    """Return what the task used: ended attempts as recorded, a live one as sampled.

    Of a live one the wall time is known with `until`, the moment now in seconds since the epoch.
    """
    task = state.tasks[task_id]
    walls = [wall for attempt in task.attempts if (wall := wall_s(attempt)) is not None]
    if task.is_active and until is not None and task.attempt is not None and wall_s(task.attempt) is None:
        walls.append(max(until - task.attempt.scheduled_at, 0.0))
    used = [one for attempt in task.attempts if (one := attempt.used) is not None and one != e.Used()]
    live = [sample] if sample is not None and task.is_active else []
    seen: list[Used | Sample] = [*(one for one in used if one.is_measured), *live]
    cpu = [one.cpu_s for one in seen]
    peak = [one.peak_rss_bytes for one in seen]
    return Usage(
        sum(walls) if walls else None,
        sum(one.paused_s for one in used),
        sum(cpu) if cpu else None,
        max(peak) if peak else None,
        waited_s(task, state.changed_at),
        sum(one.read_bytes for one in seen),
        sum(one.written_bytes for one in seen),
        agent_usage_of(task, sample),
    )
