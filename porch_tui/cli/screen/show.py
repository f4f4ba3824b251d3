"""Opens the screen on a run as terminal and person would have it, and says afterwards how things stand."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress

from porch_tui.cli.output.printing import say
from porch_tui.cli.screen.keymap import keymap_file, read_keymap
from porch_tui.cli.screen.outside import Beside
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import import_screen, run_screen
from porch_tui.tui.terminal.background import background_asked
from porch_tui.tui.terminal.environment import is_usable_terminal
from porch_tui.tui.terminal.options import Leaving, options_for, theme_named, wants_background
from porch_tui.tui.terminal.splash import splash

KILLED = 143
"""128 + SIGTERM, as a shell would have it."""
BROKEN = 70


def show(
    options: argparse.Namespace,
    repository: Repository,
    rundir: RunDir,
    start_engine: Callable[[], object],
    *,
    is_to_start: bool,
) -> int:
    """Show the run until the person leaves; then say on the normal screen where it stands.

    `is_to_start`: start an engine first, unless one is at work; it comes up while the screen does.
    """
    if not is_usable_terminal():
        raise RepositoryError("this terminal cannot show a screen; porch status and porch logs do without")
    keymap = read_keymap(keymap_file())
    session = Session(rundir, start_engine)
    with splash(f"porch  {rundir.run}"):
        if is_to_start:
            session.start_engine()
        leaving = _run(options, repository, session, keymap)
    match leaving:
        case Leaving.KILLED:
            return KILLED  # there may be no terminal left to say anything on
        case Leaving.BROKEN:
            return BROKEN
        case Leaving.STOPPED:
            _wait_until_stopped(session)
    _say_how_it_stands(session, repository)
    return 0


def _wait_until_stopped(session: Session) -> None:
    """Wait for the end of what the person has stopped; ctrl+c waits no longer."""
    from porch_tui.cli.steering import wait_for_end

    say("porch: stopping what runs; ctrl+c returns to the shell at once")
    with suppress(KeyboardInterrupt):
        wait_for_end(session)


def _say_how_it_stands(session: Session, repository: Repository) -> None:
    from porch_tui.cli.failures import print_failures  # nobody waits for the screen because of these
    from porch_tui.cli.run_status import print_status

    session.catch_up()
    print_failures(session)
    print_status(session, repository)


def _run(
    options: argparse.Namespace, repository: Repository, session: Session, keymap: dict[str, str]
) -> Leaving:
    theme = theme_named(options.theme)
    with background_asked(is_wanted=wants_background(theme)) as is_light:
        import_screen()
        wishes = options_for(
            fps=options.fps,
            is_low_bandwidth=options.low_bandwidth,
            is_ascii=options.ascii,
            has_mouse=not options.no_mouse,
            theme=theme,
            is_light=is_light(),
            keymap=keymap,
        )
    return run_screen(session, wishes, Beside(repository, session.rundir))
