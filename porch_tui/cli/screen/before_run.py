"""Shows the verdict and the waves of a plan before its run is opened, and has the plan edited if asked to."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.cli.editor import edit
from porch_tui.cli.plans import warnings_about
from porch_tui.cli.screen.plan_page import WAITS_S, Choice, asked
from porch_tui.errors import PlanError
from porch_tui.git.repository import Repository
from porch_tui.report.before_run import before_run

if TYPE_CHECKING:
    from porch_tui.engine.new_run import Prepared
    from porch_tui.planfile.read import PlanFile

Ready = tuple["PlanFile", "Prepared"]
ROWS_BELOW = 3
"""For the keys, and an empty line above and below."""


def decided(repository: Repository, path: Path, ready: Callable[[], Ready]) -> Ready | None:
    """Return the plan to run as it is then, and what was found out about it; None to leave all as it is.

    `ready` reads and checks the plan file; what it raises is raised on the first time, and shown after an
    edit, so that it can be edited again.
    """
    threading.Thread(target=_import_screen, daemon=True).start()  # it is needed next
    waits_s: float | None = WAITS_S
    while True:
        try:
            found = ready()
        except PlanError as error:
            if waits_s is not None or _asked_again(error) is not Choice.EDIT:
                raise
        else:
            choice = asked(_lines(*found), waits_s=waits_s)
            if choice is Choice.START:
                return found
            if choice is Choice.CANCEL:
                return None
        waits_s = None
        edit(repository, path)


def _asked_again(error: PlanError) -> Choice:
    return asked(
        ["The plan cannot be run as it is:", *str(error).splitlines()], waits_s=None, can_start=False
    )


def _lines(read: PlanFile, ready: Prepared) -> list[str]:
    columns, rows = shutil.get_terminal_size()
    warnings = len(warnings_about(read)) + len(ready.about_places) + len(ready.warnings)
    size = {"width": columns - 1, "rows": rows - ROWS_BELOW}
    return before_run(ready.plan, ready.analysis, ready.mode, ready.pinned.target, warnings=warnings, **size)


def _import_screen() -> None:
    from porch_tui.tui.app.run import import_screen

    import_screen()
