"""What the queue screen says about an entry of the merge queue, and about the queue as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.prediction import predictions_of
from porch_tui.core.merge_queue.train import is_suspect, train
from porch_tui.core.merge_queue.verdicts import base_trouble, is_base_red
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import QueueEntry, Validation
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.tasks.graph import dependents
from porch_tui.present.amounts import elapsed
from porch_tui.present.explain import reason
from porch_tui.present.outcome import QueueWord, queue_words
from porch_tui.present.signs import Role
from porch_tui.present.status_label import entry_label, queue_detail
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.fields import Field, Head, Item
from porch_tui.tui.model.view import View

MOST_FILES = 12


def row_detail(view: View, entry: QueueEntry) -> str:
    """Return why an entry has its status, or whether it passes together with those ahead of it."""
    if queue_words(view.state)[entry.task] is QueueWord.LANDED:
        return ""
    return queue_detail(view.state, entry) or combination(view, entry)[0]


def combination(view: View, entry: QueueEntry) -> tuple[str, Role]:
    """Return whether an entry passes together with all ahead of it, and its color; empty if not known."""
    state = view.state
    if is_suspect(state, entry):
        return f"Failed on {state.target.name}; retrying outside the queue", Role.FAIL
    verdict = state.validations.verdicts.get(entry.tree) if entry.tree else None
    if verdict is None or entry.status is not EntryStatus.READY:
        return "", Role.TEXT
    ahead = f" with {listed(entry.on_top_of)}" if entry.on_top_of else ""
    if verdict.has_passed:
        return f"passes{ahead}", Role.GOOD
    return f"fails{ahead}: {verdict.text}", Role.FAIL


def entry_facts(view: View, task: TaskId, log: str) -> list[Item]:
    """Return everything about a task's entry; `log` is the path of the log that decided about it, if any."""
    entry = view.state.entries.get(task)
    if entry is None:
        return [Head(task), Field("", f"not in the merge queue: {view.state.tasks[task].status}", Role.MUTED)]
    return [
        Head(f"{task}  {view.state.specs[task].own_title}".rstrip()),
        *_status(view, entry),
        *_conflicts(view, entry),
        *_validations(view, entry),
        *([Field("log", log, Role.MUTED)] if log else []),
    ]


def _status(view: View, entry: QueueEntry) -> Iterator[Item]:
    state, task = view.state, entry.task
    where = entry_label(state, entry, view.now)
    place, count = view.derived.places.get(task), len(view.derived.places)
    at = f", number {place} of {count}" if place else ""
    moved = ", moved by you" if place and entry.rank is not None else ""
    yield Field("status", f"{where.word}{at}{moved}", look(where.status).sign.role)
    why = reason(state, task)
    if why:
        yield Field("why", why)
    need = view.derived.need_of(task)
    if need is not None:
        yield Field("next", need.next)
    behind = dependents(state.plan, task)
    if behind and entry.status is not EntryStatus.LANDED:
        yield Field("waiting", f"{listed(behind)} start after it", Role.MUTED)


def _conflicts(view: View, entry: QueueEntry) -> Iterator[Item]:
    """Yield the files that are in the way, and the entries it is in conflict with."""
    label = "in the way" if entry.status is EntryStatus.BLOCKED else "conflicts"
    for path in entry.conflicts[:MOST_FILES]:
        yield Field(label, path, Role.ASK)
    if len(entry.conflicts) > MOST_FILES:
        yield Field(label, f"and {len(entry.conflicts) - MOST_FILES} more", Role.MUTED)
    if entry.status is EntryStatus.BLOCKED and entry.is_retried:
        yield Field("then", "it lands automatically once they are out of the way", Role.MUTED)
    if entry.partners:
        yield Field("with", ", ".join(entry.partners), Role.ASK)


def _validations(view: View, entry: QueueEntry) -> Iterator[Item]:
    state, task = view.state, entry.task
    known, role = combination(view, entry)
    if known:
        yield Field("together", known, role)
    for flight in state.validations.in_flight.values():
        if task in flight.tasks:
            others = [one for one in flight.tasks if one != task]
            what = f"with {', '.join(others)}" if others else "alone"
            yield Field("testing", f"{what}{_since(view, flight)}", Role.RUN)
    for one in ad_hoc_validation.of_task(state, task):
        yield Field("ad hoc", ad_hoc_validation.described(one))
    for path in entry.resolved:
        yield Field("resolved", f"{path} {', '.join(entry.resolved_by)}".rstrip(), Role.MUTED)
    for text in predictions_of(state, task, view.predictions):
        yield Field("predicted", text, Role.ASK)


def _since(view: View, flight: Validation) -> str:
    outside = " (outside the queue)" if flight.is_probe else ""
    return f"{outside}, {elapsed(view.now - flight.scheduled_at)}"


def queue_facts(view: View) -> list[Item]:
    """Return what is being merged and validated together, and what is known to pass."""
    state = view.state
    items: list[Item] = [Head("merge queue")]
    if is_base_red(state):
        items.append(Field("target", f"{base_trouble(state)}: no task is blamed", Role.FAIL))
    for flight in state.validations.in_flight.values():
        what = " + ".join(flight.tasks) or state.target.name
        items.append(Field("testing", f"{what}{_since(view, flight)}", Role.RUN))
    names: list[TaskId] = []
    for link in train(state).entries:
        names.append(link.task)
        verdict = state.validations.verdicts.get(link.tree) if link.tree else None
        if verdict is not None:
            how = "passes" if verdict.has_passed else f"fails: {verdict.text}"
            role = Role.GOOD if verdict.has_passed else Role.FAIL
            items.append(Field("known", f"{' + '.join(names)} {how}", role))
    missing = train(state).missing
    if missing is not None:
        on_top_of = listed(missing.on_top_of) or state.target.name
        items.append(Field("merging", f"{missing.entry.task} onto {on_top_of}", Role.RUN))
    if len(items) == 1:
        items.append(Field("", "nothing is being merged or validated", Role.MUTED))
    return items
