"""`porch run`: checks a plan and runs it; and the ways to work on a run that `resume` and `demo` share."""

from __future__ import annotations

import argparse
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.cli.arguments import add_how_to_run, add_on, add_plan, add_red_base, count
from porch_tui.cli.engine_process import send_resumption, start_engine
from porch_tui.cli.lookup import is_terminal, repository_at
from porch_tui.cli.output.printer import unhurried
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.cli.plans import plan_path, prepared, shown_path, warnings_about
from porch_tui.core.model.plan import Plan, RunId
from porch_tui.errors import PorchError, RefusedError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.process.zygote_client import warm_up
from porch_tui.session.session import Session

if TYPE_CHECKING:
    from porch_tui.engine.new_run import Prepared
    from porch_tui.planfile.read import PlanFile

CANCELLED = 130
"""As if interrupted: a script that goes on after `porch run` must not."""

_BASE_OR_TARGET = re.compile(rb"^(?:base|target):", re.MULTILINE)
_COMMAND = re.compile(rb"\b(?:run|prompt):")
START_UP_S = 1.0
"""By then the first tasks run, mostly."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan(parser)
    add_how_to_run(parser)
    parser.add_argument("--slots", type=count, metavar="N", help="run N tasks at once")
    add_on(parser)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--serial", action="store_true", help="one task at a time, whatever the analysis says")
    mode.add_argument("--parallel", action="store_true", help="in parallel, whatever the analysis says")
    parser.add_argument(
        "-y", "--yes", action="store_true", help="start at once, without showing verdict and waves first"
    )
    add_red_base(parser)
    parser.add_argument("--beside", action="store_true", help="even if a run of this plan is active")
    parser.add_argument("--fresh", action="store_true", help="validate again what earlier runs validated")


def run(options: argparse.Namespace) -> int:
    """Check the plan, then run it."""
    with unhurried_headless(options):
        if is_headless(options):
            warm_up()
        return run_plan(options, repository_at(options.directory), options.plan)


def run_plan(options: argparse.Namespace, repository: Repository, plan: str | None) -> int:
    """Open a run of a plan file and work on it as the options say."""
    path = plan_path(repository, options.directory, plan)
    refuse_within_a_task(repository)
    with _begun_early(repository, path) if is_headless(options) else nullcontext(_begin_later) as begin:
        from porch_tui.cli.repository_items import RepositoryItems
        from porch_tui.planfile.read import read_plan

        def ready() -> tuple[PlanFile, Prepared]:
            read = read_plan(path, RepositoryItems(repository), on=tuple(options.on))
            begin(read.plan)
            return read, _ready(options, repository, read, path)

        if not _shows_page(options):
            return _run_read(options, repository, *ready())
        from porch_tui.cli.screen.before_run import decided

        chosen = decided(repository, path, ready)
        if chosen is None:
            say("porch: cancelled; nothing was started, and nothing changed")
            return CANCELLED
        return _run_read(options, repository, *chosen)


@contextmanager
def _begun_early(repository: Repository, path: Path) -> Iterator[Callable[[Plan], None]]:
    """Begin what the first tasks will need while the plan is read and checked, and the engine imported.

    Until what it yields is called with the plan, that is guessed.
    """
    from porch_tui.git.worktree import base_checkout

    def begin(tasks: int, branch: str | None) -> None:
        branch = branch or refs.branch_of_head(repository.git_dir)
        if branch and (tip := refs.loose(repository.common_dir, f"refs/heads/{branch}")):
            base_checkout.begin(repository, tip, tasks)

    def fit(plan: Plan) -> None:
        if plan.base is None:
            begin(len(plan.tasks), plan.target)
        else:
            base_checkout.end(repository)

    try:
        if tasks := _guessed_tasks(path):
            begin(tasks, None)
        yield fit
    finally:
        base_checkout.end(repository)


def _begin_later(plan: Plan) -> None:
    """Leave it to the engine, which will be another process."""


def _guessed_tasks(path: Path) -> int:
    """Return about how many tasks a plan has that has not been read yet; 0 if they may not start at HEAD."""
    content = b""
    with suppress(OSError):
        content = path.read_bytes() if path.is_file() else b""  # a pipe can be read only once
    return 0 if _BASE_OR_TARGET.search(content) else len(_COMMAND.findall(content))


def _shows_page(options: argparse.Namespace) -> bool:
    """Say whether the person sees the verdict before the run begins, and may change their mind."""
    is_asked = not getattr(options, "yes", True)  # only porch run has that option
    return is_asked and not options.detach and not is_headless(options)


def _ready(options: argparse.Namespace, repository: Repository, read: PlanFile, path: Path) -> Prepared:
    """Check a plan against its repository, and say what its author may want to look at again."""
    from porch_tui.core.forecast.verdict import Mode
    from porch_tui.engine.new_run import RunOverrides

    shown = shown_path(path, repository)
    for warning in warnings_about(read):
        say(f"porch: {warning.shown(path.name)}")
    mode = Mode.SERIAL if options.serial else Mode.PARALLEL if options.parallel else None
    if not options.beside and (run := _active_run(repository, shown)):
        raise RefusedError(
            f"{shown} is already running as {run}: porch attach {run}\n"
            f"To run it a second time beside that: porch run {shown} --beside (use {{run}} in `worktree:` and"
            " `branch:`, so that the two have folders and branches of their own)"
        )
    overrides = RunOverrides(
        options.slots, mode, options.allow_red_base, options.fresh, is_insecure=options.insecure
    )
    ready = prepared(repository, read, shown, overrides, is_to_run=True)
    for text in (*(one.shown(path.name) for one in read.warned(ready.about_places)), *ready.warnings):
        say(f"porch: {text}")
    return ready


def _run_read(options: argparse.Namespace, repository: Repository, read: PlanFile, ready: Prepared) -> int:
    """Open a run of a plan that was checked, and work on it."""
    from porch_tui.engine.new_run import open_run

    rundir = open_run(ready, read.content)
    if not options.json:
        say(f"run {rundir.run}: {ready.mode}, {ready.why}")
    return work_on(options, repository, rundir)


def refuse_within_a_task(repository: Repository) -> None:
    """Raise RefusedError if a task of this repository calls: an agent might start runs without end."""
    run, task = os.environ.get("PORCH_RUN", ""), os.environ.get("PORCH_TASK", "")
    if run and any(rundir.run == run for rundir in all_runs(repository.common_dir)):
        caller = f"the task {task}" if task else "a command"
        raise RefusedError(
            f"porch run was called by {caller} of {run}, and each of its tasks might do so in turn.\n"
            "If that is meant: env -u PORCH_RUN porch run"
        )


def _active_run(repository: Repository, shown: str) -> RunId | None:
    """Return the run of this plan file that an engine is at work on."""
    for rundir in all_runs(repository.common_dir):
        if lease.holder(rundir) is None:
            continue
        try:
            session = Session(rundir)
        except PorchError:
            continue  # damaged, or just beginning: its plan is not known
        opened = session.opened
        is_here = opened.plan_path == shown and opened.root == str(repository.root)
        if is_here and session.state.closed_at is None:
            return rundir.run
    return None


def work_on(options: argparse.Namespace, repository: Repository, rundir: RunDir) -> int:
    """Work on an opened run: in the foreground, detached, or behind a screen."""
    if options.detach:
        start_engine(repository, rundir, options.allow_red_base)
        if options.json:
            write_json({"run": rundir.run})
        else:
            write(f"{rundir.run}\n")
        return 0
    if is_headless(options):
        return _work_headless(options, repository, rundir)
    from porch_tui.cli.screen.show import show  # imports textual

    return show(options, repository, rundir, is_to_start=True, allow_red_base=options.allow_red_base)


def is_headless(options: argparse.Namespace) -> bool:
    """Say whether this process is to be the engine itself."""
    return not options.detach and (options.headless or options.json or not is_terminal())


def unhurried_headless(options: argparse.Namespace) -> AbstractContextManager[None]:
    """Keep a headless run from waiting for whatever reads its output."""
    return unhurried(is_json=options.json) if is_headless(options) else nullcontext()


def _work_headless(options: argparse.Namespace, repository: Repository, rundir: RunDir) -> int:
    from porch_tui.cli.engine_here import print_lines, print_records, work
    from porch_tui.cli.terminal_calls import has_person

    if lease.holder(rundir) is None:
        send_resumption(rundir, options.allow_red_base)
    reading_ahead = threading.Timer(START_UP_S, _import_what_the_end_needs)
    reading_ahead.daemon = True
    with suppress(RuntimeError):  # no more threads
        reading_ahead.start()
    on_written = print_records if options.json else print_lines
    is_seen = has_person() and not options.json
    code = work(rundir, repository, on_written, lambda state: options.wait, calls_here=is_seen)
    reading_ahead.cancel()
    from porch_tui.cli.observing import lessons_of_run
    from porch_tui.cli.run_report import conclude
    from porch_tui.cli.run_status import print_status, status_of

    session = Session(rundir)
    learned = lessons_of_run(session, repository)  # before the status, which reads what was remembered
    if options.json:
        write_json(status_of(session, repository, is_engine_alive=False), is_line=True)
    else:
        write("\n")
        print_status(session, repository)
    conclude(rundir, repository, session, learned)
    return code


def _import_what_the_end_needs() -> None:
    """Import while the tasks are at work: before they start, and after they have ended, someone waits."""
    with suppress(OSError, MemoryError):  # no more open files, say: then at the end there may be
        import porch_tui.cli.run_report
        import porch_tui.cli.run_status  # noqa: F401
