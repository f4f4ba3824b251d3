"""What the task screen says about a task: its status, attempts, output, changes, and its merge. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import NONE, shares
from porch_tui.core.model.plan import Kind, TaskId, shown
from porch_tui.core.model.state import Attempt, TaskState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import listed, one_line
from porch_tui.core.scheduling.budgets import NO_USAGE, budget_of, spent_of
from porch_tui.core.scheduling.shared import branch_of
from porch_tui.core.tasks.graph import dependents
from porch_tui.present.amounts import agent_usage, duration, elapsed, percent, short, size
from porch_tui.present.budget_text import used_text
from porch_tui.present.explain import ended_text
from porch_tui.present.gantt import chart
from porch_tui.present.signs import Charset, Role
from porch_tui.present.status_label import ran_s, task_label, why
from porch_tui.present.statuses import look
from porch_tui.present.summary import summarise
from porch_tui.tui.drawing.fields import Drawn, Field, Head, Item
from porch_tui.tui.drawing.sparkline import curve
from porch_tui.tui.drawing.styles import Span
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.entry_facts import entry_facts

SPARK_CELLS = 40


class TaskFiles(Struct, frozen=True):
    """What is known of a task from files, not from the state of the run."""

    worktree: str = ""
    diffstat: str = ""
    samples: Sequence[Sample] = ()
    tail: Sequence[str] = ()
    """The last lines of the log of its last attempt."""
    log: str = ""
    validation_log: str = ""
    records: Sequence[e.Record] = ()


def task_facts(view: View, task: TaskId, files: TaskFiles, charset: Charset) -> list[Item]:
    """Return everything there is to know about a task."""
    attempt = view.state.tasks[task].attempt
    items = [*_what(view, task), *_attempts(view, task, files, charset)]
    if attempt is not None and attempt.failure is not None and files.tail:
        items.append(Head(f"end of its output: {attempt.failure.text}"))
        items += [Field("", line) for line in files.tail]
        items.append(Field("log", files.log, Role.MUTED))
    items += _changes(files, _fate(view.state.tasks[task], view.state.specs[task].kind))
    items += [Head("merge queue"), *entry_facts(view, task, files.validation_log)[1:]]
    path = chart(summarise(view.state, files.records)).path if files.records else ()
    if task in path:
        items.append(Field("critical", f"on the critical path: {' -> '.join(path)}", Role.ASK))
    return items


def _what(view: View, task: TaskId) -> Iterator[Item]:
    state, spec = view.state, view.state.specs[task]
    where = task_label(state, task, view.now)
    yield Head(f"{task}  {spec.own_title}".rstrip())
    yield Field("status", where.word, look(where.status).sign.role)
    reason = why(state, task, view.predictions)
    if reason != shown(spec.command):
        yield Field("why", reason)
    need = view.derived.need_of(task)
    if need is not None:
        yield Field("next", need.next)
    if (budget := budget_of(state, task)) != NONE:
        sample = view.usage.get(task)
        spent = spent_of(state.tasks[task], (sample and sample.agent) or NO_USAGE, view.now)
        yield Field("budget", f"used {used_text(shares(budget, spent))}")
    yield Field("runs", shown(spec.command))
    for check in spec.checks:
        yield Field("checks", shown(check))
    attempt = state.tasks[task].attempt
    if spec.item:
        yield Field("item", one_line(spec.item))
    yield Field("branch", branch_of(state, task) or "none: checks share its worktree")
    base, head = attempt.base if attempt else None, state.tasks[task].head
    yield Field("base", f"{short(base)}  head {short(head)}", Role.MUTED)
    if (approval := state.tasks[task].approval) is not None:
        yield Field("approved", f"by {approval.by}, {elapsed(approval.at - state.opened_at)} into the run")
    if spec.of is not None:
        yield Field("theory of", spec.of)
    if spec.comes_later:
        yield Field("after", listed((*spec.after, *spec.after_hypotheses)))
    if behind := dependents(state.plan, task):
        yield Field("waiting", f"{listed(behind)} start after it")
    noticed = [one.text for one in state.noticed if one.task == task]
    if attempt is not None and attempt.notice:
        noticed.append(attempt.notice)
    if attempt is not None and attempt.undeclared_paths:
        noticed.append(f"it wrote undeclared paths: {', '.join(attempt.undeclared_paths)}")
    if attempt is not None and attempt.left_running:
        noticed.append(ended_text(attempt.left_running))
    for text in noticed:
        yield Field("look", text, Role.ASK)


def _attempts(view: View, task: TaskId, files: TaskFiles, charset: Charset) -> Iterator[Item]:
    attempts = view.state.tasks[task].attempts
    yield Head("attempts")
    if not attempts:
        yield Field("", "none yet", Role.MUTED)
        return
    for attempt in attempts:
        role = look(attempt_status(attempt)).sign.role
        yield Field(f"attempt {attempt.id.number}", _attempt(view, attempt), role)
        if attempt.leftover_ref:
            yield Field("", f"leftover work is kept as {attempt.leftover_ref}", Role.MUTED)
    cpu = [sample.cpu_percent for sample in files.samples]
    memory = [float(sample.rss_bytes) for sample in files.samples]
    if cpu:
        yield _spark("cpu", cpu, percent(max(cpu)), charset)
        yield _spark("memory", memory, size(int(max(memory))), charset)


def attempt_status(attempt: Attempt) -> TaskStatus:
    """Return the status that an attempt is shown with."""
    if attempt.ended_at is None:
        return TaskStatus.RUNNING
    if attempt.failure:
        return TaskStatus.FAILED
    return TaskStatus.SUCCEEDED if attempt.used else TaskStatus.CANCELLED


def _attempt(view: View, attempt: Attempt) -> str:
    how = attempt.failure.text if attempt.failure else look(attempt_status(attempt)).word
    code = attempt.failure.exit_code if attempt.failure else None
    exit_code = f" (exit {code})" if code is not None and f"exit {code}" not in how else ""
    used = attempt.used
    cost = f", cpu {duration(used.cpu_s)}, peak {size(used.peak_rss_bytes)}" if used else ""
    cost = cost if used is None or used.is_measured else ", cpu and memory unknown behind its fence"
    if used and used.agent and (said := agent_usage(used.agent.usage)):
        cost += f", {said}"
    where = "in its existing worktree" if attempt.keep_worktree else f"on {short(attempt.base)}"
    began = attempt.scheduled_at - view.state.opened_at
    return f"{how}{exit_code}, {where}, began {elapsed(began)}, ran {elapsed(ran_s(attempt, view.now))}{cost}"


def _spark(label: str, values: Sequence[float], most: str, charset: Charset) -> Drawn:
    line = curve(values, SPARK_CELLS, charset)
    name = f" {label:<11}"
    return Drawn((Span(name, Role.MUTED), Span(line, Role.RUN), Span(f"  peak {most}", Role.MUTED)))


def _fate(known: TaskState, kind: Kind) -> str:
    """Return what became of the worktree of a task that has landed, or of a check, in brackets."""
    if known.worktree_removed_at is not None:
        is_check = kind is Kind.CHECK
        return f" ({'unchanged: another check has it now' if is_check else 'removed: it has landed'})"
    return f" (kept: {known.worktree_kept})" if known.worktree_kept else ""


def _changes(files: TaskFiles, fate: str) -> Iterator[Item]:
    yield Head("changes since its base")
    if files.worktree:
        yield Field("worktree", f"{files.worktree}{fate}", Role.MUTED)
    for line in files.diffstat.splitlines():
        yield Field("", line)
    if not files.diffstat:
        yield Field("", "nothing", Role.MUTED)
