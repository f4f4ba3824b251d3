"""The tasks of a run: one table of all, and a section for each with what one asks when it went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from porch_tui.core.model.plan import SHELL, TaskId, TaskSpec, shown
from porch_tui.core.model.state import Attempt
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import UNKNOWN, agent_usage, dollars, duration, short, size
from porch_tui.present.explain import Need, needs, reason
from porch_tui.present.outcome import GOOD, Outcome, outcome
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import look, status_of
from porch_tui.present.summary import Summary, usage, wall_s
from porch_tui.report.forms.page import (
    Align,
    Block,
    Cell,
    Change,
    Column,
    Facts,
    Item,
    Listing,
    Paragraph,
    Quotation,
    Section,
    Table,
    quotation,
    table,
)
from porch_tui.report.sections.sides import difference, lines_of
from porch_tui.report.sections.task_facts import Collision, FileChange, TaskFacts

DETAILED, MOST_DETAILED = 60, 240
"""More tasks than the first have no section of their own unless they did not end well, at most the second."""
PROMPT_LINES, SIDE_LINES, FILES = 40, 24, 20
"""Of a prompt, of one side of a conflict, of the files of a task; the rest is counted."""


def status_cell(summary: Summary, task: TaskId) -> Cell:
    """Return a task's status as a cell."""
    seen = look(status_of(summary.state, task))
    return Cell(seen.word, seen.sign)


def overview_section(
    summary: Summary, facts: Mapping[TaskId, TaskFacts], samples: Mapping[TaskId, Sample]
) -> Section:
    """Return how each task came out, and what it took, in a row each."""
    state = summary.state
    used = {task: usage(state, task, samples.get(task), summary.until) for task in state.tasks}
    has_files = any(one.files for one in facts.values())
    has_cost = any(one.agent.cost_usd is not None for one in used.values())
    columns = [
        Column("task"),
        Column("outcome"),
        Column("attempts", Align.RIGHT),
        Column("took", Align.RIGHT),
        *([Column("changes", Align.RIGHT)] if has_files else []),
        *([Column("cost", Align.RIGHT)] if has_cost else []),
        Column("what it is"),
    ]
    rows: list[tuple[str | Cell, ...]] = []
    for task, spec in state.specs.items():
        about = facts.get(task, TaskFacts())
        rows.append(
            (
                Cell(task, task=task),
                status_cell(summary, task),
                str(len(state.tasks[task].attempts)),
                duration(used[task].wall_s),
                *([changed(about.files)] if has_files else []),
                *([dollars(used[task].agent.cost_usd)] if has_cost else []),
                spec.own_title,
            )
        )
    rest = len(rows) - len(detailed(summary))
    more = (Paragraph(f"{counted(rest, 'task')} of these are in this table alone."),) if rest else ()
    return Section("Tasks", (table(columns, rows, "The plan has no tasks."), *more), comes_first=True)


def changed(files: tuple[FileChange, ...]) -> str:
    """Return the lines that were added and removed: `+12 -3`."""
    if not files:
        return UNKNOWN
    return f"+{sum(one.added or 0 for one in files)} -{sum(one.removed or 0 for one in files)}"


def detailed(summary: Summary) -> list[TaskId]:
    """Return the tasks that have a section each: in a large run only those that did not end well.

    Of too many of these first those that ended.
    """
    state = summary.state
    if len(state.tasks) <= DETAILED:
        return list(state.tasks)
    found = [task for task in state.tasks if outcome(state, task) not in GOOD]
    found.sort(key=lambda task: outcome(state, task) in (None, Outcome.WAITING))
    most = set(found[:MOST_DETAILED])
    return [task for task in state.tasks if task in most]


def task_sections(summary: Summary, facts: Mapping[TaskId, TaskFacts]) -> Iterator[Section]:
    """Yield a heading, and a section for each task that has one."""
    state, shown_tasks = summary.state, detailed(summary)
    if shown_tasks:
        yield Section("Task by task", ())
    wanted = {need.task: need for need in needs(state) if need.task is not None}
    for task in shown_tasks:
        yield _section(summary, task, facts.get(task, TaskFacts()), wanted.get(task))


def _section(summary: Summary, task: TaskId, facts: TaskFacts, need: Need | None) -> Section:
    state = summary.state
    spec, known, entry = state.specs[task], state.tasks[task], state.entries.get(task)
    seen = status_cell(summary, task)
    why = reason(state, task)
    rows: list[tuple[str, str | Cell]] = [
        ("outcome", Cell(seen.text if why in ("", seen.text) else f"{seen.text}: {why}", seen.sign))
    ]
    after = (*spec.after, *spec.after_hypotheses)
    rows += [("comes after", ", ".join(after))] if after else []
    rows += [("runs", f"{spec.kind} by {spec.agent}" if spec.agent else str(spec.kind))]
    rows += [("landed as", short(entry.landed))] if entry is not None and entry.landed else []
    rows += [("checks", "; ".join(map(shown, spec.checks)))] if spec.checks else []
    blocks: list[Block] = [Facts(tuple(rows)), _asked(spec)]
    if need is not None:
        blocks.append(Listing((Item(f"Needs you: {need.why}", need.next),)))
    if known.attempts:
        blocks.append(_attempts(known.attempts))
    blocks += _files(facts.files)
    for collision in facts.collisions:
        blocks += _collision(collision, _ahead(summary, task, collision.path), task)
    if facts.last_lines:
        blocks.append(quotation(facts.last_lines, f"The end of {facts.log}:"))
    title = f"{task}: {spec.own_title}" if spec.own_title else task
    return Section(title, tuple(blocks), task, seen.sign)


def _asked(spec: TaskSpec) -> Block:
    if not spec.prompt:
        return quotation(_first(_command_lines(spec), PROMPT_LINES), "Its command:")
    return quotation(_first(spec.prompt.strip().splitlines(), PROMPT_LINES), "Its prompt:")


def _command_lines(spec: TaskSpec) -> list[str]:
    is_script = spec.command[:2] == SHELL and len(spec.command) == 3
    return spec.command[2].strip().splitlines() if is_script else [shown(spec.command)]


def _first(lines: list[str], most: int) -> list[str]:
    rest = len(lines) - most
    return lines if rest <= 0 else [*lines[:most], f"… {counted(rest, 'more line')}"]


def _attempts(attempts: tuple[Attempt, ...]) -> Block:
    columns = [Column("attempt", Align.RIGHT), Column("took", Align.RIGHT), Column("CPU", Align.RIGHT)]
    columns += [Column("peak memory", Align.RIGHT), Column("agent"), Column("how it ended")]
    rows = [_attempt(one) for one in attempts]
    is_plain = not any(row[4] for row in rows)
    shown_columns = [column for column in columns if column.title != "agent" or not is_plain]
    return Table(tuple(shown_columns), tuple((*row[:4], *row[4 + is_plain :]) for row in rows))


def _attempt(one: Attempt) -> tuple[str | Cell, ...]:
    used = one.used
    is_measured = used is not None and used.is_measured
    said = used.agent if used else None
    if one.failure:
        end = Cell(f"{one.failure.kind.value.replace('-', ' ')}: {one.failure.text}", Sign.FAILED)
    elif one.lost_because:
        end = Cell(f"lost: {one.lost_because}", Sign.FAILED)
    elif one.limit:
        end = Cell(f"waited for its agent's account: {one.limit}", Sign.HELD)
    elif one.ended_at is None:
        end = Cell("under way", Sign.RUNS)
    else:
        end = Cell("ended well", Sign.GOOD)
    return (
        str(one.id.number),
        duration(wall_s(one)),
        duration(used.cpu_s) if used and is_measured else UNKNOWN,
        size(used.peak_rss_bytes or None) if used and is_measured else UNKNOWN,
        agent_usage(said.usage) if said else "",
        end,
    )


def _files(files: tuple[FileChange, ...]) -> Iterator[Block]:
    if not files:
        return
    columns = [Column("added", Align.RIGHT), Column("removed", Align.RIGHT), Column("file")]
    rows = [
        ("binary", "", one.path)
        if one.added is None or one.removed is None
        else (f"+{one.added}", f"-{one.removed}", one.path)
        for one in files[:FILES]
    ]
    rest = len(files) - FILES
    rows += [("", "", f"and {counted(rest, 'more file')}")] if rest > 0 else []
    yield Table(tuple(columns), tuple(rows))


def _ahead(summary: Summary, task: TaskId, path: str) -> str:
    """Return the target's name, with the tasks that had landed there and touched a path."""
    seen = [one.partners for one in summary.conflicts if one.task == task and path in one.paths]
    target = summary.state.target.name
    return f"{target} ({', '.join(seen[-1])})" if seen and seen[-1] else target


def _collision(one: Collision, target: str, task: TaskId) -> Iterator[Block]:
    """Yield both sides of a conflict, each as its difference from the base, and who chose what."""
    who = f"Chosen by {one.by}" if one.by else "Chosen"
    what = one.chosen
    if one.hunk is None:
        sides = ((2, target), (3, task))
        there = [f"{name} {'has' if number in one.stages else 'has not'}" for number, name in sides]
        have = f" ({', '.join(there)} it)" if one.stages else ""
        yield Listing((Item(f"Conflict in {one.path}, the whole file{have}. {who}: {what}"),))
        return
    yield _side(f"Conflict in {one.path}, {target}:", one.hunk.base, one.hunk.main)
    yield _side(f"{task}:", one.hunk.base, one.hunk.task)
    decision = one.decision
    if decision is not None and decision.text:
        yield quotation(_first(lines_of(decision.text), SIDE_LINES), f"{who}: {what}")
    else:
        yield Listing((Item(f"{who}: {what}"),))


def _side(title: str, base: bytes, side: bytes) -> Quotation:
    lines = difference(base, side)
    rest = len(lines) - SIDE_LINES
    if rest > 0:
        lines = [*lines[:SIDE_LINES], (Change.SAME, f"… {counted(rest, 'more line')}")]
    lines = lines or [(Change.SAME, "(no lines)")]
    return quotation((line for _, line in lines), title, (change for change, _ in lines))
