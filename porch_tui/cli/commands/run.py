"""run, resume, attach, and the engine process that a screen looks at."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Protocol

from porch_tui.cli.lookup import is_terminal, plan_path, repository_at, run_named, shown_path
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.cli.output.streams import unhurried
from porch_tui.errors import JournalError, PlanError, RefusedError, RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session

CAME_AND_WENT = (0, 1)
"""Exit codes of an engine that found nothing left to do."""
START_UP_S = 1.0
"""By then the first tasks run, mostly."""
ENGINE_BEGINS_S = 15.0
"""An engine takes its lease within a fraction of a second; a machine too busy for this is told so."""


class Process(Protocol):
    """An engine process that was started."""

    returncode: int | None

    def poll(self) -> int | None:
        """Return its exit code; None while it lives."""


def run(options: argparse.Namespace) -> int:
    """Check the plan, then run it."""
    with at_readers_pace(options):
        return begin(options, repository_at(options.directory), options.plan)


def begin(options: argparse.Namespace, repository: Repository, plan: str | None) -> int:
    """Open a run of a plan file and work on it as the options say."""
    from porch_tui.cli.plans import prepared, refuse_a_second_run
    from porch_tui.core.analysis.analysis import Mode
    from porch_tui.engine.new_run import RunOverrides, open_run
    from porch_tui.planfile.read import read_plan
    from porch_tui.process.zygote_client import warm_up

    path = plan_path(repository, options.directory, plan)
    read = read_plan(path)
    for warning in read.warnings:
        say(f"porch: {path.name}:{warning.line}: {warning.text}")
    if _works_here(options):
        warm_up()
    mode = Mode.SERIAL if options.serial else Mode.PARALLEL if options.parallel else None
    if options.on not in (None, "threads"):
        raise PlanError(f"--on {options.on}: not supported yet; attempts run in threads")
    wishes = RunOverrides(options.slots, mode, options.allow_red_base, options.fresh)
    shown = shown_path(path, repository)
    if not options.beside:
        refuse_a_second_run(repository, shown)
    ready = prepared(repository, read, shown, wishes, is_to_run=True)
    for text in ready.warnings:
        say(f"porch: {text}")
    rundir = open_run(ready)
    if not options.json:
        say(f"run {rundir.run}: {ready.mode}, {ready.analysis.reasons[0]}")
    return proceed(options, repository, rundir)


def resume(options: argparse.Namespace) -> int:
    """Start an engine on a run that has none, and go on."""
    with at_readers_pace(options):
        return _resume(options)


def _resume(options: argparse.Namespace) -> int:
    repository = repository_at(options.directory)
    rundir = run_named(repository, options.run)
    if Session(rundir).state.closed_at is not None:
        raise RefusedError(f"run {rundir.run} is closed and does not go on; porch run begins another")
    return proceed(options, repository, rundir)


def proceed(options: argparse.Namespace, repository: Repository, rundir: RunDir) -> int:
    """Work on an opened run: in the foreground, detached, or behind a screen."""
    allow_red_base = options.allow_red_base
    if options.detach:
        start_engine(repository, rundir, allow_red_base)
        write(f"{rundir.run}\n")
        return 0
    if _works_here(options):
        return _work_headless(options, repository, rundir)
    return _show(options, repository, rundir, is_to_start=True)


def _works_here(options: argparse.Namespace) -> bool:
    """Say whether this process is to be the engine itself."""
    return not options.detach and (options.headless or options.json or not is_terminal())


def at_readers_pace(options: argparse.Namespace) -> AbstractContextManager[None]:
    """Have a run in the foreground print in a way that never holds it up. The screen has ways of its own."""
    return unhurried(is_json=options.json) if _works_here(options) else nullcontext()


def attach(options: argparse.Namespace) -> int:
    """Open the screen on a run."""
    repository = repository_at(getattr(options, "directory", "."))
    rundir = run_named(repository, getattr(options, "run", None))
    if not is_terminal():
        raise RepositoryError("the screen needs a terminal; porch status and porch logs do without one")
    return _show(options, repository, rundir)


def engine(options: argparse.Namespace) -> int:
    """Be the engine of a run, in a session of its own, until nothing more happens."""
    from porch_tui.cli.engine_here import is_waiting_for_checkout, work
    from porch_tui.cli.run_report import conclude
    from porch_tui.cli.telling import tell_lines
    from porch_tui.process.zygote_client import warm_up

    warm_up()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    repository = repository_at(options.directory)
    rundir = run_named(repository, options.run)
    with unhurried():
        try:
            return work(rundir, repository, tell_lines, is_waiting=is_waiting_for_checkout)
        finally:
            conclude(rundir, repository)


def launch_engine(repository: Repository, rundir: RunDir, allow_red_base: bool = False) -> Process | None:
    """Start an engine process on the run and return at once; None if one has the run already."""
    from porch_tui.process.children import start_detached

    if lease.holder(rundir) is not None:
        return None
    _say_resumption(rundir, allow_red_base)
    # -P: the repository's own folders must not stand in for installed packages
    command = [sys.executable, "-P", "-m", "porch_tui", "engine", "-C", str(repository.root), rundir.run]
    return start_detached(command, repository.root, rundir.engine_log)


def start_engine(repository: Repository, rundir: RunDir, allow_red_base: bool = False) -> None:
    """Start an engine process on the run and wait until it has the lease.

    Raises JournalError with the engine's own last words if it does not come up.
    """
    process = launch_engine(repository, rundir, allow_red_base)
    deadline = time.monotonic() + ENGINE_BEGINS_S
    while process is not None and lease.holder(rundir) is None:
        if process.poll() in CAME_AND_WENT:
            return
        if process.returncode is not None or time.monotonic() > deadline:
            words = rundir.engine_log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise JournalError(
                f"the engine of run {rundir.run} did not come up: {words[-1]}; "
                f"see {rundir.engine_log}, then try porch resume"
            )
        time.sleep(0.01)


def _show(
    options: argparse.Namespace, repository: Repository, rundir: RunDir, is_to_start: bool = False
) -> int:
    from porch_tui.cli.screen.show import show  # it knows the screen's rooms, and nobody else pays for them

    allow_red_base = getattr(options, "allow_red_base", False)
    start = partial(launch_engine, repository, rundir, allow_red_base)
    return show(options, repository, rundir, start, is_to_start=is_to_start)


def _work_headless(options: argparse.Namespace, repository: Repository, rundir: RunDir) -> int:
    from porch_tui.cli.engine_here import work
    from porch_tui.cli.telling import tell_json, tell_lines

    if lease.holder(rundir) is None:
        _say_resumption(rundir, options.allow_red_base)
    told = tell_json if options.json else tell_lines
    reading_ahead = threading.Timer(START_UP_S, _import_what_the_end_needs)
    reading_ahead.daemon = True
    with suppress(RuntimeError):  # no more threads
        reading_ahead.start()
    code = work(rundir, repository, told, is_waiting=lambda state: options.wait)
    reading_ahead.cancel()
    from porch_tui.cli.run_report import conclude
    from porch_tui.cli.run_status import print_status, status_of

    session = Session(rundir)
    if options.json:
        write_json(status_of(session, repository, is_engine_alive=False), is_line=True)
    else:
        write("\n")
        print_status(session, repository)
    conclude(rundir, repository, session)
    return code


def _import_what_the_end_needs() -> None:
    """Import while the tasks are at work: before they begin, and after they have ended, someone waits."""
    with suppress(OSError, MemoryError):  # no more open files, say: then at the end there may be
        import porch_tui.cli.run_report
        import porch_tui.cli.run_status  # noqa: F401


def _say_resumption(rundir: RunDir, allow_red_base: bool) -> None:
    """Put into the inbox what resuming means: a paused run goes on, unless it is about to be stopped."""
    from porch_tui.cli.engine_here import resumption
    from porch_tui.journal import inbox

    session = Session(rundir)
    if session.is_stop_waiting:
        return
    for command in resumption(session.state, allow_red_base):
        inbox.drop(rundir, command)
