"""What the report of a run is made of, its trace, and the copy that is left in the run's directory."""

from __future__ import annotations

import time

from porch_tui.cli.observing import lessons_of_run
from porch_tui.cli.output.printing import say
from porch_tui.cli.task_facts import task_facts
from porch_tui.core.advice.lessons import Lesson
from porch_tui.errors import PorchError
from porch_tui.git.objects import auto_gc
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import removal
from porch_tui.housekeeping.survey import Survey
from porch_tui.journal import lease
from porch_tui.journal.durable import replace
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.present.summary import summarise
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.report import ReportFacts, report_page
from porch_tui.report.report_json import report_document
from porch_tui.report.trace import trace_document
from porch_tui.session.session import Session


def report_facts(
    session: Session, repository: Repository | None, learned: tuple[Lesson, ...] | None = None
) -> ReportFacts:
    """Return what the report of a run is made of now. `learned` is what the run taught, if that is known.

    Without its repository, disk usage and what the run taught about its plan are left out.
    """
    state = session.state
    samples = {task: sample for task in state.tasks if (sample := session.sample(task)) is not None}
    disk_bytes = Survey(repository).usage_of_tasks(state.run) if repository else {}
    is_alive, now = session.is_engine_alive(), time.time()
    # without an engine times are known until the last record or measurement only
    measured = [min(one.at, now) for task, one in samples.items() if task in state.active]
    summary = summarise(state, session.records, now if is_alive else max(measured, default=None))
    if learned is None:
        learned = lessons_of_run(session, repository) if repository else ()
    attempts = [one.id for task in state.tasks.values() for one in task.attempts]
    return ReportFacts(
        summary,
        is_alive,
        samples,
        session.validation_logs(),
        disk_bytes,
        learned,
        task_facts(session, repository),
        {attempt: history for attempt in attempts if (history := session.history(attempt))},
    )


def run_trace(session: Session) -> str:
    """Return the run as Chrome trace events."""
    summary = summarise(session.state, session.records)
    attempts = [one.id for task in session.state.tasks.values() for one in task.attempts]
    histories = {str(attempt): session.history(attempt) for attempt in attempts}
    return as_json(trace_document(summary, session.records, histories))


def conclude(
    rundir: RunDir,
    repository: Repository,
    session: Session | None = None,
    learned: tuple[Lesson, ...] | None = None,
) -> None:
    """Write the report into the run's directory, empty porch's trash, and have git pack its objects.

    If the report cannot be written, that is printed and not raised: the run itself is complete. Nothing is
    written for a run that was deleted or moved with its repository. `session` has read the run already, and
    `learned` is what that taught, if it has been looked for.
    """
    if not rundir.journal.exists():
        return
    try:
        session = session or Session(rundir)
        session.catch_up()
        facts = report_facts(session, repository, learned)
        replace(rundir.report, as_markdown(report_page(facts), None).encode("utf-8", "surrogateescape"))
        replace(rundir.summary, as_json(report_document(facts)).encode())
    except (OSError, PorchError) as error:
        say(f"porch: the report of run {rundir.run} could not be written: {error}")
    removal.empty_trash(repository)
    if all(lease.holder(one) is None for one in all_runs(repository.common_dir)):
        auto_gc(repository)
