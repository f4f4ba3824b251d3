"""What the screen may have done outside of it, for a run and its repository: see `tui.outside`."""

from __future__ import annotations

from porch_tui.git.repository import Repository
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session


class Beside:
    """The rooms around the screen of one run. For several threads: each call reads the run by itself."""

    def __init__(self, repository: Repository, rundir: RunDir) -> None:
        self._repository = repository
        self._rundir = rundir

    def report(self) -> str:
        """Return the whole story of the run as text."""
        from porch_tui.cli.conclusion import story_of  # the screen is there before the report is asked for

        return story_of(Session(self._rundir)).text()
