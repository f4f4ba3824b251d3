"""How the tasks' work came together on the target: landings, validations, rejections."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.merge_queue.verdicts import is_good
from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import AdHocValidation, QueueEntry, RunState
from porch_tui.core.model.status import TAKEN_OUT, TAKEN_OUT_BY_PERSON, EntryStatus
from porch_tui.core.model.wording import counted, listed
from porch_tui.present.amounts import duration, short
from porch_tui.present.explain import reason, taken_out_reason
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import (
    Align,
    Block,
    Cell,
    Column,
    Paragraph,
    Section,
    listed_or,
    listing,
    table,
)


def integration_section(summary: Summary, validation_logs: Mapping[Sha, str]) -> Section:
    """Return what landed, in order, how it was validated, and what was rejected and why.

    `validation_logs` says where the output of a tree's last validation is.
    """
    state = summary.state
    columns = [Column("place", Align.RIGHT), Column("task"), Column("commit"), Column("at", Align.RIGHT)]
    rows: list[tuple[str | Cell, ...]] = []
    for number, task in enumerate(state.target.landed, 1):
        if entry := state.entries.get(task):
            at = duration(None if entry.decided_at is None else entry.decided_at - state.opened_at)
            rows.append(
                (str(number), Cell(task, task=task), short(entry.landed), at, how_validated(state, entry))
            )
    rejections = []
    for entry in rejected(state):
        partners = f" (with {', '.join(entry.partners)})" if entry.partners else ""
        log = validation_logs.get(entry.tree) if entry.tree else None
        rejections.append(f"{entry.task}{partners}: {reason(state, entry.task)}{_output_in(log)}")
    by_hand = [
        f"{one.task} {ad_hoc_validation.described(one)}"
        f"{_output_in(validation_log(state, one, validation_logs))}"
        for one in ad_hoc_validation.current(state)
    ]
    idle = [entry.task for entry in state.entries.values() if entry.status is EntryStatus.NOTHING_TO_LAND]
    gone = [f"{task} by {by}" for task, by in reverted(state).items()]
    out = [f"{entry.task} ({taken_out_reason(entry)})" for entry in taken_out_by_person(state)]
    more: list[Block] = [Paragraph("Validated by hand:"), listing(by_hand)] if by_hand else []
    more += [Paragraph(f"Taken out by a person: {', '.join(out)}.")] if out else []
    more += [Paragraph(f"Reverted: {', '.join(gone)}.")] if gone else []
    more += [Paragraph(f"Had nothing to land: {', '.join(idle)}.")] if idle else []
    return Section(
        "Integration",
        (
            Paragraph(_target_text(state)),
            table([*columns, Column("validation")], rows, "Nothing has landed."),
            *_validations(summary, validation_logs),
            listed_or(rejections, "Nothing was rejected."),
            *more,
        ),
    )


def how_validated(state: RunState, entry: QueueEntry) -> str:
    """Return what is known of the combined state an entry landed as."""
    if not state.plan.has_validation:
        return "the plan has none"
    verdict = state.validations.verdicts.get(entry.tree) if entry.tree else None
    if verdict is not None and verdict.has_passed:
        others = [task for task in verdict.tasks if task != entry.task]
        return f"passed together with {listed(others)}" if others else "passed"
    if verdict is not None and entry.tree is not None and is_good(state, entry.tree):
        return "fails as the base does, which was allowed"
    for known in state.validations.verdicts.values():
        if known.has_passed and not known.is_probe and entry.task in known.tasks:
            return f"passed together with {listed([task for task in known.tasks if task != entry.task])}"
    return "not known"


def rejected(state: RunState) -> list[QueueEntry]:
    """Return the entries that were taken out of the queue and not by a person, in order of arrival."""
    return _with_status(state, TAKEN_OUT - TAKEN_OUT_BY_PERSON)


def taken_out_by_person(state: RunState) -> list[QueueEntry]:
    """Return what a person withdrew, undid, or stopped the validation of, in order of arrival."""
    return _with_status(state, TAKEN_OUT_BY_PERSON)


def _with_status(state: RunState, statuses: frozenset[EntryStatus]) -> list[QueueEntry]:
    found = (entry for entry in state.entries.values() if entry.status in statuses)
    return sorted(found, key=lambda entry: entry.place)


def _target_text(state: RunState) -> str:
    if state.target.tip == state.target.base:
        return f"{state.target.name} is at {short(state.target.tip)}, where the run began."
    kind = "a commit" if state.plan.squash else "a merge commit"
    return (
        f"{state.target.name} went from {short(state.target.base)} to {short(state.target.tip)};"
        f" {counted(len(state.target.landed), 'task')} landed, {kind} each, in this order:"
    )


def _validations(summary: Summary, logs: Mapping[Sha, str]) -> list[Block]:
    state = summary.state
    if not state.plan.has_validation:
        return [Paragraph("The plan has no validation: what merged cleanly landed without validation.")]
    times = [Column("at", Align.RIGHT), Column("took", Align.RIGHT)]
    rows = []
    for span in summary.spans:
        if span.what == "validation":
            took = duration(None if span.end_s is None else span.end_s - span.start_s)
            name = state.target.name if span.name == "base" else span.name
            rows.append((duration(span.start_s), took, name, span.how))
    ran = table([*times, Column("validated together"), Column("result")], rows, "No validation has run.")
    failures = [
        f"{', '.join(verdict.tasks) or state.target.name}: {verdict.text}{_output_in(logs[tree])}"
        for tree, verdict in state.validations.verdicts.items()
        if not verdict.has_passed and tree in logs
    ]
    return [ran, listing(failures)] if failures else [ran]


def _output_in(log: str | None) -> str:
    return f"; output in {log}" if log else ""


def validation_log(state: RunState, one: AdHocValidation, logs: Mapping[Sha, str]) -> str | None:
    """Return where the output of an ad-hoc validation is; None if its tree was validated again since."""
    if one.tree is None or one.verdict is None:
        return None
    return logs.get(one.tree) if state.validations.begun.get(one.tree) == one.number else None
