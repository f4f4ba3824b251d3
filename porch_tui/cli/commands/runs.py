"""`porch runs`: lists the runs of a repository, one row each, also those that cannot be read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from porch_tui.cli.arguments import add_json
from porch_tui.cli.first_steps import first_steps
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import write, write_json
from porch_tui.core.model.state import RunState
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.rules.ending import has_ended, would_continue
from porch_tui.errors import PorchError
from porch_tui.git.worktree.disk_usage import NOTHING, DiskUsage
from porch_tui.housekeeping.survey import Survey, usage_text
from porch_tui.journal.rundir import RunDir
from porch_tui.present.amounts import moment
from porch_tui.present.cells import GAP, cells, left
from porch_tui.present.clean import clean
from porch_tui.present.explain import needs
from porch_tui.present.outcome import in_words, results
from porch_tui.session.session import Session

Json = dict[str, object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """List the runs of the repository, newest first."""
    repository = repository_at(options.directory)
    survey = Survey(repository)
    rows = [row_of(rundir, survey) for rundir in survey.runs]
    if options.json:
        write_json(_document(rows))
    elif rows:
        lines = [_cells(row) for row in rows]
        widths = [max(map(cells, column)) for column in zip(*lines, strict=True)]
        write("".join(f"{GAP.join(map(left, line, widths)).rstrip()}\n" for line in lines))
    else:
        write(f"{first_steps(repository.root)}\n")
    return 0


class RunStatus(StrEnum):
    """The state of a run, in a word."""

    RUNNING = "running"
    NEEDS_YOU = "needs you"
    """It waits for a person."""
    INTERRUPTED = "interrupted"
    """There is work left and no engine: `porch resume`."""
    ENDED = "ended"
    UNREADABLE = "unreadable"


class Row(Struct, frozen=True):
    """One run."""

    run: str
    status: RunStatus
    plan: str = ""
    landed: int = 0
    tasks: int = 0
    result: str = ""
    """How many landed, or passed, of how many."""
    needs: int = 0
    opened_at: float | None = None
    changed_at: float | None = None
    usage: DiskUsage = NOTHING
    """What its worktrees and its directory take on disk."""
    trouble: str = ""
    """Why it cannot be read."""


def row_of(rundir: RunDir, survey: Survey) -> Row:
    """Return the row of a run, also when its journal is damaged."""
    try:
        session = Session(rundir)
        state, is_alive = session.state, session.is_engine_alive()
        has_commands = bool(session.waiting_commands())
    except (PorchError, IllegalTransition) as error:
        return Row(rundir.run, RunStatus.UNREADABLE, usage=survey.usage_of_run(rundir), trouble=str(error))
    wanted = len(needs(state))
    return Row(
        run=rundir.run,
        status=_status(state, is_alive, wanted, has_commands),
        plan=state.plan.name,
        landed=len(state.target.landed),
        tasks=len(state.tasks),
        result=in_words(results(state)),
        needs=wanted,
        opened_at=state.opened_at,
        changed_at=state.changed_at,
        usage=survey.usage_of_run(rundir),
    )


def _status(state: RunState, is_alive: bool, needs: int, has_commands: bool) -> RunStatus:
    if state.closed_at is not None:
        return RunStatus.ENDED
    if not is_alive and (has_commands or would_continue(state)):
        return RunStatus.INTERRUPTED
    if has_ended(state):
        return RunStatus.NEEDS_YOU if needs else RunStatus.ENDED
    return RunStatus.RUNNING


def _document(rows: Sequence[Row]) -> Json:
    """Return the runs for programs; for a run that cannot be read, times are null and counts 0.

    If `disk_is_whole` is false, measuring would take too long and `disk_bytes` is a lower bound.
    """
    return {
        "runs": [
            {
                "run": row.run,
                "plan": row.plan,
                "standing": row.status.value.replace(" ", "-"),
                "landed": row.landed,
                "tasks": row.tasks,
                "needs_you": row.needs,
                "opened_at": moment(row.opened_at),
                "changed_at": moment(row.changed_at),
                "disk_bytes": row.usage.allocated_bytes,
                "disk_is_whole": row.usage.is_whole,
                "trouble": row.trouble,
            }
            for row in rows
        ]
    }


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row for people, times in their own zone."""
    if row.status is RunStatus.UNREADABLE:
        return (clean(row.run), row.status.value, "", "", usage_text(row.usage), clean(row.trouble))
    when = "" if row.opened_at is None else f"{datetime.fromtimestamp(row.opened_at):%Y-%m-%d %H:%M}"
    status = row.status.value
    match row.status:
        case RunStatus.NEEDS_YOU:
            status += f": {row.needs}"
        case RunStatus.RUNNING | RunStatus.INTERRUPTED if row.needs:
            status += f", {row.needs} need you"
    return (clean(row.run), status, row.result, when, usage_text(row.usage), clean(row.plan))
