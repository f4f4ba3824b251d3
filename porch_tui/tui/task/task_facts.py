"""Everything about one task: what it is, its attempts, what it left behind, what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from porch_tui.core.analysis.graph import dependents
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec, shown
from porch_tui.core.model.state import Attempt
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import listed
from porch_tui.present.amounts import duration, elapsed, percent, size
from porch_tui.present.explain import ended_text
from porch_tui.present.gantt import chart
from porch_tui.present.signs import Charset, Role
from porch_tui.present.statuses import look
from porch_tui.present.summary import summarise
from porch_tui.tui.drawing.fields import Drawn, Field, Head, Item
from porch_tui.tui.drawing.sparkline import curve
from porch_tui.tui.drawing.styles import Span
from porch_tui.tui.model.status_label import ran_s, short, status_label, why
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.entry_facts import told as queue_told

SPARK_CELLS = 40


class Beside(Struct, frozen=True):
    """What is told of a task that stands in files, not in the run's facts."""

    worktree: str = ""
    diffstat: str = ""
    samples: Sequence[Sample] = ()
    tail: Sequence[str] = ()
    """The last lines of the log of its last attempt."""
    log: str = ""
    validation_log: str = ""
    records: Sequence[e.Record] = ()


def task_told(view: View, task: TaskId, beside: Beside, charset: Charset) -> list[Item]:
    """Return what there is to know."""
    return [
        *_what(view, task),
        *_notices(view, task),
        *_attempts(view, task, beside, charset),
        *_failure(view, task, beside),
        *_changes(beside),
        *queue_facts(view, task, beside),
    ]


def _what(view: View, task: TaskId) -> Iterator[Item]:
    state, spec = view.state, view.state.specs[task]
    where = status_label(view, task)
    yield Head(f"{task}  {spec.title}")
    yield Field("stands", where.word, look(where.status).sign.role)
    said = why(view, task)
    if said != shown(spec.command):
        yield Field("why", said)
    need = next((one for one in view.derived.needs if one.task == task), None)
    if need is not None:
        yield Field("next", need.next)
    yield from _commands(spec)
    attempt = state.tasks[task].attempt
    head = state.tasks[task].head
    yield Field("branch", state.plan.branch_of(task, state.run))
    yield Field("base", f"{short(attempt.base) if attempt else '-'}  head {short(head) or '-'}", Role.MUTED)
    behind = dependents(state.plan, task)
    if spec.after:
        yield Field("after", listed(spec.after))
    if behind:
        yield Field("waiting", f"{listed(behind)} will come after it")


def _commands(spec: TaskSpec) -> Iterator[Item]:
    yield Field("runs", shown(spec.command))
    for check in spec.checks:
        yield Field("checks", shown(check))


def _notices(view: View, task: TaskId) -> Iterator[Item]:
    """Yield what a person should know besides: of this task, and what nobody can be named for."""
    state = view.state
    attempt = state.tasks[task].attempt
    found = [one.text for one in state.noticed if one.task == task]
    if attempt is not None and attempt.notice:
        found.append(attempt.notice)
    if attempt is not None and attempt.undeclared_paths:
        found.append(f"it wrote outside what it declares: {', '.join(attempt.undeclared_paths)}")
    if attempt is not None and attempt.left_running:
        found.append(ended_text(attempt.left_running))
    for text in found:
        yield Field("look", text, Role.ASK)


def _attempts(view: View, task: TaskId, beside: Beside, charset: Charset) -> Iterator[Item]:
    attempts = view.state.tasks[task].attempts
    yield Head("attempts")
    if not attempts:
        yield Field("", "none yet", Role.MUTED)
        return
    for attempt in attempts:
        role = look(how_status(attempt)).sign.role
        yield Field(f"attempt {attempt.id.number}", _attempt(view, attempt), role)
        if attempt.leftover_ref:
            yield Field("", f"what it left uncommitted is kept as {attempt.leftover_ref}", Role.MUTED)
    cpu = [sample.cpu_percent for sample in beside.samples]
    memory = [float(sample.rss_bytes) for sample in beside.samples]
    if cpu:
        yield _spark("cpu", cpu, percent(max(cpu)), charset)
        yield _spark("memory", memory, size(int(max(memory))), charset)


def how_status(attempt: Attempt) -> str:
    """Return how an attempt came out, for `statuses.look`."""
    if attempt.ended_at is None:
        return "running"
    return "failed" if attempt.failure else "succeeded" if attempt.used else "stopped"


def _attempt(view: View, attempt: Attempt) -> str:
    how = attempt.failure.text if attempt.failure else how_status(attempt)
    code = attempt.failure.exit_code if attempt.failure else None
    exit_code = f" (exit {code})" if code is not None and f"exit {code}" not in how else ""
    used = attempt.used
    cost = f", cpu {duration(used.cpu_s)}, peak {size(used.peak_rss_bytes)}" if used else ""
    on_top_of = "in its worktree as it was" if attempt.keep_worktree else f"upon {short(attempt.base)}"
    began = attempt.scheduled_at - view.state.opened_at
    return f"{how}{exit_code}, {on_top_of}, began {elapsed(began)}, ran {elapsed(ran_s(view, attempt))}{cost}"


def _spark(label: str, values: Sequence[float], most: str, charset: Charset) -> Drawn:
    line = curve(values, SPARK_CELLS, charset)
    name = f" {label:<11}"
    return Drawn((Span(name, Role.MUTED), Span(line, Role.RUN), Span(f"  at most {most}", Role.MUTED)))


def _failure(view: View, task: TaskId, beside: Beside) -> Iterator[Item]:
    attempt = view.state.tasks[task].attempt
    if attempt is None or attempt.failure is None or not beside.tail:
        return
    yield Head(f"the end of its output: {attempt.failure.text}")
    for line in beside.tail:
        yield Field("", line, Role.TEXT)
    yield Field("log", beside.log, Role.MUTED)


def _changes(beside: Beside) -> Iterator[Item]:
    yield Head("changed since its base")
    if beside.worktree:
        yield Field("worktree", beside.worktree, Role.MUTED)
    for line in beside.diffstat.splitlines() or ["nothing"]:
        yield Field("", line, Role.MUTED if line == "nothing" else Role.TEXT)


def queue_facts(view: View, task: TaskId, beside: Beside) -> list[Item]:
    """Return where its work stands in the queue, and how much of the run's longest chain it is."""
    items: list[Item] = [Head("merge queue"), *queue_told(view, task, beside.validation_log)[1:]]
    if beside.records:
        drawn = chart(summarise(view.state, beside.records))
        if task in drawn.path:
            items.append(Field("critical", f"on the critical path: {' -> '.join(drawn.path)}", Role.ASK))
    return items
