"""A plan file looked at against its repository: what does not fit is told with its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from porch_tui.core.model.plan import RunId
from porch_tui.engine.new_run import Prepared, RunOverrides, prepare
from porch_tui.errors import PlanValueError, PorchError, RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal import lease
from porch_tui.journal.rundir import all_runs
from porch_tui.planfile.read import PlanFile
from porch_tui.session.session import Session


@contextmanager
def told_with_lines(read: PlanFile) -> Iterator[None]:
    """Report values of the plan that do not fit the repository as mistakes of its file."""
    try:
        yield
    except PlanValueError as error:
        raise read.placed(error) from None


def prepared(
    repository: Repository, read: PlanFile, shown: str, wishes: RunOverrides, *, is_to_run: bool = False
) -> Prepared:
    """Look at everything that could refuse a run of the plan, and forecast it. Raises PorchError.

    `shown` is what the plan file is called, also in the journal.
    """
    with told_with_lines(read):
        return prepare(repository, read.plan, shown, wishes, is_to_run)


def refuse_a_second_run(repository: Repository, shown: str) -> None:
    """Raise RefusedError if an engine is at work on a run of this plan file."""
    if run := _running(repository, shown):
        raise RefusedError(
            f"{shown} is already running as {run}: porch attach {run}\n"
            f"To run it a second time beside that: porch run {shown} --beside (use {{run}} in `worktree:` and"
            " `branch:`, so that the two have folders and branches of their own)"
        )


def _running(repository: Repository, shown: str) -> RunId | None:
    for rundir in all_runs(repository.common_dir):
        if lease.holder(rundir) is None:
            continue
        try:
            session = Session(rundir)
        except PorchError:
            continue  # damaged, or just beginning: it says nothing of its plan
        opened = session.opened
        is_here = opened.plan_path == shown and opened.root == str(repository.root)
        if is_here and session.state.closed_at is None:
            return rundir.run
    return None
