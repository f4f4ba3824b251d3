"""`porch runs`: the runs of a repository, a row each, whatever condition their directories are in."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import write, write_json
from porch_tui.core.model.state import RunState
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.rules.going_on import has_ended, would_go_on
from porch_tui.errors import PorchError
from porch_tui.git.worktree.disk_usage import NOTHING, DiskUsage
from porch_tui.housekeeping.survey import Survey, usage_text
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.present.amounts import moment
from porch_tui.present.cells import GAP, cells, left
from porch_tui.present.clean import clean
from porch_tui.present.explain import needs
from porch_tui.present.results import in_words, results
from porch_tui.session.session import Session

Json = dict[str, object]


def runs(options: argparse.Namespace) -> int:
    """List the runs of the repository, newest first."""
    repository = repository_at(options.directory)
    found, survey = all_runs(repository.common_dir), Survey(repository)
    if options.json:
        write_json(runs_document(found, survey))
    else:
        write(runs_text(found, survey))
    return 0


class Standing(StrEnum):
    """Where a run stands, in a word."""

    RUNNING = "running"
    NEEDS_YOU = "needs you"
    """Nothing more happens in it without a person."""
    INTERRUPTED = "interrupted"
    """There is work left, and no engine: `porch resume`."""
    ENDED = "ended"
    UNREADABLE = "unreadable"


class Row(Struct, frozen=True):
    """One run."""

    run: str
    standing: Standing
    plan: str = ""
    landed: int = 0
    tasks: int = 0
    result: str = ""
    """How many landed, or passed, of how many."""
    needs: int = 0
    opened_at: float | None = None
    changed_at: float | None = None
    room: DiskUsage = NOTHING
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
        return Row(rundir.run, Standing.UNREADABLE, room=survey.usage_of_run(rundir), trouble=str(error))
    wanted = len(needs(state))
    return Row(
        run=rundir.run,
        standing=_standing(state, is_alive, wanted, has_commands),
        plan=state.plan.name,
        landed=len(state.target.landed),
        tasks=len(state.tasks),
        result=in_words(results(state)),
        needs=wanted,
        opened_at=state.opened_at,
        changed_at=state.changed_at,
        room=survey.usage_of_run(rundir),
    )


def _standing(state: RunState, is_alive: bool, needs: int, has_commands: bool) -> Standing:
    if state.closed_at is not None:
        return Standing.ENDED
    if not is_alive and (has_commands or would_go_on(state)):
        return Standing.INTERRUPTED
    if has_ended(state):
        return Standing.NEEDS_YOU if needs else Standing.ENDED
    return Standing.RUNNING


def runs_document(runs: Iterable[RunDir], survey: Survey) -> Json:
    """Return the runs for programs; times are null and counts 0 where nothing can be read.

    `disk_bytes` is at least so much where `disk_is_whole` is false: it takes too long to look at all.
    """
    return {
        "runs": [
            {
                "run": row.run,
                "plan": row.plan,
                "standing": row.standing.value.replace(" ", "-"),
                "landed": row.landed,
                "tasks": row.tasks,
                "needs_you": row.needs,
                "opened_at": moment(row.opened_at),
                "changed_at": moment(row.changed_at),
                "disk_bytes": row.room.allocated_bytes,
                "disk_is_whole": row.room.is_whole,
                "trouble": row.trouble,
            }
            for row in (row_of(rundir, survey) for rundir in runs)
        ]
    }


def runs_text(runs: Iterable[RunDir], survey: Survey) -> str:
    """Return the runs for people, a line each, times in their own zone."""
    rows = [_cells(row_of(rundir, survey)) for rundir in runs]
    if not rows:
        return "no run yet; start one with porch run\n"
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_line(row, widths)}\n" for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(left(cell, room) for cell, room in zip(row, widths, strict=True)).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    if row.standing is Standing.UNREADABLE:
        return (clean(row.run), row.standing.value, "", "", usage_text(row.room), clean(row.trouble))
    when = "" if row.opened_at is None else f"{datetime.fromtimestamp(row.opened_at):%Y-%m-%d %H:%M}"
    standing = row.standing.value
    match row.standing:
        case Standing.NEEDS_YOU:
            standing += f": {row.needs}"
        case Standing.RUNNING | Standing.INTERRUPTED if row.needs:
            standing += f", {row.needs} need you"
    return (clean(row.run), standing, row.result, when, usage_text(row.room), clean(row.plan))
