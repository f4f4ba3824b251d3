"""status, report and runs: what a run directory says, to a person or a program. Writes no run directory."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import palette, replace_file, say, width, write, write_json
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.decide import spoken
from porch_tui.git.repository import Repository
from porch_tui.housekeeping.orphan_processes import orphan_warning
from porch_tui.present.clean import clean
from porch_tui.report.status import status_document
from porch_tui.report.status_text import status_text
from porch_tui.session.session import Session

ROOM_BYTES = 64 * 1024
"""Free on a disk: with less a record may fit no more."""


def status(options: argparse.Namespace) -> int:
    """Tell where everything stands."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    warn_of_full_disk(session)
    warning = orphan_warning(session)
    if warning:
        say(f"porch: {warning}")
    if options.json:
        write_json(status_of(session, repository, is_engine_alive=session.is_engine_alive()))
    else:
        print_status(session, repository)
    return 0


def status_of(session: Session, repository: Repository, *, is_engine_alive: bool) -> dict[str, object]:
    """Return where the run stands as the document that scripts rely on."""
    return status_document(
        session.state,
        engine_is_alive=is_engine_alive,
        samples=samples_of(session),
        heads=_heads(session, repository),
        plan_path=session.opened.plan_path,
        predictions=session.predictions(),
        waiting=waiting_for_an_engine(session),
    )


def print_status(session: Session, repository: Repository) -> None:
    """Print where the run stands, for people."""
    write(
        status_text(
            session.state,
            engine_is_alive=session.is_engine_alive(),
            samples=samples_of(session),
            now=time.time(),
            palette=palette(),
            width=width(),
            predictions=session.predictions(),
            waiting=waiting_for_an_engine(session),
            engine_host=clean(session.engine_host()),
        )
    )


def waiting_for_an_engine(session: Session) -> list[str]:
    """Return the commands no engine has heard yet, as a person types them behind `porch`."""
    return [spoken(command) for command in session.waiting_commands()]


def warn_of_full_disk(session: Session) -> None:
    """Say on stderr that the run waits for room on its disk, if it does."""
    free = shutil.disk_usage(session.rundir.path).free
    if free < ROOM_BYTES and session.is_engine_alive():
        where = session.rundir.path
        say(f"porch: the disk of {where} is full: the run waits until there is room")


def samples_of(session: Session) -> dict[TaskId, Sample]:
    """Return what each live attempt was last seen to use."""
    found = ((task, session.sample(task)) for task in session.state.active)
    return {task: sample for task, sample in found if sample is not None}


def _heads(session: Session, repository: Repository) -> dict[TaskId, Sha]:
    """Return where the branches stand whose task has begun and not succeeded: the journal has the others."""
    state = session.state
    asked = {
        f"refs/heads/{state.plan.branch_of(task_id, state.run)}": task_id
        for task_id, task in state.tasks.items()
        if task.attempts and task.head is None
    }
    if not asked:
        return {}
    listed = repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")
    branches = (line.partition(" ") for line in listed.splitlines())
    return {asked[ref]: Sha(oid) for oid, _, ref in branches if ref in asked}


def report(options: argparse.Namespace) -> int:
    """Tell the whole story of a run."""
    from porch_tui.cli.run_report import story_of, trace_of

    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    story = story_of(session, repository)
    forms: dict[str, Callable[[], str]] = {
        "text": story.text,
        "md": story.markdown,
        "json": story.json,
        "html": story.html,
        "trace": partial(trace_of, session),
    }
    text = forms[options.format]()
    if options.output in (None, "-"):
        write(text)
    else:
        replace_file(Path(options.directory) / options.output, text.encode("utf-8", "backslashreplace"))
    return 0
