"""Where a run stands, printed for people or as JSON. Reads the run directory and writes nothing."""

from __future__ import annotations

import time

from porch_tui.cli.observing import known_lessons
from porch_tui.cli.output.printing import palette, width, write
from porch_tui.core.model.commands import spelled
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.git.repository import Repository
from porch_tui.present.clean import clean
from porch_tui.report.status import status_document, status_text, wait_document
from porch_tui.session.session import Session


def status_of(session: Session, repository: Repository, *, is_engine_alive: bool) -> dict[str, object]:
    """Return the status of a run as the document that scripts rely on."""
    return status_document(
        session.state,
        engine_is_alive=is_engine_alive,
        samples=_samples(session),
        heads=_heads(session, repository),
        plan_path=session.opened.plan_path,
        predictions=session.predictions(),
        waiting=_waiting_commands(session),
        lessons=known_lessons(session, repository),
    )


def wait_status(session: Session) -> dict[str, object]:
    """Return where the run is as the short document that `porch wait` ends with."""
    return wait_document(
        session.state,
        engine_is_alive=session.is_engine_alive(),
        waiting=_waiting_commands(session),
    )


def print_status(session: Session, repository: Repository) -> None:
    """Print the status of a run for people."""
    write(
        status_text(
            session.state,
            engine_is_alive=session.is_engine_alive(),
            samples=_samples(session),
            now=time.time(),
            palette=palette(),
            width=width(),
            predictions=session.predictions(),
            waiting=_waiting_commands(session),
            engine_host=clean(session.engine_host()),
            lessons=known_lessons(session, repository),
            plan_path=session.opened.plan_path,
        )
    )


def _waiting_commands(session: Session) -> list[str]:
    """Return the commands that no engine has taken yet, as a person types them."""
    return [spelled(command) for command in session.waiting_commands()]


def _samples(session: Session) -> dict[TaskId, Sample]:
    """Return the last sample of each running attempt."""
    found = ((task, session.sample(task)) for task in session.state.active)
    return {task: sample for task, sample in found if sample is not None}


def _heads(session: Session, repository: Repository) -> dict[TaskId, Sha]:
    """Return the heads of tasks that have started and not succeeded; the journal has the others."""
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
