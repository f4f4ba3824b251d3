"""What did not go as it should, what is left for a person, and where somebody stepped in."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.wording import counted
from porch_tui.core.rules.going_on import would_go_on
from porch_tui.core.scheduling.readiness import is_hopeless
from porch_tui.present.amounts import duration
from porch_tui.present.explain import ended_text, needs
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.present.results import in_words, results
from porch_tui.present.summary import Summary
from porch_tui.report.blocks import Block, Item, Listing, Paragraph, Section, listed_or, listing
from porch_tui.report.wording import wall_s, why

PHRASES: tuple[tuple[Outcome | None, str], ...] = (
    (Outcome.CONFLICT, "{} in conflict"),
    (Outcome.REJECTED, "{} rejected"),
    (Outcome.FAILED, "{} failed"),
    (Outcome.CHECK_FAILED, "{} failed the checks"),
    (Outcome.TIMED_OUT, "{} timed out"),
    (Outcome.LOST, "{} lost"),
    (Outcome.STOPPED, "{} stopped"),
    (Outcome.BLOCKED, "{} blocked"),
    (Outcome.HELD, "{} held"),
    (Outcome.WAITING, "{} waiting"),
    (None, "{} under way"),
)


def result_sentence(summary: Summary, *, engine_is_alive: bool) -> str:
    """Return how the run came out, in one sentence; before it, that it was cut off, if it was."""
    state, counts = summary.state, summary.counts
    cut_off = "" if engine_is_alive or not would_go_on(state) else f"{CUT_OFF} "
    found = results(state)
    parts = [in_words(found, state.target.name)]
    parts += [f"{found.idle} had nothing to land"] if found.idle else []
    parts += [phrase.format(counts[how]) for how, phrase in PHRASES if counts.get(how)]
    gain = f" {duration(summary.task_s)} of work took {duration(summary.wall_s)}." if summary.task_s else ""
    return f"{cut_off}{', '.join(parts)}.{gain}"


CUT_OFF = "This run is not over, and no engine works on it: porch resume goes on with it."


def failures_section(summary: Summary) -> Section:
    """Return every attempt that failed, what else there was to know of attempts, and where the rest is."""
    state = summary.state
    stray = [
        f"{attempt.id} wrote outside the paths it declares: {', '.join(attempt.undeclared_paths)}"
        for attempt in _attempts(state)
        if attempt.undeclared_paths
    ]
    failed = [_failure_told(attempt) for attempt in _attempts(state) if attempt.failure]
    ended = [
        f"{attempt.id} {ended_text(attempt.left_running)}"
        for attempt in _attempts(state)
        if attempt.left_running
    ]
    told = stray + ended + [f"{one.attempt} {one.notice}" for one in summary.notices]
    left = [
        f"{attempt.id} left work uncommitted, which is kept: git show {attempt.leftover_ref}"
        for attempt in _attempts(state)
        if attempt.leftover_ref
    ]
    more: tuple[Block, ...] = tuple(listing(lines) for lines in (told, left) if lines)
    return Section("Failures", (listed_or(failed, "No attempt failed."), *more))


def left_section(summary: Summary, *, engine_is_alive: bool) -> Section:
    """Return what needs a person, each with the command for it, and what waits for that."""
    state = summary.state
    wanted = needs(state)
    waiting = [
        f"{task}: {why(state, task)}"
        for task in state.tasks
        if outcome(state, task) is Outcome.WAITING and is_hopeless(state, task)
    ]
    items = tuple(Item(f"{need.task}: {need.why}", need.next) for need in wanted)
    if not engine_is_alive and would_go_on(state):
        items = (Item("There is work left, and no engine", "porch resume"), *items)
    blocks: list[Block] = [Listing(items) if items else Paragraph("Nothing needs you.")]
    if waiting:
        blocks += [Paragraph("These wait for the ones above, and start by themselves:"), listing(waiting)]
    return Section("Left for you", tuple(blocks))


def interventions_section(summary: Summary) -> Section:
    """Return the commands that were refused, how often another engine took over, and what else was seen."""
    times = summary.takeovers
    engines = f"An engine took the run over {counted(times, 'time')}." if times else "One engine ran it all."
    refused = (f"porch {refusal.command}: refused, {refusal.why}" for refusal in summary.refusals)
    seen = [f"{one.task}: {one.text}" if one.task else one.text for one in summary.state.noticed]
    told: tuple[Block, ...] = (Paragraph("Seen besides:"), listing(seen)) if seen else ()
    return Section(
        "Refusals and engines", (Paragraph(engines), listed_or(refused, "No command was refused."), *told)
    )


def _attempts(state: RunState) -> Iterator[Attempt]:
    for task in state.tasks.values():
        yield from task.attempts


def _failure_told(attempt: Attempt) -> str:
    assert attempt.failure is not None  # the caller has looked
    took = f" after {duration(wall_s(attempt))}" if attempt.ended_at is not None else ""
    kind = attempt.failure.kind.value.replace("-", " ")
    return f"{attempt.id} {kind}{took}: {attempt.failure.text}"
