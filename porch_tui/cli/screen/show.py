"""Opens the screen on a run, and prints where the run stands once the person has left it."""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial

from porch_tui.cli.engine_process import launch_engine
from porch_tui.cli.failures import print_failures
from porch_tui.cli.output.printing import say
from porch_tui.cli.remembered import read_remembered, with_remembered
from porch_tui.cli.screen.keymap import checked_keys
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.cli.screen.themes import theme_warning
from porch_tui.cli.screen.tmux_window import window_named
from porch_tui.cli.settings import AUTO, Settings, configuration_folder, read_settings
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
    *,
    is_to_start: bool = False,
    allow_red_base: bool = False,
) -> int:
    """Show the run until the person leaves; then print where it stands.

    `is_to_start`: start an engine first, unless one is at work; it comes up while the screen does.
    """
    if not is_usable_terminal():
        raise RepositoryError("this terminal cannot show a screen; porch status and porch logs need none")
    settings = with_remembered(read_settings(), read_remembered())
    session = Session(rundir, partial(launch_engine, repository, rundir, allow_red_base))
    with splash(f"porch  {rundir.run}"):
        if is_to_start:
            session.start_engine()
        leaving = _run(options, repository, session, settings)
    match leaving:
        case Leaving.KILLED:
            return KILLED  # there may be no terminal left to print on
        case Leaving.BROKEN:
            return BROKEN
        case Leaving.STOPPED:
            from porch_tui.cli.steering import wait_for_end

            say("porch: stopping all tasks; ctrl+c returns to the shell at once")
            with suppress(KeyboardInterrupt):
                wait_for_end(session)
    session.catch_up()
    print_failures(session)
    from porch_tui.cli.run_status import print_status  # not before the screen

    print_status(session, repository)
    return 0


def _run(
    options: argparse.Namespace,
    repository: Repository,
    session: Session,
    settings: Settings,
) -> Leaving:
    theme = theme_named(options.theme or ("" if settings.theme == AUTO else settings.theme))
    with background_asked(is_wanted=wants_background(theme)) as is_light:
        import_screen()
        keys = checked_keys(settings)
        warnings = [*settings.warnings]
        if not options.theme and (why := theme_warning(settings)):
            warnings.append(why)
            theme = ""
        warnings += keys.warnings
        folder = f"{configuration_folder()}/"
        screen_options = options_for(
            fps=options.fps,
            is_low_bandwidth=options.low_bandwidth,
            is_ascii=options.ascii,
            has_mouse=not options.no_mouse,
            theme=theme,
            is_light=is_light(),
            layout=settings.layout,
            list_share=None if isinstance(settings.list_width, str) else settings.list_width / 100,
            sort=settings.sort,
            keymap=keys.keymap,
            commands=keys.commands,
            has_bell=settings.bell,
            has_title=settings.title,
            notify=settings.notify,
            leave_keys=settings.leave_keys,
            warnings=tuple(one.replace(folder, "", 1) for one in warnings),
        )
    with window_named(is_wanted=settings.title):
        return run_screen(session, screen_options, OutsideActions(repository, session.rundir))
